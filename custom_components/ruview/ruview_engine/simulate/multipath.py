"""Static propagation: images behind the walls, and the two formulae for amplitude over distance.

Source: image method (Allen and Berkley 1979) for a rectangular room; Friis; bistatic radar equation.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .scene import Clutter, Point, Room

#: Origin: spec, SI.
SPEED_OF_LIGHT: Final = 299_792_458.0

#: Reflections followed for the static field. Origin: chosen, the fourth adds below −25 dB at 0.55 per wall.
STATIC_ORDER: Final = 3

#: A scatterer nearer than this to an antenna is counted at this distance. Origin: chosen, far-field formula ends there.
NEAR_M: Final = 0.4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Images:
    """A point and its mirror images, the point itself first, then by order.

    position : (n, 3) metres
    gain : (n,) product of the reflections; 1 for the point itself
    order : (n,) number of reflections
    """

    position: NDArray[np.float64]
    gain: NDArray[np.float64]
    order: NDArray[np.int64]


def mirror(room: Room, point: Point, order: int) -> Images:
    """All images of `point` with at most `order` reflections."""
    sizes = (room.width, room.depth, room.height)
    reflection = (room.wall_reflection, room.wall_reflection, room.floor_reflection)
    reach = range(-order, order + 1)
    found: list[tuple[int, float, list[float]]] = []
    for counts in product(reach, repeat=3):
        n_reflections = sum(abs(c) for c in counts)
        if n_reflections > order:
            continue
        position = [
            (size * count + (at if count % 2 == 0 else size - at))
            for size, count, at in zip(sizes, counts, point, strict=True)
        ]
        gain = float(np.prod([r ** abs(c) for r, c in zip(reflection, counts, strict=True)]))
        found.append((n_reflections, gain, position))
    found.sort(key=lambda image: image[0])
    return Images(
        position=np.array([position for _, _, position in found]),
        gain=np.array([gain for _, gain, _ in found]),
        order=np.array([n for n, _, _ in found]),
    )


def free_space(distance_m: NDArray[np.float64], wavelength_m: float) -> NDArray[np.float64]:
    """Amplitude after `distance_m` between isotropic antennas (Friis)."""
    return wavelength_m / (4 * np.pi * np.maximum(distance_m, NEAR_M / 2))


def scattered(
    to_m: NDArray[np.float64], from_m: NDArray[np.float64], root_section: NDArray[np.float64], wavelength_m: float
) -> NDArray[np.float64]:
    """Amplitude by way of a scatterer of radar cross-section `root_section`² (bistatic radar equation)."""
    near = np.maximum(to_m, NEAR_M) * np.maximum(from_m, NEAR_M)
    return np.asarray(wavelength_m * root_section / ((4 * np.pi) ** 1.5 * near))


def clutter_arrays(clutter: tuple[Clutter, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n, 3) positions and (n,) square roots of the cross-sections."""
    positions = np.array([thing.position for thing in clutter], float).reshape(-1, 3)
    return positions, np.sqrt(np.array([thing.cross_section_m2 for thing in clutter], float))
