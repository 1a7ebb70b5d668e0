"""The shape of a person: where the scattering parts are in each posture, how large, and what blocks a ray.

Lengths from an adult of 1.75 m (origin: chosen, median of ANSUR II adults); body frame x forward, y left, z up; lying:
x from head to feet. Cross-sections add up to 1.2 m² (origin: measured by others, 0.5–2 m² for a person at 2.4 GHz;
within that chosen so that walking changes the channel as much as in the recordings, docs/benchmarks/simulator.md).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

PARTS: Final = (
    "head", "chest", "abdomen", "back",
    "left arm", "right arm", "left thigh", "right thigh", "left shin", "right shin",
)  # fmt: skip
HEAD, CHEST, ABDOMEN, BACK, LEFT_ARM, RIGHT_ARM, LEFT_THIGH, RIGHT_THIGH, LEFT_SHIN, RIGHT_SHIN = range(10)
LIMBS: Final = (LEFT_ARM, RIGHT_ARM)
TRUNK: Final = (HEAD, CHEST, ABDOMEN, BACK)

#: (n_parts,) radar cross-section, m².
CROSS_SECTION: Final = np.array([0.04, 0.4, 0.3, 0.2, 0.03, 0.03, 0.05, 0.05, 0.03, 0.03])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posture:
    """One way to hold a body.

    parts : (n_parts, 3) metres in the body frame; z above the floor, or above the mattress when `is_on_bed`
    front : outward normal of chest and abdomen in the body frame
    half_length, half_width : of the blocking ellipse along and across the heading
    bottom, top : height of the blocking cylinder, same zero as `parts`
    sway_m : root mean square of unintended swaying
    """

    parts: NDArray[np.float64]
    front: tuple[float, float, float]
    half_length: float
    half_width: float
    bottom: float
    top: float
    sway_m: float
    is_on_bed: bool = False


def _parts(*rows: tuple[float, float, float]) -> NDArray[np.float64]:
    return np.array(rows)


#: Sway: standing 4 mm, leaning back 0.6 mm, lying 0.3 mm (origin: measured by others, posturography centre of pressure
#: 3–6 mm in quiet stance; leaning back and lying chosen in proportion, see docs/algorithms/simulator.md).
POSTURES: Final = {
    "stand": Posture(
        parts=_parts(
            (0.02, 0, 1.62), (0.11, 0, 1.30), (0.11, 0, 1.05), (-0.12, 0, 1.22), (0, 0.26, 1.05), (0, -0.26, 1.05),
            (0.02, 0.1, 0.70), (0.02, -0.1, 0.70), (0, 0.1, 0.25), (0, -0.1, 0.25),
        ),
        front=(1, 0, 0), half_length=0.14, half_width=0.24, bottom=0.0, top=1.74, sway_m=0.004,
    ),
    "sit": Posture(
        parts=_parts(
            (0, 0, 1.22), (0.09, 0, 0.93), (0.11, 0, 0.70), (-0.12, 0, 0.86), (0.2, 0.22, 0.72), (0.2, -0.22, 0.72),
            (0.3, 0.12, 0.52), (0.3, -0.12, 0.52), (0.46, 0.12, 0.25), (0.46, -0.12, 0.25),
        ),
        front=(1, 0, 0.1), half_length=0.26, half_width=0.24, bottom=0.1, top=1.33, sway_m=0.0006,
    ),
    "lie": Posture(
        parts=_parts(
            (-0.78, 0, 0.14), (-0.42, 0, 0.23), (-0.12, 0, 0.22), (-0.3, 0, 0.04), (-0.2, 0.3, 0.1), (-0.2, -0.3, 0.1),
            (0.3, 0.1, 0.13), (0.3, -0.1, 0.13), (0.72, 0.1, 0.1), (0.72, -0.1, 0.1),
        ),
        front=(0, 0, 1), half_length=0.87, half_width=0.25, bottom=0.0, top=0.25, sway_m=0.0003, is_on_bed=True,
    ),
    "sleep": Posture(
        parts=_parts(
            (-0.78, 0, 0.17), (-0.42, 0.13, 0.2), (-0.1, 0.13, 0.19), (-0.3, -0.12, 0.2), (-0.5, 0.33, 0.12),
            (-0.35, 0.36, 0.08), (0.15, 0.22, 0.2), (0.1, 0.26, 0.1), (0.42, 0.02, 0.18), (0.36, 0.06, 0.08),
        ),
        front=(0, 1, 0.2), half_length=0.75, half_width=0.2, bottom=0.0, top=0.38, sway_m=0.0003, is_on_bed=True,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scatter:
    """Moving points at some moments.

    position : (n_points, n_times, 3) metres
    normal : (n_points, n_times, 3) outward normal; 0 where a point looks the same from everywhere
    root_section : (n_points, n_times) square root of the radar cross-section, metres
    """

    position: NDArray[np.float64]
    normal: NDArray[np.float64]
    root_section: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blocker:
    """The upright cylinder that stands in the way of rays; (n_times, 2) centre and (n_times,) measures in metres.

    strength : (n_times,) 1 in the room, 0 gone
    """

    centre: NDArray[np.float64]
    half_length: NDArray[np.float64]
    half_width: NDArray[np.float64]
    heading: NDArray[np.float64]
    bottom: NDArray[np.float64]
    top: NDArray[np.float64]
    strength: NDArray[np.float64]
