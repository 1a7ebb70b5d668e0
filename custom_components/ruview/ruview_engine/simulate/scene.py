"""What stands still: the room, what hangs in it, who transmits and who listens."""

from dataclasses import dataclass
from typing import Final

type Point = tuple[float, float, float]
"""x, y, z in metres; the room spans 0 … width, 0 … depth, 0 … height."""

type Place = tuple[float, float]
"""x, y on the floor, metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A rectangular room.

    wall_reflection, floor_reflection : amplitude coefficient of one reflection, 0–1
    """

    width: float
    depth: float
    height: float = 2.5
    wall_reflection: float = 0.55
    floor_reflection: float = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmitter:
    """Something whose frames the nodes overhear.

    power_dbm : radiated power, wall losses on the way into the room included
    """

    mac: bytes
    position: Point
    power_dbm: float = 17.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameShare:
    """Which part of a node's frames comes from one transmitter in one layout; shares of a node add up to 1."""

    transmitter: int
    layout: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSite:
    """One board: who it is, where it hangs, what it hears and how often.

    rate_hz : CSI frames per second of all transmitters together
    version : 1, 2 or 3: the raw CSI format it speaks
    """

    node_id: int
    position: Point
    frames: tuple[FrameShare, ...]
    rate_hz: float
    address: tuple[str, int]
    version: int = 1
    level: float = 12.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Clutter:
    """A thing that scatters and does not move: cupboard, radiator, a wall of the neighbours.

    cross_section_m2 : bistatic radar cross-section
    """

    position: Point
    cross_section_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place with a use: where one sits, lies or stands, and facing where.

    heading : radians from the x axis; when lying, from head to feet
    height : of the seat or mattress, metres
    """

    place: Place
    heading: float
    height: float = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The only way in.

    hinge : place of the hinge on the wall
    closed, opened : heading of the leaf, radians
    outside : where people come from and vanish to
    """

    hinge: Place
    closed: float
    opened: float
    outside: Place
    inside: Place
    leaf_m: float = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that does not depend on what people do.

    channel : 2.4 GHz channel number
    drift : relative size of the slow change of every static path over a day; 0 for a laboratory
    spots : at least "stand", "sit", "lie"
    """

    name: str
    room: Room
    transmitters: tuple[Transmitter, ...]
    nodes: tuple[NodeSite, ...]
    spots: dict[str, Spot]
    door: Door
    clutter: tuple[Clutter, ...] = ()
    channel: int = 6
    drift: float = 0.03
    seed: int = 0

    @property
    def freq_mhz(self) -> int:
        """Centre of the 20 MHz channel as the boards report it."""
        return channel_mhz(self.channel)


#: Channel 14 stands apart. Origin: spec, IEEE 802.11-2020 §15.4.4.3.
_CHANNEL_14_MHZ: Final = 2484


def channel_mhz(channel: int) -> int:
    """Centre frequency of a 2.4 GHz channel."""
    return _CHANNEL_14_MHZ if channel == 14 else 2407 + 5 * channel
