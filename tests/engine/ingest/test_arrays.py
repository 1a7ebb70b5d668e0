"""`.npz` recordings: exact I/Q, amplitudes to the nearest pair, clips apart, truth beside, nonsense refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ruview_engine.errors import FormatError
from ruview_engine.ingest import Receiver
from ruview_engine.ingest.arrays import CLIP_GAP_S, ArrayRecording
from ruview_engine.ingest.recording import read_recording
from ruview_engine.wire import CsiFrame, decode

T = np.arange(50) * 0.01


def _saved(path: Path, **arrays: Any) -> ArrayRecording:
    np.savez(path / "a.npz", **arrays)
    recording = read_recording(path / "a.npz")
    assert isinstance(recording, ArrayRecording)
    return recording


def _frames(recording: ArrayRecording) -> list[CsiFrame]:
    frames = [decode(datagram) for _, _, datagram in recording]
    assert all(isinstance(frame, CsiFrame) for frame in frames)
    return [frame for frame in frames if isinstance(frame, CsiFrame)]


def _pairs(recording: ArrayRecording) -> np.ndarray:
    return np.stack([np.frombuffer(frame.iq, np.int8).reshape(-1, 2) for frame in _frames(recording)]).astype(float)


def test_whole_iq_is_kept_exactly_imaginary_first(tmp_path: Path, rng: np.random.Generator) -> None:
    csi = (rng.integers(-127, 128, (50, 64)) + 1j * rng.integers(-127, 128, (50, 64))).astype(np.complex64)
    recording = _saved(tmp_path, t=T, csi=csi)
    pairs = _pairs(recording)
    assert np.array_equal(pairs[..., 1] + 1j * pairs[..., 0], csi)
    assert recording.scale == 1.0
    assert recording.has_phase


@pytest.mark.parametrize("factor", [0.01, 1e-6, 40.0])
def test_other_iq_uses_the_whole_range(tmp_path: Path, rng: np.random.Generator, factor: float) -> None:
    csi = ((rng.normal(size=(50, 64)) + 1j * rng.normal(size=(50, 64))) * factor).astype(np.complex64)
    recording = _saved(tmp_path, t=T, csi=csi)
    pairs = _pairs(recording)
    assert np.abs(pairs).max() == 127
    error = (pairs[..., 1] + 1j * pairs[..., 0]) / recording.scale - csi
    assert np.abs(error).max() <= 0.75 / recording.scale


def test_whole_amplitudes_are_kept_exactly(tmp_path: Path, rng: np.random.Generator) -> None:
    amp = rng.integers(0, 128, (50, 128)).astype(np.float32)
    recording = _saved(tmp_path, t=T, amp=amp)
    pairs = _pairs(recording)
    assert np.array_equal(pairs[..., 0], amp)
    assert not pairs[..., 1].any()
    assert recording.scale == 1.0
    assert not recording.has_phase


@pytest.mark.parametrize("largest", [3.0, 75.9, 4000.0])
def test_other_amplitudes_are_kept_far_better_than_by_rounding(
    tmp_path: Path, rng: np.random.Generator, largest: float
) -> None:
    amp = rng.uniform(0.05 * largest, largest, (50, 56)).astype(np.float32)
    recording = _saved(tmp_path, t=T, amp=amp)
    pairs = _pairs(recording)
    error = (np.hypot(pairs[..., 0], pairs[..., 1]) / recording.scale - amp) * recording.scale
    assert np.sqrt(np.mean(error**2)) < 0.04  # rounding leaves 0.29
    assert np.abs(error).max() < 0.3


def test_silent_frames_are_silent(tmp_path: Path) -> None:
    assert not _pairs(_saved(tmp_path, t=T, amp=np.zeros((50, 8)))).any()
    assert not _pairs(_saved(tmp_path, t=T, csi=np.zeros((50, 8), np.complex64))).any()


def test_clips_are_put_apart(tmp_path: Path) -> None:
    t = np.tile(np.arange(10) * 0.1, 5)
    rec = np.repeat(np.arange(5), 10)
    recording = _saved(tmp_path, t=t, csi=np.ones((50, 4), np.complex64), rec=rec, rec_name=list("abcde"))
    times = np.array([at_s for at_s, _, _ in recording])
    assert recording.truth is not None
    assert np.array_equal(times, recording.truth.at_s)
    steps = np.diff(times)
    assert np.allclose(steps[9::10], CLIP_GAP_S)
    assert np.allclose(np.delete(steps, slice(9, None, 10)), 0.1)
    assert recording.truth.clip_names == tuple("abcde")
    assert recording.truth.clips.tolist() == rec.tolist()


def test_a_clock_never_runs_back(tmp_path: Path) -> None:
    t = T.copy()
    t[20] = -5.0
    times = [at_s for at_s, _, _ in _saved(tmp_path, t=t + 7, amp=np.ones((50, 4)))]
    assert times[0] == 0.0
    assert times == sorted(times)


def test_truth_of_one_and_of_many(tmp_path: Path) -> None:
    ones = np.ones((50, 4))
    truth = _saved(tmp_path, t=T, amp=ones, labels=np.array("empty"), breath_bpm=np.array(np.nan)).truth
    assert truth is not None
    assert set(truth.labels.tolist()) == {"empty"}
    assert not truth.settling.any()
    assert truth.breath_bpm is None
    labels = np.array(["a"] * 25 + ["b"] * 25)
    settling = np.arange(50) < 5
    truth = _saved(tmp_path, t=T, amp=ones, labels=labels, settling=settling.astype(np.int8), breath_bpm=9.0).truth
    assert truth is not None
    assert truth.labels.tolist() == labels.tolist()
    assert truth.settling.tolist() == settling.tolist()
    assert truth.breath_bpm == 9.0


def test_rssi_is_a_reading_or_unknown(tmp_path: Path) -> None:
    rssi = np.array([-60] * 48 + [1, 0])
    assert [f.rssi_dbm for f in _frames(_saved(tmp_path, t=T, amp=np.ones((50, 4)), rssi=rssi))][-3:] == [-60, 0, 0]
    wild = np.array([np.nan, -1000.0] + [-47.6] * 48)
    frames = _frames(_saved(tmp_path, t=T, amp=np.ones((50, 4)), rssi=wild))
    assert [f.rssi_dbm for f in frames][:3] == [0, 0, -48]


def test_meta_is_read_when_it_is_an_object(tmp_path: Path) -> None:
    ones = np.ones((50, 4))
    assert _saved(tmp_path, t=T, amp=ones, meta=json.dumps({"chip": "c3"})).meta == {"chip": "c3"}
    for meta in ("[]", "{", ""):
        assert _saved(tmp_path, t=T, amp=ones, meta=meta).meta == {}


@pytest.mark.parametrize(
    "arrays",
    [
        {"t": T},
        {"amp": np.ones((50, 4))},
        {"t": T[:-1], "amp": np.ones((50, 4))},
        {"t": T * np.nan, "amp": np.ones((50, 4))},
        {"t": T, "amp": np.full((50, 4), np.inf)},
        {"t": T, "amp": -np.ones((50, 4))},
        {"t": T, "amp": np.ones(50)},
        {"t": T, "amp": np.ones((50, 1025))},
        {"t": T, "amp": np.full((50, 4), "x")},
        {"t": T[:0], "amp": np.ones((0, 4))},
        {"t": np.full(50, "x"), "amp": np.ones((50, 4))},
        {"t": T[::-1].copy(), "amp": np.ones((50, 4))},
        {"t": np.zeros(50), "amp": np.ones((50, 4))},
        {"t": T, "csi": np.ones((50, 2, 2), np.complex64)},
    ],
)
def test_nonsense_is_refused(tmp_path: Path, arrays: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        _saved(tmp_path, **arrays)


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", t=T, amp=np.array([{}] * 50, dtype=object))
    with pytest.raises(FormatError):
        read_recording(tmp_path / "a.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 1000])
def test_files_that_are_no_archive_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(FormatError):
        read_recording(tmp_path / "a.npz")


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    _saved(tmp_path, t=T, amp=np.ones((50, 4)))
    data = bytearray((tmp_path / "a.npz").read_bytes())
    for at in range(40, len(data), 97):
        spoilt = bytearray(data)
        spoilt[at] ^= 0xFF
        (tmp_path / "a.npz").write_bytes(spoilt)
        try:
            list(read_recording(tmp_path / "a.npz"))
        except FormatError:
            continue


def test_no_flipped_byte_raises_anything_else(tmp_path: Path, rng: np.random.Generator) -> None:
    """Damaged anywhere: unpacker, numpy's header and the archive's directory each complain in their own way."""
    path = tmp_path / "a.npz"
    csi = (rng.integers(-9, 9, (50, 8)) + 1j * rng.integers(-9, 9, (50, 8))).astype(np.complex64)
    np.savez_compressed(path, t=T, csi=csi, labels=np.array("walk"), meta=np.array('{"a": 1}'))
    whole = path.read_bytes()
    n_refused = 0
    for _ in range(600):
        damaged = bytearray(whole)
        damaged[int(rng.integers(len(whole)))] = int(rng.integers(256))
        path.write_bytes(damaged)
        try:
            list(read_recording(path))
        except FormatError:
            n_refused += 1
    assert n_refused > 100


@pytest.mark.parametrize("name", ["rec", "settling", "rssi", "breath_bpm", "t_unix"])
@pytest.mark.parametrize("value", [np.array("x"), np.full(50, "x"), np.full(50, np.inf), np.full(50, np.nan)])
def test_what_is_beside_the_frames_refuses_none_of_them(tmp_path: Path, name: str, value: np.ndarray) -> None:
    recording = _saved(tmp_path, t=T, csi=np.ones((50, 8), np.complex64), **{name: value})
    assert len(_frames(recording)) == 50
    assert recording.started_unix_s is None


def test_all_public_recordings_arrive_whole(data_dir: Path) -> None:
    paths = [path for path in sorted(data_dir.glob("*/*.npz")) if path.stat().st_size < 300_000]
    assert paths
    for path in paths:
        recording = read_recording(path)
        receiver = Receiver()
        n = sum(receiver.feed(datagram, source, at_s) is not None for at_s, source, datagram in recording)
        assert recording.truth is not None
        assert n == len(recording.truth.at_s) == recording.report.n_datagrams, path.name
        assert list(receiver.nodes) == ["1"]
