"""Running sums of squared distances: one product against the sum written out."""

import numpy as np
import pytest

from ruview_engine.dsp.template_costs import MAX_CELL_COST, START_BITS, UNIT, TemplateCosts
from ruview_engine.errors import ShapeError

LENGTHS = (5, 9, 2)
SCALES = [1.0, 0.25, 3.0]


@pytest.fixture
def templates(rng: np.random.Generator) -> list[np.ndarray]:
    return [rng.normal(size=(n, 4)) for n in LENGTHS]


def told(costs: TemplateCosts) -> np.ndarray:
    """(rows, templates) running sums in units of cost."""
    return (costs.sums.reshape(-1, len(LENGTHS)) >> START_BITS) / UNIT


def test_sums_are_those_of_squared_distances(templates: list[np.ndarray], rng: np.random.Generator) -> None:
    costs = TemplateCosts(templates, SCALES)
    for _ in range(20):
        vector = rng.normal(size=4)
        costs.take(vector)
        for k, (template, scale) in enumerate(zip(templates, SCALES, strict=True)):
            expected = np.concatenate([[0.0], np.cumsum(scale * ((vector - template) ** 2).sum(axis=1))])
            assert told(costs)[: len(expected), k] == pytest.approx(expected, abs=1e-5)


def test_the_bits_of_the_start_stay_empty(templates: list[np.ndarray], rng: np.random.Generator) -> None:
    costs = TemplateCosts(templates, SCALES)
    costs.take(rng.normal(size=4))
    assert not (costs.sums & ((1 << START_BITS) - 1)).any()


def test_beyond_a_templates_end_it_is_as_dear_as_can_be(templates: list[np.ndarray]) -> None:
    costs = TemplateCosts(templates, SCALES)
    costs.take(np.zeros(4))
    assert np.diff(told(costs)[:, 2])[2:] == pytest.approx(MAX_CELL_COST)


@pytest.mark.parametrize("far", [1e3, 1e9, 1e150])
def test_no_cell_costs_more_than_the_limit(templates: list[np.ndarray], far: float) -> None:
    costs = TemplateCosts(templates, SCALES)
    costs.take(np.full(4, far))
    steps = np.diff(told(costs), axis=0)
    assert (steps >= 0.0).all()
    assert steps.max() <= MAX_CELL_COST


def test_what_is_not_finite_changes_nothing(templates: list[np.ndarray], rng: np.random.Generator) -> None:
    costs = TemplateCosts(templates, SCALES)
    costs.take(rng.normal(size=4))
    before = costs.sums.copy()
    for odd in (np.nan, np.inf):
        with pytest.raises(ShapeError):
            costs.take(np.array([0.0, odd, 0.0, 0.0]))
    assert np.array_equal(costs.sums, before)
