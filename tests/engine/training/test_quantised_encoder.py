"""A whole encoder in few bits: stands alone, and calibrated rounding beats rounding."""

from dataclasses import replace

import numpy as np
import pytest

from ruview_engine.errors import Damaged, TrainingError
from ruview_engine.training.encoder import Encoder
from ruview_engine.training.quantise import BIT_WIDTHS, Method
from ruview_engine.training.quantised_encoder import QuantisedEncoder
from ruview_engine.training.training_run import TrainingRun


def turn(encoder: Encoder, other: Encoder, features: np.ndarray) -> float:
    """1 − mean cosine of the two encoders' embeddings."""
    return float(1.0 - np.mean(np.sum(encoder.embed(features) * other.embed(features), axis=1)))


@pytest.mark.parametrize("n_bits", BIT_WIDTHS)
def test_a_file_alone_gives_the_encoder(run: TrainingRun, n_bits: int) -> None:
    small = QuantisedEncoder.calibrated(run.model.encoder, run.table.features, n_bits)
    again = QuantisedEncoder.from_bytes(small.to_bytes())
    for name, value in small.restore().parameters.items():
        assert np.array_equal(again.restore().parameters[name], value)
    assert again.to_bytes() == small.to_bytes()


def test_calibrated_turns_embeddings_least_on_rows_it_never_saw(run: TrainingRun) -> None:
    encoder, learn, report = run.model.encoder, run.split.train, run.table.features[run.split.held_out]
    for n_bits in (2, 4):
        calibrated = QuantisedEncoder.calibrated(encoder, run.table.features[learn], n_bits)
        found = [
            turn(encoder, small.restore(), report)
            for small in (
                calibrated,
                QuantisedEncoder.rounded(encoder, n_bits, Method.GROUP),
                QuantisedEncoder.rounded(encoder, n_bits, Method.TENSOR),
            )
        ]
        assert found == sorted(found)
        assert found[0] < 0.03


def test_fewer_bits_are_fewer_bytes(run: TrainingRun) -> None:
    sizes = [
        len(QuantisedEncoder.calibrated(run.model.encoder, run.table.features, n_bits).to_bytes())
        for n_bits in sorted(BIT_WIDTHS)
    ]
    assert sizes == sorted(sizes)
    assert sizes[1] <= 10_000


def test_calibration_needs_rows(run: TrainingRun) -> None:
    with pytest.raises(TrainingError, match="needs feature rows"):
        QuantisedEncoder.calibrated(run.model.encoder, run.table.features[:1], 4)


def test_a_hidden_unit_that_never_fires_does_no_harm(run: TrainingRun) -> None:
    encoder = run.model.encoder
    dead = encoder.with_parameters({"b1": np.where(np.arange(64) < 8, -1e3, encoder.b1)})
    small = QuantisedEncoder.calibrated(dead, run.table.features, 4).restore()
    assert turn(dead, small, run.table.features) < 0.01


@pytest.mark.parametrize("missing", ["w1", "b2"])
def test_a_file_without_a_tensor_is_damaged(run: TrainingRun, missing: str) -> None:
    small = QuantisedEncoder.rounded(run.model.encoder, 8, Method.GROUP)
    cut = replace(
        small,
        tensors={name: one for name, one in small.tensors.items() if name != missing},
        floats={name: one for name, one in small.floats.items() if name != missing},
    )
    with pytest.raises(Damaged):
        QuantisedEncoder.from_bytes(cut.to_bytes())
