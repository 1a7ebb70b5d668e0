"""Every width and method side by side, on rows that neither training nor calibration saw (ADR-071 phase 4)."""

from dataclasses import dataclass

import numpy as np

from ..shapes import Matrix
from .contrastive import triplet_accuracy
from .encoder import Encoder
from .feature_table import FeatureTable
from .quantise import BIT_WIDTHS, Method
from .quantised_encoder import QuantisedEncoder
from .triplets import mine


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantisationRow:
    """One line of the quantisation table: a width and method over all encoder weights; bytes are those of the file."""

    n_bits: int
    method: Method
    rmse: float
    relative_rmse: float
    embedding_error: float
    triplet_accuracy: float
    n_bytes: int


def quantise_encoder(
    encoder: Encoder, learn: FeatureTable, report: FeatureTable, rng: np.random.Generator
) -> tuple[dict[int, QuantisedEncoder], tuple[QuantisationRow, ...]]:
    """All methods at every width, calibrated on `learn`, judged on `report`; the calibrated ones are kept, by width."""
    held_out = mine(report, rng)
    full = encoder.embed(report.features)
    weights: Matrix = np.concatenate([encoder.w1.ravel(), encoder.w2.ravel()])
    kept: dict[int, QuantisedEncoder] = {}
    rows: list[QuantisationRow] = []
    for n_bits in BIT_WIDTHS:
        for method in Method:
            if method is Method.CALIBRATED:
                small = kept[n_bits] = QuantisedEncoder.calibrated(encoder, learn.features, n_bits)
            else:
                small = QuantisedEncoder.rounded(encoder, n_bits, method)
            restored = small.restore()
            embedding = restored.embed(report.features)
            rmse = float(np.sqrt(np.mean((weights - np.concatenate([restored.w1.ravel(), restored.w2.ravel()])) ** 2)))
            rows.append(
                QuantisationRow(
                    n_bits=n_bits,
                    method=method,
                    rmse=rmse,
                    relative_rmse=rmse / float(weights.std()),
                    embedding_error=float(1.0 - np.mean(np.sum(full * embedding, axis=1))),
                    triplet_accuracy=triplet_accuracy(embedding, held_out),
                    n_bytes=len(small.to_bytes()),
                )
            )
    return kept, tuple(rows)
