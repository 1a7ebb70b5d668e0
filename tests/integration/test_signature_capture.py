"""One take becomes a signature of the kind that has more evidence to spare."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from custom_components.ruview import signature_capture
from custom_components.ruview.ruview_engine.engine import Engine
from custom_components.ruview.ruview_engine.introspection.capture import CaptureProblem, CaptureVerdict
from custom_components.ruview.ruview_engine.introspection.signature import FeatureKind
from custom_components.ruview.ruview_engine.links.sample import Sample
from custom_components.ruview.ruview_engine.settings import RoomSettings
from custom_components.ruview.ruview_engine.tap import Tap
from custom_components.ruview.ruview_engine.wire import encode
from custom_components.ruview.ruview_engine.wire.packet import CsiFrame
from custom_components.ruview.signature_capture import Take, capture_job

FS_HZ, N_PAIRS = 20.0, 64
TAKE = Take(label="Door opens!", starts_s=60.0, ends_s=62.0)
WHEN = datetime(2026, 4, 3, tzinfo=UTC)


PATTERN = np.cos(np.arange(N_PAIRS) / 9)


class Sees:
    """Stands for a trained encoder that looks along one pattern of tones."""

    def __init__(self, pattern: np.ndarray) -> None:
        self.revision, self.dims, self._pattern = "abc", 3, pattern

    def follow(self) -> Callable[[Sample], Any]:
        return lambda sample: np.full(3, float(sample.profile @ self._pattern))

    def embed_deviations(self, deltas: Any) -> Any:
        raise AssertionError("signatures are made of samples")


@pytest.fixture(scope="module")
def taps() -> list[Tap]:
    """A minute of quiet and a door that swings at 60.5 s."""
    rng, engine = np.random.default_rng(1), Engine()
    engine.add_room(RoomSettings(room_id="hall", nodes=None), 0.0)
    shape = 60 * (1 + 0.3 * np.sin(np.arange(N_PAIRS) / 7))
    for i in range(int(64 * FS_HZ)):
        since = i / FS_HZ - 60.5
        swing = 0.35 * np.sin(np.pi * since / 1.5) if 0 <= since < 1.5 else 0.0
        amplitude = shape * (1 + 0.02 * rng.normal(size=N_PAIRS)) * (1 + swing * PATTERN)
        iq = np.zeros(2 * N_PAIRS, dtype=np.int8)
        iq[1::2] = np.clip(np.round(amplitude), 0, 127)
        frame = CsiFrame(
            version=1, node_id=1, n_antennas=1, n_pairs=N_PAIRS, freq_mhz=2437, sequence=i, rssi_dbm=-50,
            noise_floor_dbm=-95, ppdu=0, flags=0, iq=iq.tobytes(),
        )  # fmt: skip
        engine.feed(encode(frame), "192.0.2.1", i / FS_HZ)
    return list(engine.taps.values())


def test_without_an_encoder_it_is_a_shift_of_the_profile(taps: list[Tap]) -> None:
    verdict = capture_job(taps, TAKE, 64.0, WHEN)()
    assert verdict.signature is not None
    assert verdict.signature.feature_kind is FeatureKind.PROFILE_DELTA
    assert verdict.signature.backbone_rev is None
    assert verdict.signature.id == "door_opens"


def test_an_encoder_that_sees_nothing_is_not_used(taps: list[Tap]) -> None:
    verdict = capture_job(taps, TAKE, 64.0, WHEN, Sees(0 * PATTERN))()
    assert verdict.signature is not None
    assert verdict.signature.feature_kind is FeatureKind.PROFILE_DELTA


@pytest.mark.parametrize(("spare", "kept"), [(7.0, FeatureKind.EMBEDDING), (4.0, FeatureKind.PROFILE_DELTA)])
def test_what_has_more_evidence_to_spare_is_kept(
    taps: list[Tap], monkeypatch: pytest.MonkeyPatch, spare: float, kept: FeatureKind
) -> None:
    asked: dict[FeatureKind, dict[str, Any]] = {}

    def judge(takes: list[Any], **given: Any) -> CaptureVerdict:
        kind = given["feature_kind"]
        asked[kind] = given | {"dims": takes[0].shape[1]}
        evidence = 10.0 + (spare if kind is FeatureKind.EMBEDDING else 5.0)
        return CaptureVerdict(signature=None, problem=None, n_takes=1, evidence=evidence, needed=10.0)

    monkeypatch.setattr(signature_capture, "make_signature", judge)
    verdict = capture_job(taps, TAKE, 64.0, WHEN, Sees(PATTERN))()
    assert verdict.merit[1] == (spare if kept is FeatureKind.EMBEDDING else 5.0)
    assert (asked[FeatureKind.EMBEDDING]["backbone_rev"], asked[FeatureKind.EMBEDDING]["dims"]) == ("abc", 3)
    assert (asked[FeatureKind.PROFILE_DELTA]["backbone_rev"], asked[FeatureKind.PROFILE_DELTA]["dims"]) == (None, 16)


def test_nothing_heard_is_no_take() -> None:
    assert capture_job([], TAKE, 64.0, WHEN, Sees(PATTERN))().problem is CaptureProblem.NO_TAKE


@pytest.mark.parametrize(
    ("at_s", "phase", "fraction", "remaining_s"),
    [
        (55.0, "lead_in", 0.0, 5.0),
        (60.0, "capturing", 0.0, 2.0),
        (61.5, "capturing", 0.75, 0.5),
        (70.0, "capturing", 1.0, 0.0),
    ],
)
def test_a_take_tells_how_far_it_is(at_s: float, phase: str, fraction: float, remaining_s: float) -> None:
    now = TAKE.progress(at_s)
    assert (now.kind, now.phase, now.what) == ("signature", phase, TAKE.label)
    assert (now.fraction, now.remaining_s) == (fraction, remaining_s)
