"""Labels from the boards' own reports: weak, and often of one class only.

The boards estimate from phase, the encoder reads amplitudes, so the label is not a function of the input. It is still
the same radio at the same moment: a head trained on it repeats the board, and is reported as such.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..shapes import Matrix, Vector
from .dataset import Dataset
from .feature_table import FeatureTable

#: Origin: spec, ADR-071 phase 2 "presence_score > 0.3".
PRESENCE_THRESHOLD: Final = 0.3

#: Origin: spec, the seed's script (upstream §4.1): empty ≤ 0.1, moving > 2, else still.
EMPTY_BELOW: Final = 0.1
MOVING_ABOVE: Final = 2.0

#: Scales of the vitals targets. Origin: spec, ADR-071 "normalized targets".
BREATHING_SCALE: Final = 30.0
HEART_SCALE: Final = 120.0

PRESENCE_CLASSES: Final = ("absent", "present")
ACTIVITY_CLASSES: Final = ("still", "moving", "empty")
VITALS_OUTPUTS: Final = ("breathing_bpm", "heart_bpm")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnLabels:
    """Per feature row (n,): class indices, targets (n, 2), and a quality 0–1 that is 0 where no report was near."""

    presence: NDArray[np.intp]
    activity: NDArray[np.intp]
    vitals: Matrix
    quality: Vector
    vitals_quality: Vector


def label(dataset: Dataset, table: FeatureTable) -> OwnLabels:
    """Labels for every row of `table` from the same node's nearest report."""
    reports = dataset.reports
    index = reports.nearest(table.at_s, table.node)
    known = index >= 0
    if not len(reports.at_s):
        n = len(table)
        none = np.zeros(n, dtype=np.intp)
        return OwnLabels(
            presence=none, activity=none, vitals=np.zeros((n, 2)), quality=np.zeros(n), vitals_quality=np.zeros(n)
        )
    row = np.maximum(index, 0)
    motion = reports.motion_energy[row]
    activity = np.where(motion <= EMPTY_BELOW, 2, np.where(motion > MOVING_ABOVE, 1, 0))
    rates = np.stack([reports.breathing_bpm[row], reports.heart_bpm[row]], axis=1)
    plausible = known & (rates > 0).all(axis=1)
    return OwnLabels(
        presence=(reports.presence_score[row] > PRESENCE_THRESHOLD).astype(np.intp),
        activity=activity.astype(np.intp),
        vitals=rates / np.array([BREATHING_SCALE, HEART_SCALE]),
        quality=known.astype(np.float64),
        vitals_quality=plausible.astype(np.float64),
    )
