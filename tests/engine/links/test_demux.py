"""One node's frames to links, on synthetic and real streams."""

import dataclasses

import numpy as np
import pytest

from ruview_engine.links.demux import MAX_GROUPS, MAX_LINKS, Demux
from ruview_engine.links.link_id import LinkId
from ruview_engine.links.mask import LEARN_FRAMES
from tests.engine.links.air import Air, frame_of, stretch


def _feed(demux, frames):
    return [sample for at_s, frame in frames if (sample := demux.feed(frame, at_s)) is not None]


def test_one_sample_per_frame_once_the_mask_is_known():
    demux = Demux("1")
    samples = _feed(demux, stretch(Air(1), 20.0, 5.0, moving=False))
    assert len(samples) == 100 - LEARN_FRAMES + 1
    assert demux.n_learning == LEARN_FRAMES - 1
    assert [sample.index for sample in samples] == list(range(len(samples)))
    assert {sample.link for sample in samples} == {LinkId("1", "64", "a")}
    assert samples[0].gap_s is None
    assert samples[0].breaks_window
    assert samples[5].gap_s == pytest.approx(0.05)
    assert not samples[5].breaks_window


def test_profiles_ignore_gain():
    air = Air(1, level=12.0)
    frames = stretch(air, 20.0, 3.0, moving=False)
    doubled = [
        (t, dataclasses.replace(f, iq=(2 * np.frombuffer(f.iq, np.int8)).astype(np.int8).tobytes())) for t, f in frames
    ]
    for one, two in zip(_feed(Demux("1"), frames), _feed(Demux("1"), doubled), strict=True):
        np.testing.assert_allclose(one.profile, two.profile, rtol=1e-5)
        assert two.level == pytest.approx(2 * one.level, rel=1e-5)


def test_address_names_the_link():
    demux = Demux("1")
    for k in range(60):
        for mac, air in ((b"\x02\x00\x00\x00\x00\x01", Air(1)), (b"\x02\x00\x00\x00\x00\x02", Air(2))):
            demux.feed(frame_of(air.pairs(), transmitter=mac), k * 0.05)
    assert sorted(demux.links) == [LinkId("1", "64", "020000000001"), LinkId("1", "64", "020000000002")]


def test_a_repeated_frame_is_marked():
    demux = Demux("1")
    frames = stretch(Air(1), 10.0, 4.0, moving=False)
    samples = _feed(demux, [(t, frames[k - 1][1] if k % 5 == 4 else f) for k, (t, f) in enumerate(frames)])
    marked = [sample.is_duplicate for sample in samples]
    assert marked == [k % 5 == 4 for k in range(LEARN_FRAMES - 1, 40)]
    assert demux.links[LinkId("1", "64", "a")].n_duplicates == sum(marked)


def test_layouts_are_never_mixed():
    demux = Demux("1")
    air = Air(1)
    for k in range(80):
        demux.feed(frame_of(air.pairs()), k * 0.1)
        demux.feed(frame_of(np.tile(air.pairs(), 2)), k * 0.1 + 0.03)
        demux.feed(frame_of(air.pairs(), ppdu=1), k * 0.1 + 0.06)
    assert {link.layout for link in demux.links} == {"64", "128", "64-he"}


def test_useless_rssi_is_unknown():
    demux = Demux("1")
    samples = _feed(
        demux, [(t, dataclasses.replace(f, rssi_dbm=1)) for t, f in stretch(Air(1), 20.0, 2.0, moving=False)]
    )
    assert samples[-1].rssi_dbm is None
    assert demux.links[samples[-1].link].rssi_dbm is None


def test_frames_without_content_are_counted():
    demux = Demux("1")
    _feed(demux, stretch(Air(1), 20.0, 2.0, moving=False))
    assert demux.feed(frame_of(np.zeros(64, complex)), 3.0) is None
    assert demux.feed(frame_of(np.zeros(4, complex)), 3.1) is None
    assert demux.feed(frame_of(np.zeros(64, complex), iq=b"\x00" * 20), 3.2) is None
    assert (demux.n_silent, demux.n_refused) == (1, 2)


