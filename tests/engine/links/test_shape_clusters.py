"""Transmitters are told apart by returning; motion is not split, foreign frames are marked."""

import numpy as np
import pytest

from ruview_engine.links.shape_clusters import MAX_TRANSMITTERS, Fit, ShapeClusters
from ruview_engine.links.shape_places import MAX_PLACES, N_MEMBERS
from tests.engine.links.air import ACTIVE, Air, walk


def _shape(air, body_m=None):
    return np.abs(air.pairs(body_m)[ACTIVE]).astype(np.float32)


def _run(clusters, frames, fs_hz, start_s=0.0):
    return [clusters.assign(shape, start_s + k / fs_hz) for k, shape in enumerate(frames)]


def _interleaved(airs, n, seed=1):
    rng = np.random.default_rng(seed)
    truth = rng.choice(len(airs), n, p=np.array([0.5, 0.3, 0.2])[: len(airs)] / np.sum([0.5, 0.3, 0.2][: len(airs)]))
    return truth, [_shape(airs[who]) for who in truth]


@pytest.mark.parametrize("fs_hz", [10.0, 20.0, 100.0])
def test_interleaved_transmitters_are_separated(fs_hz):
    airs = [Air(seed) for seed in (1, 2, 3)]
    truth, frames = _interleaved(airs, int(20 * fs_hz) + 300)
    found = _run(ShapeClusters(52), frames, fs_hz)
    n_learning = int(6 * fs_hz) + 150
    settled = [
        (who, label)
        for who, (label, fit) in list(zip(truth, found, strict=True))[n_learning:]
        if fit is not Fit.FOREIGN
    ]
    assert len(settled) >= 0.95 * (len(found) - n_learning)
    labels = {who: {label for other, label in settled if other == who} for who in range(3)}
    assert all(len(names) == 1 for names in labels.values())
    assert len(set.union(*labels.values())) == 3


@pytest.mark.parametrize("fs_hz", [10.0, 20.0, 100.0])
def test_a_fainter_transmitter_is_separated_though_it_scatters_more(fs_hz):
    """Each of its frames is farther from its others than the loud one's are: it stayed in the loud one's link."""
    airs = [Air(1, jitter=0.015), Air(2, jitter=0.07)]
    truth = (np.random.default_rng(1).random(int(20 * fs_hz) + 300) < 0.2).astype(int)
    frames = [_shape(airs[who]) for who in truth]
    found = _run(ShapeClusters(52), frames, fs_hz)[int(6 * fs_hz) + 150 :]
    labels = [{label for who, (label, _) in zip(truth[-len(found) :], found, strict=True) if who == n} for n in (0, 1)]
    assert all(len(names) == 1 for names in labels)
    assert labels[0] != labels[1]


def _beside(shape, distance, rng):
    """A shape of unit length at 1 − cosine = distance from a unit shape, anywhere around it."""
    aside = rng.normal(size=len(shape))
    aside -= shape * (aside @ shape)
    aside /= np.linalg.norm(aside)
    return (1.0 - distance) * shape + np.sqrt(1.0 - (1.0 - distance) ** 2) * aside


def test_a_neighbour_is_separated_from_where_a_body_has_brought_a_transmitter():
    """Far from every known place all that is near a new one seems to be of it, another transmitter too."""
    rng = np.random.default_rng(2)
    root = np.abs(rng.normal(size=52)) + 0.5
    root /= np.linalg.norm(root)
    moved = _beside(root, 0.15, rng)
    neighbour = _beside(moved, 0.012, rng)
    truth = np.r_[np.zeros(100, dtype=int), 1 + (rng.random(600) < 0.2)]
    centres = (root, moved, neighbour)
    frames = [_beside(centres[who], 0.0008, rng).astype(np.float32) for who in truth]
    found = _run(ShapeClusters(52), frames, 20.0)[400:]
    labels = [{label for who, (label, _) in zip(truth[400:], found, strict=True) if who == n} for n in (1, 2)]
    assert all(len(names) == 1 for names in labels)
    assert labels[0] != labels[1]


@pytest.mark.parametrize("fs_hz", [5.0, 10.0, 20.0, 50.0, 100.0])
def test_a_walking_body_stays_one_transmitter(fs_hz):
    air = Air(4)
    times = np.arange(int(60 * fs_hz)) / fs_hz
    found = _run(ShapeClusters(52), [_shape(air, x) for x in walk(times)], fs_hz)
    assert {label for label, _ in found} == {"a"}
    assert np.mean([fit is Fit.FOREIGN for _, fit in found]) < 0.01


