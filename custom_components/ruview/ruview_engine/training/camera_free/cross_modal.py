"""Pull a CSI embedding towards what other sensors measured at that moment (ADR-071 camera-free phase 2)."""

from typing import Final

import numpy as np

from ...errors import ShapeError
from ...shapes import Matrix, Times
from ..encoder import MIN_NORM, N_EMBEDDING, Encoder, Parameters
from ..feature_table import FeatureTable
from ..objective import info_nce_loss
from ..triplets import NEGATIVE_BEYOND_S

#: Share of this loss in the gradient. Origin: chosen; sensors are slow and few, the radio must keep the last word.
WEIGHT: Final = 0.2

#: Rows per step, and step of the projection. Origin: chosen as in `contrastive`.
BATCH: Final = 32
RATE: Final = 0.05


class CrossModal:
    """InfoNCE between the embedding and a learnt projection of the sensors' vector; one owner of that projection.

    An `ExtraLoss` for `contrastive.train_encoder`: each call takes a batch, moves the projection, and returns the
    encoder's gradient.

    Parameters
    ----------
    table : the rows that are trained on
    at_s, sensors : (m,) seconds and (m, k) standardised measurements, NaN rows are skipped
    """

    def __init__(self, table: FeatureTable, at_s: Times, sensors: Matrix, rng: np.random.Generator) -> None:
        if sensors.ndim != 2 or len(sensors) != len(at_s):
            raise ShapeError(f"sensors {sensors.shape} for {len(at_s)} seconds")
        self._table = table
        index = np.clip(np.searchsorted(at_s, table.at_s, side="right") - 1, 0, max(len(at_s) - 1, 0))
        near = np.abs(at_s[index] - table.at_s) <= 1.0 if len(at_s) else np.zeros(len(table), dtype=bool)
        known = near & np.isfinite(sensors[index]).all(axis=1) if len(at_s) else near
        self._rows = np.flatnonzero(known)
        self._sensors = sensors[index[self._rows]] if len(self._rows) else np.zeros((0, sensors.shape[1]))
        self.projection: Matrix = rng.normal(
            0.0, 1.0 / np.sqrt(max(sensors.shape[1], 1)), (sensors.shape[1], N_EMBEDDING)
        )
        self.values: list[float] = []

    @property
    def n_rows(self) -> int:
        """Rows with a measurement of every sensor."""
        return len(self._rows)

    def __call__(self, encoder: Encoder, rng: np.random.Generator) -> Parameters:
        """Gradient by the encoder's tensors of one batch; empty when there are too few rows."""
        if len(self._rows) < BATCH:
            return {}
        pick = rng.choice(len(self._rows), BATCH, replace=False)
        rows = self._rows[pick]
        seen = encoder.forward(self._table.features[rows])
        raw = self._sensors[pick] @ self.projection
        norm = np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), MIN_NORM)
        other = raw / norm
        apart = np.abs(self._table.at_s[rows][:, None] - self._table.at_s[rows][None, :]) > NEGATIVE_BEYOND_S
        loss = info_nce_loss(seen.embedding, other, apart)
        self.values.append(loss.value)
        radial = np.sum(loss.d_positive * other, axis=1, keepdims=True)
        self.projection = self.projection - RATE * self._sensors[pick].T @ ((loss.d_positive - other * radial) / norm)
        return encoder.backward(seen, WEIGHT * loss.d_anchor)


def standardised(columns: Matrix) -> Matrix:
    """(m, k) each column with zero mean and unit spread over its finite values; constant columns become zero."""
    with np.errstate(invalid="ignore"):
        known = np.isfinite(columns)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, columns, 0.0).sum(axis=0) / count
        spread = np.sqrt(np.where(known, (columns - mean) ** 2, 0.0).sum(axis=0) / count)
    return np.where(known, (columns - mean) / np.where(spread > 1e-9, spread, np.inf), np.nan)