def test_strangers_cannot_grow_a_node(rng):
    demux = Demux("1")
    air = Air(1)
    for k in range(200):
        mac = bytes([2, 0, 0, 0, k // 256, k % 256])
        for _ in range(LEARN_FRAMES + 2):
            demux.feed(frame_of(air.pairs(), transmitter=mac), float(k))
    assert len(demux._groups) <= MAX_GROUPS
    assert len(demux.links) <= MAX_LINKS


def test_seeded_links_keep_their_names_and_start_at_once():
    first = Demux("1")
    frames = stretch(Air(1), 20.0, 4.0, moving=False)
    samples = _feed(first, frames)
    reference = np.median([sample.profile for sample in samples], axis=0).astype(np.float32)
    again = Demux("1")
    again.seed(LinkId("1", "64", "c"), reference)
    samples = _feed(again, stretch(Air(1), 20.0, 2.0, moving=False))
    assert len(samples) == 40
    assert {sample.link.transmitter for sample in samples} == {"c"}


def test_seeds_that_come_late_rename_what_is_heard():
    """A baseline is imported while the board has been speaking: its names hold, not those given meanwhile."""
    reference = np.median([s.profile for s in _feed(Demux("1"), stretch(Air(1), 20.0, 4.0, moving=False))], axis=0)
    stranger = np.median([s.profile for s in _feed(Demux("1"), stretch(Air(2), 20.0, 4.0, moving=False))], axis=0)
    demux = Demux("1")
    air = Air(1)
    assert {s.link.transmitter for s in _feed(demux, stretch(air, 20.0, 5.0, moving=False))} == {"a"}
    demux.seed(LinkId("1", "64", "b"), reference.astype(np.float32))
    demux.seed(LinkId("1", "64", "a"), stranger.astype(np.float32))
    assert not demux.links, "what was called a is forgotten"
    samples = _feed(demux, stretch(air, 20.0, 2.0, moving=False, start_s=5.0))
    assert {s.link.transmitter for s in samples} == {"b"}


def test_a_seed_that_agrees_keeps_what_was_heard():
    air = Air(1)
    demux = Demux("1")
    samples = _feed(demux, stretch(air, 20.0, 5.0, moving=False))
    reference = np.median([sample.profile for sample in samples], axis=0).astype(np.float32)
    demux.seed(LinkId("1", "64", "a"), reference)
    assert demux.links[LinkId("1", "64", "a")].frames == len(samples)


def test_mixture_of_two_recordings_is_taken_apart(recording):
    """A walking and an empty room, each one transmitter, interleaved: who is who, and is the walk still there?"""
    quiet = recording("espectre_multichip/baseline_c3_64sc_20260214_185025_hist.npz", 5)
    walking = recording("espectre_multichip/movement_s3_64sc_20260310_231306_hist.npz", 5)
    both = [(t, f, "quiet") for t, f in quiet] + [(t + 0.004, f, "walking") for t, f in walking]
    mixed = sorted(both, key=lambda row: row[0])
    demux = Demux("1")
    tally: dict[tuple[str, str], int] = {}
    for at_s, frame, who in mixed:
        sample = demux.feed(frame, at_s)
        if sample is not None and sample.is_usable and at_s > 4.0:
            key = (who, sample.link.transmitter)
            tally[key] = tally.get(key, 0) + 1
    best = {who: max((n, label) for (w, label), n in tally.items() if w == who) for who in ("quiet", "walking")}
    assert best["quiet"][1] != best["walking"][1]
    for who, (n, _) in best.items():
        assert n >= 0.95 * sum(count for (w, _), count in tally.items() if w == who)


def test_two_boards_are_purified(two_boards):
    """SENSING §5: within-link change ≤ 0.0025 (median), ≥ 90 % of frames kept."""
    demuxes = {"1": Demux("1"), "2": Demux("2")}
    last: dict[LinkId, np.ndarray] = {}
    changes, kept = [], 0
    for at_s, node, frame in two_boards:
        sample = demuxes[node].feed(frame, at_s)
        if sample is None or not sample.is_usable:
            continue
        kept += 1
        unit = sample.profile / np.linalg.norm(sample.profile)
        if sample.link in last:
            changes.append(1 - float(unit @ last[sample.link]))
        last[sample.link] = unit
    assert np.median(changes) <= 0.0025
    assert kept >= 0.9 * len(two_boards)


@pytest.mark.parametrize("every", [1, 5, 10, 20])
@pytest.mark.parametrize(
    "name", ["pulse_wifi_esp32/mov_02.npz", "espectre_multichip/movement_c5_64sc_20260310_233928.npz"]
)
def test_real_walks_are_neither_split_nor_lost(recording, name, every):
    frames = recording(name, every)
    demux = Demux("1")
    samples = _feed(demux, frames)
    assert {sample.link.transmitter for sample in samples} == {"a"}
    assert np.mean([sample.is_usable for sample in samples]) > 0.95


@pytest.mark.parametrize("every", [5, 10])
@pytest.mark.parametrize("walk", ["mov_02", "mov_03"])
def test_a_walk_from_the_first_frame_on_keeps_the_name_it_was_lent(recording, walk, every):
    """The first frame is far from the empty room's shape and later ones pass by it: still one transmitter."""
    quiet = _feed(Demux("1"), recording("pulse_wifi_esp32/vacio_02.npz", every))
    reference = np.median([sample.profile for sample in quiet], axis=0).astype(np.float32)
    demux = Demux("1")
    demux.seed(LinkId("1", "64", "c"), reference)
    assert {s.link.transmitter for s in _feed(demux, recording(f"pulse_wifi_esp32/{walk}.npz", every))} == {"c"}


def test_foreign_frames_of_an_empty_room_are_marked(recording):
    demux = Demux("1")
    samples = _feed(demux, recording("pulse_wifi_esp32/vacio_02.npz"))
    assert 0.04 < np.mean([sample.is_glitch for sample in samples]) < 0.12


def test_narrower_frames_of_equal_size_are_their_own_layout():
    """C6 boards mix legacy (52 tones) and HT (56 tones) reports in 64 pairs."""
    demux, air = Demux("1"), Air(1)
    rng = np.random.default_rng(2)
    for k in range(200):
        pairs = air.pairs()
        if k > 40 and rng.random() < 0.3:
            pairs[[25, 26, 38, 39]] = 0
        demux.feed(frame_of(pairs), k * 0.05)
    assert {link.layout for link in demux.links} == {"64", "64-narrow"}