def test_two_transmitters_with_a_walking_body_keep_their_frames():
    airs = [Air(1), Air(2)]
    truth, frames = _interleaved(airs, 300)
    clusters = ShapeClusters(52)
    before = _run(clusters, frames, 40.0)
    names = {who: label for who, (label, _) in list(zip(truth, before, strict=True))[200:]}
    path = walk(7.5 + np.arange(1200) / 40.0)
    rng = np.random.default_rng(9)
    who = rng.integers(0, 2, 1200)
    after = _run(clusters, [_shape(airs[w], x) for w, x in zip(who, path, strict=True)], 40.0, start_s=7.5)
    right = [names[w] == label for w, (label, _) in zip(who, after, strict=True)]
    assert np.mean(right) > 0.9


def test_a_body_that_stands_still_in_a_new_place_keeps_the_link():
    air = Air(4)
    clusters = ShapeClusters(52)
    _run(clusters, [_shape(air) for _ in range(200)], 20.0)
    walked = _run(clusters, [_shape(air, x) for x in walk(np.arange(60) / 20.0)], 20.0, start_s=10.0)
    stood = _run(clusters, [_shape(air, 6.37) for _ in range(400)], 20.0, start_s=13.0)
    assert {label for label, _ in walked + stood} == {"a"}
    assert all(fit is not Fit.FOREIGN for _, fit in stood)


def test_foreign_frames_at_a_high_rate_are_marked():
    air = Air(4)
    rng = np.random.default_rng(3)
    frames, truth = [], []
    while len(frames) < 4000:
        is_foreign = rng.random() < 0.03
        for _ in range(int(rng.integers(1, 12)) if is_foreign else 20):
            shape = _shape(air)
            if is_foreign:
                shape *= 1 + 0.45 * rng.normal(size=52).astype(np.float32)
            frames.append(shape)
            truth.append(is_foreign)
    found = _run(ShapeClusters(52), frames, 107.0)
    marked = np.array([fit is Fit.FOREIGN for _, fit in found])
    truth = np.array(truth)
    assert marked[truth].mean() > 0.9
    assert marked[~truth].mean() < 0.01
    assert {label for label, _ in found} == {"a"}


def test_state_is_bounded_whatever_arrives(rng):
    clusters = ShapeClusters(52)
    for k in range(5000):
        clusters.assign(rng.uniform(0.1, 1, 52).astype(np.float32), k * 0.05)
    assert len(clusters.labels) <= MAX_TRANSMITTERS
    assert clusters._places.members.shape == (MAX_PLACES * N_MEMBERS, 52)


def test_assignment_ignores_scale():
    airs = [Air(1), Air(2)]
    _, frames = _interleaved(airs, 300)
    assert _run(ShapeClusters(52), frames, 20.0) == _run(ShapeClusters(52), [8 * shape for shape in frames], 20.0)


def test_names_survive_a_restart():
    airs = [Air(1), Air(2)]
    truth, frames = _interleaved(airs, 400)
    first = dict(zip(truth, (label for label, _ in _run(ShapeClusters(52), frames, 20.0)), strict=True))
    clusters = ShapeClusters(52)
    for who in (1, 0):
        clusters.seed(first[who], _shape(airs[who]))
    rng = np.random.default_rng(8)
    again = rng.permutation(400)
    found = _run(clusters, [frames[k] for k in again], 20.0, start_s=5000.0)
    wrong = [first[truth[k]] != label for k, (label, _) in zip(again, found, strict=True)]
    assert np.mean(wrong) < 0.02


def test_a_stranger_heard_first_gives_the_name_back():
    """Only the main transmitter is known; the first frame after the restart is somebody else's."""
    airs = [Air(1), Air(2)]
    truth, frames = _interleaved(airs, 400)
    main = 0
    stranger = next(k for k, who in enumerate(truth) if who != main)
    clusters = ShapeClusters(52)
    clusters.seed("b", _shape(airs[main]))
    found = _run(clusters, [frames[stranger], *frames], 20.0)[1:]
    named = {label for who, (label, _) in zip(truth, found, strict=True) if who == main}
    others = [label for who, (label, _) in zip(truth, found, strict=True) if who != main]
    assert named == {"b"}
    assert "b" not in others[len(others) // 2 :], "told apart within ten seconds"


def test_a_label_can_be_told_from_another_transmitters():
    airs = [Air(1), Air(2)]
    clusters = ShapeClusters(52)
    _run(clusters, _interleaved([airs[0]], 60)[1], 20.0)
    assert not clusters.contradicts("a", _shape(airs[0]))
    assert clusters.contradicts("a", _shape(airs[1]))
    assert not clusters.contradicts("b", _shape(airs[1])), "nobody carries it"


def test_a_known_address_is_never_split():
    airs = [Air(1), Air(2)]
    _, frames = _interleaved(airs, 400)
    found = _run(ShapeClusters(52, may_split=False), frames, 20.0)
    assert {label for label, _ in found} == {"a"}
