"""Ready-made rooms in which people, nodes and access points stand where they do at home.

Access points and boards stand where an owner puts them who follows docs/hardware-and-placement.md: chest-high along the
walls, the first board so that its line leads past the places where people stay, and somewhere else when the panel shows
little of somebody who sits down. Who puts them anywhere gets links that show a person by 4 % in the median place and by
1 % at the worst tenth: docs/benchmarks/simulator.md.
"""

from collections.abc import Callable
from math import dist, pi
from typing import Final

import numpy as np

from .scene import Clutter, Door, FrameShare, NodeSite, Point, Room, Scene, Spot, Transmitter
from .tones import tone_layout

#: UDP port the simulated boards send from. Origin: chosen, their target port.
SOURCE_PORT: Final = 5005
#: Node n sends from 127.0.0.(10 + n). Origin: derived, the last of three must stay below 127.0.0.255.
MAX_FIRST_NODE: Final = 200

#: What an access point's frames are on the boards' usual 20 MHz channel. Origin: measured, two-board recording: 148
#: bytes 78–80 %, 276 bytes 19–24 %, 404 bytes 1 %.
FIELD_MIX: Final = (("64", 0.79), ("128", 0.20), ("192-stbc", 0.01))

#: Nothing that scatters is nearer than this to an antenna. Origin: chosen; what touches an antenna is part of it (its
#: pattern, and shaded with it), while a point scatterer there would outshine the line of sight past every body.
CLEAR_M: Final = 0.8


def _clutter(
    room: Room, antennas: tuple[Point, ...], seed: int, n_inside: int = 10, n_outside: int = 12
) -> tuple[Clutter, ...]:
    """Furniture within and walls, cars and cupboards beyond: the late part of the echo."""
    rng = np.random.default_rng([seed, 7])
    things: list[Clutter] = []
    while len(things) < n_inside:
        x, y, z = rng.uniform((0.2, 0.2, 0.2), (room.width - 0.2, room.depth - 0.2, room.height - 0.3))
        if any(dist((x, y, z), antenna) < CLEAR_M for antenna in antennas):
            continue
        things.append(Clutter(position=(float(x), float(y), float(z)), cross_section_m2=float(rng.uniform(0.1, 0.8))))
    for _ in range(n_outside):
        angle, distance = rng.uniform(0, 2 * pi), rng.uniform(5, 16)
        position = (
            room.width / 2 + distance * float(np.cos(angle)),
            room.depth / 2 + distance * float(np.sin(angle)),
            float(rng.uniform(0, 4)),
        )
        things.append(Clutter(position=position, cross_section_m2=float(rng.uniform(0.3, 1.0)) * distance**2.4))
    return tuple(things)


def _nodes(
    places: tuple[Point, ...],
    n: int,
    layout: str | int,
    rate_hz: float,
    version: int,
    n_others: int,
    first: int,
    skip: int,
) -> tuple[NodeSite, ...]:
    """`n` places after the first `skip`, in a circle: access point at `rate_hz`, `n_others` neighbours more rarely."""
    if not 1 <= n <= len(places):
        raise ValueError(f"this room has places for 1–{len(places)} nodes, not {n}")
    if not 1 <= first <= MAX_FIRST_NODE:
        raise ValueError(f"the first node's number must be 1–{MAX_FIRST_NODE}, not {first}")
    mix = FIELD_MIX if layout == "mix" else ((tone_layout(layout).name, 1.0),)
    own = 1 / (1 + 0.18 * n_others)
    frames = [FrameShare(transmitter=0, layout=name, share=own * share) for name, share in mix]
    frames += [FrameShare(transmitter=1 + k, layout="64", share=(1 - own) / n_others) for k in range(n_others)]
    return tuple(
        NodeSite(
            node_id=first + k,
            position=places[(skip + k) % len(places)],
            frames=tuple(frames),
            rate_hz=rate_hz / own,
            address=(f"127.0.0.{10 + first + k}", SOURCE_PORT),
            version=version,
        )
        for k in range(n)
    )


def _transmitters(access_point: Point, n_others: int, seed: int) -> tuple[Transmitter, ...]:
    """The access point, and neighbours behind walls."""
    rng = np.random.default_rng([seed, 3])
    others = [
        Transmitter(
            mac=bytes((0x02, 0x52, 0x56, seed & 0xFF, 0x00, 0x10 + k)),
            position=(float(rng.uniform(-6, -2)), float(rng.uniform(-3, 9)), float(rng.uniform(0.5, 3.5))),
            power_dbm=float(rng.uniform(3, 9)),
        )
        for k in range(n_others)
    ]
    own = Transmitter(mac=bytes((0x02, 0x52, 0x56, seed & 0xFF, 0x00, 0x01)), position=access_point)
    return (own, *others)


def _scene(
    name: str,
    room: Room,
    access_point: Point,
    places: tuple[Point, ...],
    spots: dict[str, Spot],
    door: Door,
    *,
    nodes: int,
    first_node: int,
    layout: str | int,
    rate_hz: float,
    version: int,
    n_others: int,
    skip: int,
    channel: int,
    drift: float,
    seed: int,
) -> Scene:
    return Scene(
        name=name,
        room=room,
        transmitters=_transmitters(access_point, n_others, seed),
        nodes=_nodes(places, nodes, layout, rate_hz, version, n_others, first_node, skip),
        spots=spots,
        door=door,
        clutter=_clutter(room, (access_point, *places), seed),
        channel=channel,
        drift=drift,
        seed=seed,
    )


#: More is a slip of the finger. Origin: chosen, far above the 150 frames a second that boards reach.
MAX_RATE_HZ: Final = 10_000.0


