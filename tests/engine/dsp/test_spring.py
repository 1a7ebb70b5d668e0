"""Streaming DTW of all templates at once against the recurrence written cell by cell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ruview_engine.dsp.spring import SpringBank, packed
from ruview_engine.errors import ShapeError
from tests.engine.oracle.dtw import spring


def _templates(rng, lengths, dims):
    return [rng.normal(size=(n, dims)) for n in lengths]


@pytest.mark.parametrize("weight", [1, 2])
@pytest.mark.parametrize("band", [None, 0, 2])
def test_every_cell_equals_the_oracle(rng, band, weight):
    templates = _templates(rng, [5, 9, 1], 3)
    scales = [1.0, 0.3, 2.0]
    stream = rng.normal(size=(60, 3))
    stream[20:29] = templates[1] + 0.05 * rng.normal(size=(9, 3))
    bank = SpringBank(templates, bands=[band] * 3, scales=scales, diagonal_weight=weight)
    expected = [
        spring(t, stream, band=band, scale=s, diagonal_weight=weight) for t, s in zip(templates, scales, strict=True)
    ]
    for i, x in enumerate(stream):
        bank.update(x)
        got, frames = bank.distances(), bank.n_frames()
        for k, (distance, used) in enumerate(expected):
            n = bank.lengths[k]
            np.testing.assert_allclose(got[k, :n], distance[i], atol=1e-3 * 0.1)
            alive = np.isfinite(distance[i])
            assert (frames[k, :n][alive] == used[i][alive]).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 4), st.integers(0, 12))
def test_oracle_agrees_on_anything(seed, length, dims, band):
    rng = np.random.default_rng(seed)
    template = rng.normal(size=(length, dims))
    stream = rng.normal(size=(40, dims))
    bank = SpringBank([template], bands=[band])
    expected, _ = spring(template, stream, band=band)
    for i, x in enumerate(stream):
        bank.update(x)
        np.testing.assert_allclose(bank.distances()[0], expected[i], atol=1e-4)


def test_an_exact_copy_costs_nothing(rng):
    template = rng.normal(size=(8, 4))
    bank = SpringBank([template])
    for x in rng.normal(size=(20, 4)):
        bank.update(x)
    for x in template:
        bank.update(x)
    assert bank.distances()[0, -1] == pytest.approx(0.0, abs=1e-4)
    assert bank.n_frames()[0, -1] == 8


def test_reset_equals_new(rng):
    template = rng.normal(size=(6, 2))
    used, fresh = SpringBank([template]), SpringBank([template])
    for x in rng.normal(size=(30, 2)):
        used.update(x)
    used.reset()
    for x in rng.normal(size=(30, 2)):
        used.update(x)
        fresh.update(x)
        np.testing.assert_array_equal(used.distances(), fresh.distances())


def test_long_streams_do_not_overflow_or_leak_starts(rng):
    template = rng.normal(size=(4, 1))
    bank = SpringBank([template], bands=[1])
    for x in np.full((70_000, 1), 1e9):
        bank.update(x)
    for x in template:
        bank.update(x)
    assert bank.distances()[0, -1] == pytest.approx(0.0, abs=1e-4)


def test_the_dearest_samples_cannot_overflow_a_sum(rng):
    """The dearest samples there are, then one template: it is found at no cost, whatever its place in the bank."""
    templates = _templates(rng, [250] * 40, 2)
    for k, dear in ((0, -1e12), (39, 1e150)):
        bank = SpringBank(templates)
        for x in np.full((260, 2), dear):
            bank.update(x)
        for x in templates[k]:
            bank.update(x)
        assert bank.distances()[k, -1] == pytest.approx(0.0, abs=1e-3)
        assert bank.cheapest().argmin() == k


def test_an_offset_common_to_stream_and_templates_changes_nothing(rng):
    template, stream = rng.normal(size=(9, 4)), rng.normal(size=(40, 4))
    plain, moved = SpringBank([template]), SpringBank([template + 1e4])
    for x in stream:
        plain.update(x)
        moved.update(x + 1e4)
        np.testing.assert_allclose(moved.distances(), plain.distances(), atol=1e-4)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_refuses_what_is_not_finite(bad):
    bank = SpringBank([np.zeros((3, 2))])
    with pytest.raises(ShapeError):
        bank.update(np.array([0.0, bad]))
    with pytest.raises(ShapeError):
        SpringBank([np.array([[bad]])])


def test_refuses_wrong_shapes():
    with pytest.raises(ShapeError):
        SpringBank([])
    with pytest.raises(ShapeError):
        SpringBank([np.zeros((3, 2)), np.zeros((3, 1))])
    with pytest.raises(ShapeError):
        SpringBank([np.zeros((3, 2))]).update(np.zeros(3))


def test_taking_what_was_paid_off_the_cells_changes_nothing(rng, monkeypatch):
    templates = _templates(rng, [12, 7], 3)
    stream, rewards = rng.normal(size=(90, 3)), rng.uniform(0.0, 5.0, 90)
    seldom = SpringBank(templates, bands=[3, 3], tolls=np.array([0.5, 1.5]))
    often = SpringBank(templates, bands=[3, 3], tolls=np.array([0.5, 1.5]))
    for x, reward in zip(stream, rewards.tolist(), strict=True):
        seldom.update(x, reward)
        with monkeypatch.context() as patch:
            patch.setattr("ruview_engine.dsp.spring.MAX_PAID", 1)
            patch.setattr("ruview_engine.dsp.spring.SETTLE_AFTER", 7)
            often.update(x, reward)
        np.testing.assert_array_equal(seldom.distances(), often.distances())


def test_what_is_paid_never_outgrows_a_cell():
    """Rewards and tolls cancel in the costs; kept apart they would overflow after two weeks."""
    bank = SpringBank([np.zeros((4, 1))], tolls=np.array([30_000.0]))
    for _ in range(2000):
        bank.update(np.zeros(1), 30_000.0)
        assert abs(bank._paid_all) < 1 << 59
        assert abs(bank._paid).max() < 1 << 59
    assert bank.distances()[0, -1] == 0.0


def test_the_nearest_template_is_so_far_above_its_limit(rng):
    templates = _templates(rng, [12, 7], 3)
    bank = SpringBank(templates, tolls=np.array([0.5, 1.5]))
    limits = np.array([-3.0, 2.0])
    for x in rng.normal(size=(30, 3)):
        bank.update(x, 1.0)
        cheapest = bank.cheapest()
        assert bank.nearest(packed(limits)) == pytest.approx((cheapest - limits).min(), abs=1e-5)
