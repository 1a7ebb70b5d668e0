"""The breathing specialist on simulated chests, on nothing, and on recordings."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.chest_link import ChestLink
from ruview_engine.errors import Damaged, TrainingError
from ruview_engine.links.link_id import LinkId
from ruview_engine.room.rate_tracker import RateTracker
from ruview_engine.room.reading import Reading, WhyNot
from ruview_engine.room.specialists.breathing import HOLD_S, BreathingSpecialist, empty_line_db
from ruview_engine.room.window import LinkWindow

ORIGIN = {"version": 1, "trained_at_s": 1.0e9, "anchor_set_hash": "a", "baseline_hash": "b"}


def window(times: np.ndarray, profiles: np.ndarray, node: str = "1") -> LinkWindow:
    n = len(times)
    return LinkWindow(
        link=LinkId(node, "64", "a"),
        times=times,
        profiles=profiles.astype(np.float32),
        levels=np.ones(n, np.float32),
        rssi_dbm=np.full(n, -50, np.float32),
    )


def chest(rng: np.random.Generator, bpm: float | None, ratio_db: float | None, seconds: float = 61) -> LinkWindow:
    return window(*ChestLink(ratio_db=ratio_db, breath_bpm=bpm).record(seconds, rng)[:2])


def read(one: LinkWindow, **options: object) -> Reading[float]:
    return BreathingSpecialist().read([one], at_s=float(one.times[-1]), **options)  # type: ignore[arg-type]


def test_untrained_reads_a_chest(rng: np.random.Generator) -> None:
    reading = read(chest(rng, 14.0, -14))
    assert reading.value is not None
    assert abs(reading.value - 14.0) < 0.7
    assert 0 < reading.confidence <= 1
    assert dict(reading.evidence)["line_db"] > 16


def test_slow_breath_is_read_from_a_minute(rng: np.random.Generator) -> None:
    reading = read(chest(rng, 6.5, -14))
    assert reading.value is not None
    assert abs(reading.value - 6.5) < 0.4
    assert dict(reading.evidence)["window_s"] == 60


def test_three_periods_are_a_breath_only_where_the_whole_minute_says_so(rng: np.random.Generator) -> None:
    """Who has just come and sways on their feet shows three of anything in half a minute."""
    half = chest(rng, 6.2, -4, seconds=31)
    reading = read(half)
    assert reading.value is not None
    assert dict(reading.evidence)["n_cycles"] < 4
    assert abs(reading.value - 6.2) < 0.4
    other = chest(rng, 16.0, 2, seconds=30)
    whole = window(
        np.concatenate([other.times, other.times[-1] + 0.05 + half.times - half.times[0]]),
        np.concatenate([other.profiles, half.profiles]),
    )
    assert read(whole).value is None


def test_a_taught_room_reads_fainter_breath_but_not_slow_ones() -> None:
    """Of a whole minute the empty room has shown one: what wanders slowly must exceed what unknown rooms do."""

    def both(bpm: float, ratio_db: float) -> tuple[float | None, float | None]:
        one = chest(np.random.default_rng(1), bpm, ratio_db)
        taught = BreathingSpecialist(empty_line_db={str(one.link): 5.0})
        return read(one).value, taught.read([one], at_s=float(one.times[-1])).value

    untaught, taught = both(14.0, -28)
    assert untaught is None
    assert taught is not None
    assert both(6.5, -25.4) == (None, None)
    assert None not in both(6.5, -24.5)


def test_fast_breath_is_read_after_a_quarter_of_a_minute(rng: np.random.Generator) -> None:
    reading = read(chest(rng, 24.0, -8, seconds=16))
    assert reading.value is not None
    assert abs(reading.value - 24) < 1.0
    assert dict(reading.evidence)["window_s"] == 15


def test_empty_rooms_are_silent(rng: np.random.Generator) -> None:
    for drift in (0.0, 0.001, 0.005):
        link = ChestLink(ratio_db=None, drift=drift)
        for _ in range(12):
            assert read(window(*link.record(61, rng)[:2])).value is None


def test_nothing_while_moving_unless_unmistakable(rng: np.random.Generator) -> None:
    one = chest(rng, 14.0, -27)
    now = float(one.times[-1])
    still = read(one)
    assert still.value is not None
    assert dict(still.evidence)["line_db"] < 22
    assert read(one, moving_at_s=[now - 0.5]).why_not is WhyNot.MOVING
    assert read(one, moving_at_s=list(now - np.arange(3.0, 12.0))).why_not is WhyNot.MOVING
    assert read(one, moving_at_s=[now - 20.0, now - 19.0]).value is not None
    in_sight = chest(rng, 14.0, -4)
    assert read(in_sight, moving_at_s=list(float(in_sight.times[-1]) - np.arange(30.0))).value is not None


def test_gone_within_one_window_after_the_breath(rng: np.random.Generator) -> None:
    """A minute of breath, then an empty room: silent within 30 s, and silent thereafter."""
    there, _, _ = ChestLink(ratio_db=-8, breath_bpm=15).record(60, rng)
    _, breathing, _ = ChestLink(ratio_db=-8, breath_bpm=15).record(60, rng)
    _, empty, _ = ChestLink(ratio_db=None).record(70, rng)
    times = np.concatenate([there[: len(breathing)], 60 + np.arange(len(empty)) / 20])
    whole = window(times, np.concatenate([breathing, empty]))
    tracker, shown_at = RateTracker(), []
    for at_s in np.arange(40.0, 129.0):
        look = BreathingSpecialist().read(
            [whole.between(at_s - 61, at_s)], at_s=at_s, expected_bpm=tracker.expected_bpm(at_s, HOLD_S)
        )
        tracker, reading = tracker.follow(at_s, look, HOLD_S)
        if reading.value is not None:
            shown_at.append(at_s)
    assert len(shown_at) > 15
    assert max(shown_at) <= 90


def test_links_are_fused_not_mixed(rng: np.random.Generator) -> None:
    weak = [window(*ChestLink(ratio_db=-30, breath_bpm=15, wander=0.0).record(61, rng)[:2], str(i)) for i in range(4)]
    reading = BreathingSpecialist().read(weak, at_s=60.9)
    assert reading.value is not None
    assert abs(reading.value - 15) < 0.5


def test_reboot_hole_and_missing_links_have_defined_answers(rng: np.random.Generator) -> None:
    one = chest(rng, 14.0, -14)
    now = float(one.times[-1])
    assert BreathingSpecialist().read([], at_s=now).why_not is WhyNot.NO_FRAMES
    assert BreathingSpecialist().read([one], at_s=now + 60).why_not is WhyNot.NO_FRAMES
    hole = window(*(part[(one.times < 20) | (one.times > 50)] for part in (one.times, one.profiles)))
    assert read(hole).value is None
    rebooted = one.profiles.copy()
    rebooted[one.times > 45] = rebooted[one.times > 45][:, ::-1]  # another gain, another shape
    value = read(window(one.times, rebooted)).value
    assert value is None or abs(value - 14) < 1
    together = BreathingSpecialist().read([hole, one], at_s=now)
    assert together.value is not None


def test_training_learns_the_empty_room_and_its_own_quality(rng: np.random.Generator) -> None:
    anchors = {"breathe_slow": [chest(rng, 7.5, -8, 32)], "breathe_normal": [chest(rng, 15.0, -8, 32)]}
    empty = [chest(rng, None, None, 60)]
    trained = BreathingSpecialist.fit(anchors, empty, **ORIGIN)  # type: ignore[arg-type]
    assert trained.provenance is not None
    assert trained.provenance.quality.measure == "rate_in_band"
    assert trained.provenance.quality.score > 0.4
    assert set(trained.empty_line_db) == {"1/64/a"}
    assert BreathingSpecialist.from_dict(trained.to_dict(), trained.provenance) == trained


def test_training_refuses_what_shows_no_breath(rng: np.random.Generator) -> None:
    nobody = {"breathe_normal": [chest(rng, None, None, 32)]}
    with pytest.raises(TrainingError, match="no breath"):
        BreathingSpecialist.fit(nobody, [], **ORIGIN)  # type: ignore[arg-type]
    with pytest.raises(TrainingError, match="needs"):
        BreathingSpecialist.fit({}, [], **ORIGIN)  # type: ignore[arg-type]
    wrong_band = {"breathe_slow": [chest(rng, 20.0, -8, 32)]}
    with pytest.raises(TrainingError, match="in its band"):
        BreathingSpecialist.fit(wrong_band, [], **ORIGIN)  # type: ignore[arg-type]


def test_a_fan_in_the_empty_room_raises_the_limit(rng: np.random.Generator) -> None:
    fan = chest(rng, 18.0, -20)
    level = empty_line_db(fan)
    assert level is not None
    assert level > 14
    trained = BreathingSpecialist(empty_line_db={str(fan.link): level})
    assert trained.read([fan], at_s=float(fan.times[-1])).value is None


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"empty_line_db": None},
        {"empty_line_db": {"1/64/a": "x"}},
        {"empty_line_db": {"1/64/a": float("nan")}},
        {"empty_line_db": {"1/64/a": 1e9}},
        {"empty_line_db": {"nonsense": 3.0}},
    ],
)
def test_damaged_stores_are_refused(stored: dict[str, object]) -> None:
    with pytest.raises(Damaged):
        BreathingSpecialist.from_dict(stored)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("pulse_wifi_esp32/resp_6rpm", 5.7, 6.3),
        ("pulse_wifi_esp32/resp_12rpm", 8.8, 9.9),
        ("pulse_wifi_esp32/resp_puerta_6rpm", None, None),
        ("pulse_wifi_esp32/vacio_02", None, None),
        ("pulse_wifi_esp32/mov_01", None, None),
        ("ialr_s3_amp/room1_20260727_1410", None, None),
    ],
)
def test_recordings(data_dir: Path, name: str, low: float | None, high: float | None) -> None:
    """Through the real demultiplexer at 20 frames/s, one look per second; every recording: benchmarks/."""
    from benchmarks.rates_recordings import evaluate
    from benchmarks.recordings import load

    tallies = evaluate(load(data_dir / f"{name}.npz").at_rate(20)).values()
    values = [value for tally in tallies for value in tally.ours]
    assert not [heart for tally in tallies for heart in tally.hearts]
    if low is None or high is None:
        assert values == []
        return
    assert len(values) >= 0.95 * sum(tally.warm for tally in tallies)
    assert low <= min(values)
    assert max(values) <= high