def living_room(
    nodes: int = 1,
    layout: str | int = 64,
    rate_hz: float = 20.0,
    *,
    geometry: str = "living_room",
    first_node: int = 1,
    version: int = 1,
    n_others: int = 1,
    skip: int = 0,
    channel: int = 6,
    drift: float = 0.03,
    seed: int = 1,
) -> Scene:
    """A furnished room.

    Parameters
    ----------
    nodes : 1–3
    first_node : number of the first of them, 1–200: several homes on one network need different ones
    layout : pair count or layout name of the access point's frames, or "mix" for what the field shows
    rate_hz : frames of the access point per second and node, at most `MAX_RATE_HZ`
    geometry : one of `ROOMS`
    version : raw CSI format 1, 2 or 3
    n_others : further transmitters overheard
    skip : leave so many of the room's places for boards out, as who moves a board does
    seed : furniture and neighbours
    """
    if geometry not in ROOMS:
        raise ValueError(f"no geometry {geometry!r}; there are {', '.join(ROOMS)}")
    if not 0.0 < rate_hz <= MAX_RATE_HZ:
        raise ValueError(f"a board sends 0–{MAX_RATE_HZ:g} frames of the access point a second, not {rate_hz:g}")
    if n_others < 0:
        raise ValueError(f"there cannot be {n_others} further transmitters")
    room, access_point, places, spots, door = ROOMS[geometry]()
    return _scene(
        geometry, room, access_point, places, spots, door, nodes=nodes, first_node=first_node, layout=layout,
        rate_hz=rate_hz, version=version, n_others=n_others, skip=skip, channel=channel, drift=drift, seed=seed,
    )  # fmt: skip


type _Geometry = tuple[Room, Point, tuple[Point, ...], dict[str, Spot], Door]


def _door_on_south_wall(x: float, width: float = 0.85) -> Door:
    return Door(
        hinge=(x, 0.0), closed=0.0, opened=pi / 2, outside=(x + width / 2, -2.2), inside=(x + width / 2, 0.7),
        leaf_m=width,
    )  # fmt: skip


def _living_room() -> _Geometry:
    """5.2 × 4.2 m; the access point on a shelf at the north wall, the sofa in front of it, to the east."""
    spots = {
        "stand": Spot(place=(2.7, 2.0), heading=pi),
        "sit": Spot(place=(3.6, 2.6), heading=pi),
        "lie": Spot(place=(3.7, 2.5), heading=-pi / 2, height=0.42),
        "sleep": Spot(place=(3.7, 2.5), heading=-pi / 2, height=0.42),
    }
    nodes: tuple[Point, ...] = ((0.7, 0.2, 1.0), (5.0, 1.9, 1.0), (0.2, 1.1, 1.0))
    return Room(width=5.2, depth=4.2), (3.5, 4.0, 0.8), nodes, spots, _door_on_south_wall(0.9)


def _bedroom() -> _Geometry:
    """3.9 × 3.4 m; the bed reaches from the north wall, where the access point stands, into the room."""
    spots = {
        "stand": Spot(place=(1.3, 1.2), heading=pi / 2),
        "sit": Spot(place=(1.6, 2.0), heading=-pi / 2, height=0.5),
        "lie": Spot(place=(2.0, 2.2), heading=-pi / 2, height=0.5),
        "sleep": Spot(place=(2.05, 2.2), heading=-pi / 2, height=0.5),
    }
    nodes: tuple[Point, ...] = ((0.2, 0.7, 1.0), (0.2, 1.5, 1.0), (0.3, 0.2, 1.0))
    return (
        Room(width=3.9, depth=3.4, wall_reflection=0.6), (2.5, 3.2, 0.8), nodes, spots, _door_on_south_wall(0.5)
    )  # fmt: skip


def _studio() -> _Geometry:
    """7.5 × 5.5 m; a large room with the access point in the next one, just behind the west wall."""
    spots = {
        "stand": Spot(place=(3.8, 2.9), heading=pi / 2),
        "sit": Spot(place=(5.0, 3.2), heading=pi),
        "lie": Spot(place=(2.6, 3.7), heading=0.0, height=0.4),
        "sleep": Spot(place=(2.6, 3.7), heading=0.0, height=0.4),
    }
    nodes: tuple[Point, ...] = ((7.3, 3.5, 1.0), (5.9, 5.3, 1.0), (3.9, 0.2, 1.0))
    return Room(width=7.5, depth=5.5, height=2.8), (-0.3, 3.8, 1.0), nodes, spots, _door_on_south_wall(5.6)


def _lounge() -> _Geometry:
    """5.2 × 4.2 m; a sofa between the access point at its one end and two boards at the other, one near the floor.

    As our advice has it: a line past the chest of who sits, its front towards the line, and one through who lies.
    """
    spots = {
        "stand": Spot(place=(2.0, 1.6), heading=pi),
        "sit": Spot(place=(2.8, 3.35), heading=-pi / 2),
        "lie": Spot(place=(2.8, 3.2), heading=0.0, height=0.42),
        "sleep": Spot(place=(2.8, 3.2), heading=0.0, height=0.42),
    }
    nodes: tuple[Point, ...] = ((4.9, 3.2, 1.0), (4.9, 3.3, 0.35), (4.9, 1.8, 1.0))
    return Room(width=5.2, depth=4.2), (0.3, 3.1, 0.9), nodes, spots, _door_on_south_wall(0.9)


#: The rooms that figures are of.
GEOMETRIES: Final[dict[str, Callable[[], _Geometry]]] = {
    "living_room": _living_room,
    "bedroom": _bedroom,
    "studio": _studio,
}

#: These, and the one in which the demonstration is lived.
ROOMS: Final[dict[str, Callable[[], _Geometry]]] = {**GEOMETRIES, "lounge": _lounge}
