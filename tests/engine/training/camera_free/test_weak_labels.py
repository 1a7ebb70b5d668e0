"""Each weak label says what its sensors say, and nothing where they are silent."""

import numpy as np
import pytest

from ruview_engine.training.camera_free import weak_labels as wl
from ruview_engine.training.camera_free.observation import Observation
from ruview_engine.training.camera_free.signals import Mode, SensorHistory, Signal, Track

M = 900


def observation(**columns: np.ndarray) -> Observation:
    rng = np.random.default_rng(5)
    fields = {
        name: columns.get(name, rng.uniform(0.1, 1.0, (M, 2)))
        for name in ("presence", "motion", "rssi_dbm", "n_persons", "periodicity", "upper", "lower")
    }
    return Observation(grid=np.arange(M, dtype=float), nodes=(1, 2), **fields)


def history(**reports: list[tuple[float, float]]) -> SensorHistory:
    return SensorHistory(
        tracks={Signal(name): Track.from_reports(Signal(name), rows) for name, rows in reports.items()}
    )


def test_pir_overrules_the_boards_own_score() -> None:
    label = wl.presence(observation(), history(pir=[(0, 0), (400, 1), (460, 0)]))
    assert (label.values[405:455] == 1).all()
    assert (label.weight[405:455] == wl.TRUST_PIR).all()
    assert (label.values[320:399] == 0).all()


def test_a_pir_that_has_just_gone_silent_does_not_claim_absence() -> None:
    label = wl.presence(observation(presence=np.full((M, 2), np.nan)), history(pir=[(0, 0), (400, 1), (460, 0)]))
    assert (label.weight[470:700] == 0).all()
    assert (label.values[800:] == 0).all()


def test_rising_temperature_means_somebody() -> None:
    warm = [(float(t), 20.0 + max(t - 300, 0) * 0.2 / 60) for t in range(0, M, 30)]
    label = wl.presence(observation(presence=np.full((M, 2), np.nan)), history(temperature=warm))
    assert (label.values[600:] == 1).all()
    assert (label.weight[:200] == 0).all()


def test_entry_needs_two_witnesses() -> None:
    seen = observation()
    alone = wl.entry_exit(seen, history(door=[(0, 0), (100, 1)]))
    assert not alone.weight.any()
    both = wl.entry_exit(seen, history(door=[(0, 0), (100, 1), (500, 0)], pir=[(0, 0), (102, 1), (104, 1)]))
    assert both.values[102:104].any()
    assert not both.values[505:].any()


def test_position_follows_the_rssi_difference_and_needs_two_nodes() -> None:
    rssi = np.stack([np.linspace(-40, -60, M), np.linspace(-60, -40, M)], axis=1)
    label = wl.position(observation(rssi_dbm=rssi))
    column = label.values % wl.N_ZONES_PER_SIDE
    assert column[0] == 4
    assert column[-1] == 0
    assert label.values.min() >= 0
    assert label.values.max() < 25


def test_activity_names_walking_by_rhythm_and_empty_by_presence() -> None:
    motion = np.repeat(np.linspace(0, 1, M)[:, None], 2, axis=1)
    seen = observation(motion=motion, periodicity=np.full((M, 2), 0.9))
    absent = wl.WeakLabel(values=np.zeros(M), weight=np.where(np.arange(M) < 100, 0.95, 0.0), sources=())
    label = wl.activity(seen, absent)
    kinds = list(wl.Activity)
    assert (label.values[:100] == kinds.index(wl.Activity.EMPTY)).all()
    assert (label.values[150:250] == kinds.index(wl.Activity.STATIONARY)).all()
    assert (label.values[-100:] == kinds.index(wl.Activity.WALKING)).all()


def test_breathing_zone_is_unknown_without_humidity() -> None:
    seen = observation()
    present = wl.WeakLabel(values=np.ones(M), weight=np.ones(M), sources=())
    assert not wl.breathing_zone(seen, history(), present).weight.any()
    wet = [(float(t), 40 + t * 0.1 / 60) for t in range(0, M, 30)]
    assert (wl.breathing_zone(seen, history(humidity=wet), present).values[300:] == 1).all()


@pytest.mark.parametrize(
    ("n_nodes", "signals", "mode"),
    [
        (2, {"pir": [(0.0, 1.0)]}, Mode.FULL),
        (2, {}, Mode.CSI_ONLY),
        (1, {"pir": [(0.0, 1.0)]}, Mode.SINGLE_NODE),
        (2, {"pir": []}, Mode.CSI_ONLY),
    ],
)
def test_mode_is_computed_from_what_was_measured(n_nodes: int, signals: dict, mode: Mode) -> None:
    assert history(**signals).mode(n_nodes) is mode


def test_old_reports_are_not_believed_for_ever() -> None:
    track = Track.from_reports(Signal.PIR, [(0.0, 1.0)])
    assert np.isnan(track.at(np.array([-1.0, 4000.0]))).all()
    assert track.at(np.array([10.0]))[0] == 1.0
