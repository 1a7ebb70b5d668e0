"""Every width and method side by side, within the bars, on rows that neither training nor calibration saw."""

import numpy as np

from ruview_engine.training.quantisation_table import quantise_encoder
from ruview_engine.training.quantise import BIT_WIDTHS, Method
from ruview_engine.training.training_run import TrainingRun


def test_few_bits_hold_the_bars(run: TrainingRun) -> None:
    rows = {(row.n_bits, row.method): row for row in run.quantisation}
    four, two = rows[4, Method.CALIBRATED], rows[2, Method.CALIBRATED]
    assert four.relative_rmse <= 0.08
    assert four.embedding_error <= 0.002
    assert four.n_bytes <= 10_000
    assert two.embedding_error <= 0.03
    for n_bits in (2, 4):
        assert rows[n_bits, Method.CALIBRATED].embedding_error < rows[n_bits, Method.GROUP].embedding_error
        assert rows[n_bits, Method.GROUP].embedding_error < rows[n_bits, Method.TENSOR].embedding_error


def test_what_is_kept_is_what_was_measured(run: TrainingRun) -> None:
    learn, report = run.table.take(run.split.train), run.table.take(run.split.held_out)
    kept, rows = quantise_encoder(run.model.encoder, learn, report, np.random.default_rng(1))
    assert set(kept) == set(BIT_WIDTHS)
    assert len(rows) == len(BIT_WIDTHS) * len(Method)
    for row in rows:
        if row.method is Method.CALIBRATED:
            assert row.n_bytes == len(kept[row.n_bits].to_bytes())
            full, small = (one.embed(report.features) for one in (run.model.encoder, kept[row.n_bits].restore()))
            assert row.embedding_error == float(1.0 - np.mean(np.sum(full * small, axis=1)))
