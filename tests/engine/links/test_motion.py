"""Motion per frame and per second, on synthetic air and on recordings."""

import dataclasses

import numpy as np
import pytest

from ruview_engine.links.demux import Demux
from ruview_engine.links.motion import Z_LIMIT, MotionMeter
from ruview_engine.links.motion_state import MotionState
from ruview_engine.links.quiet import QuietModel
from tests.engine.links.air import Air, stretch


def _samples(frames):
    demux = Demux("1")
    return [sample for at_s, frame in frames if (sample := demux.feed(frame, at_s)) is not None], demux


def _model(frames):
    _, demux = _samples(frames)
    link = max(demux.links.values(), key=lambda link: link.frames)
    return QuietModel.fit([link.window(75.0, frames[-1][0])], link.active)


def _run(meter, samples):
    return [motion for sample in samples if (motion := meter.update(sample)) is not None]


def _moving_share(meter, samples, after_s=1.0):
    """Share of seconds whose last state is motion."""
    state, seconds = MotionState(), {}
    for sample in samples:
        motion = meter.update(sample)
        if motion is not None:
            seconds[int(sample.at_s)] = state.update(sample.at_s, motion.score)
    known = [value for second, value in seconds.items() if value is not None and second >= samples[0].at_s + after_s]
    return float(np.mean(known))


@pytest.mark.parametrize("fs_hz", [5.0, 10.0, 20.0, 100.0])
def test_walking_is_motion_and_quiet_is_not(fs_hz):
    air = Air(1)
    seconds = 40.0 if fs_hz <= 20.0 else 20.0
    model = _model(stretch(air, fs_hz, seconds, moving=False))
    quiet, _ = _samples(stretch(air, fs_hz, seconds, moving=False))
    walking, _ = _samples(stretch(air, fs_hz, seconds, moving=True))
    assert _moving_share(MotionMeter(model), quiet, after_s=5.0) == 0.0
    assert _moving_share(MotionMeter(model), walking, after_s=5.0) >= 0.98


def test_z_is_standard_in_the_quiet():
    air = Air(1)
    model = _model(stretch(air, 20.0, 40.0, moving=False))
    samples, _ = _samples(stretch(air, 20.0, 60.0, moving=False))
    z = np.array([motion.z for motion in _run(MotionMeter(model), samples)])
    assert abs(np.median(z)) < 0.4
    assert 0.5 < z.std() < 1.4
    assert np.abs(z).max() <= Z_LIMIT


def test_gain_changes_nothing():
    air = Air(1, level=10.0)
    model = _model(stretch(air, 20.0, 20.0, moving=False))
    frames = stretch(air, 20.0, 20.0, moving=True)
    louder = [
        (t, dataclasses.replace(f, iq=(3 * np.frombuffer(f.iq, np.int8)).astype(np.int8).tobytes())) for t, f in frames
    ]
    one, two = (_run(MotionMeter(None), _samples(x)[0]) for x in (frames, louder))
    np.testing.assert_allclose([m.z for m in one], [m.z for m in two], atol=1e-3)
    del model


def test_onset_shows_within_two_frames_at_20_hz():
    air = Air(1)
    model = _model(stretch(air, 20.0, 40.0, moving=False))
    delays = []
    for start in range(10):
        quiet = stretch(air, 20.0, 5.0, moving=False)
        walk = stretch(air, 20.0, 3.0, moving=True, start_s=5.0 + start)
        frames = quiet + [(t - start, frame) for t, frame in walk]
        samples, _ = _samples(frames)
        meter = MotionMeter(model)
        hot = [k for k, s in enumerate(samples) if (m := meter.update(s)) is not None and s.at_s >= 5.0 and m.z > 3.5]
        first = next(k for k, s in enumerate(samples) if s.at_s >= 5.0)
        delays.append(hot[0] - first + 1 if hot else 99)
    assert np.median(delays) <= 2


def test_continuous_motion_is_never_learned_as_quiet():
    """Four minutes of walking at 20 Hz: the floor must not creep up."""
    air = Air(1)
    model = _model(stretch(air, 20.0, 40.0, moving=False))
    samples, _ = _samples(stretch(air, 20.0, 240.0, moving=True))
    assert _moving_share(MotionMeter(model), samples, after_s=5.0) >= 0.97


def test_noise_that_rises_is_learned_as_noise():
    model = _model(stretch(Air(1, jitter=0.02), 20.0, 40.0, moving=False))
    noisy, _ = _samples(stretch(Air(1, jitter=0.04), 20.0, 60.0, moving=False))
    assert _moving_share(MotionMeter(model), noisy, after_s=20.0) <= 0.02


def test_power_lost_since_the_baseline_raises_the_floor_at_once():
    """Thermal noise is inverse to the received power: what comes 13 dB weaker is noisier before anything was seen."""
    air = Air(1)
    model = _model(stretch(air, 20.0, 40.0, moving=False))
    samples, _ = _samples(stretch(air, 20.0, 3.0, moving=False))
    weaker = [dataclasses.replace(sample, rssi_dbm=sample.rssi_dbm - 13) for sample in samples]
    as_before, lost = (_run(MotionMeter(model), taken)[0].floor for taken in (samples, weaker))
    assert 0.9 < lost - as_before < 1.3


def _seconds_to_motion(model, air, start_s, *, is_told):
    """From the first moving frame on at 20 Hz, when the change detector does or does not give alarm at the third."""
    quiet = stretch(air, 20.0, 8.0, moving=False)
    walk = [(t - start_s, frame) for t, frame in stretch(air, 20.0, 3.0, moving=True, start_s=8.0 + start_s)]
    samples, _ = _samples(quiet + walk)
    meter, state, n_moving = MotionMeter(model), MotionState(), 0
    for sample in samples:
        motion = meter.update(sample)
        n_moving += sample.at_s >= 8.0
        if is_told and n_moving == 3:
            meter.pool_anew()
        if motion is not None and state.update(sample.at_s, motion.score):
            return sample.at_s - 8.0
    return 3.0


def test_a_slow_link_that_is_told_of_a_change_is_quicker_about_it():
    air = Air(1)
    model = _model(stretch(air, 20.0, 40.0, moving=False))
    delays = {
        told: np.median([_seconds_to_motion(model, air, start, is_told=told) for start in range(12)])
        for told in (False, True)
    }
    assert delays[True] <= 0.8 * delays[False]


def test_being_told_of_changes_makes_no_motion_of_quiet():
    air = Air(1)
    model = _model(stretch(air, 20.0, 40.0, moving=False))
    samples, _ = _samples(stretch(air, 20.0, 40.0, moving=False))
    meter, state = MotionMeter(model), MotionState()
    for number, sample in enumerate(samples):
        motion = meter.update(sample)
        if number % 40 == 0:
            meter.pool_anew()
        if motion is not None:
            assert not state.update(sample.at_s, motion.score)


def _foreign(profile, rng):
    """The spectrum of six paths of up to 250 ns, as smooth as any other, in the bins of `profile`."""
    delay_s, hz = rng.uniform(0, 250e-9, 6), 312_500.0 * np.arange(profile.size)
    gain = rng.standard_normal(6) + 1j * rng.standard_normal(6)
    shape = np.abs(np.exp(-2j * np.pi * np.outer(hz, delay_s)) @ gain) * (profile > 0)
    return (shape / shape[profile > 0].mean()).astype(np.float32)


def _quiet_with_foreign(seed, places):
    """A model of the quiet, and twelve seconds of it at 20 Hz with foreign frames at these places."""
    air, rng = Air(1), np.random.default_rng(seed)
    model = _model(stretch(air, 20.0, 40.0, moving=False))
    samples, _ = _samples(stretch(air, 20.0, 12.0, moving=False))
    for k in sorted(places):
        samples[k] = dataclasses.replace(samples[k], profile=_foreign(samples[k].profile, rng))
    return model, samples


@pytest.mark.parametrize("start", range(60, 180, 17))
def test_a_run_of_foreign_frames_that_gives_alarm_is_no_motion(start):
    """A fifth of a second of shapes that agree with nothing, an alarm at the second of them, and all is as before."""
    model, samples = _quiet_with_foreign(start, range(start, start + 4))
    meter, state = MotionMeter(model), MotionState()
    for k, sample in enumerate(samples):
        motion = meter.update(sample)
        if k == start + 1:
            meter.pool_anew()
        assert not state.update(sample.at_s, None if motion is None else motion.score)


@pytest.mark.parametrize("fs_hz", [10.0, 100.0])
def test_without_a_model_it_says_so_and_waits(fs_hz):
    samples, _ = _samples(stretch(Air(1), fs_hz, 40.0, moving=False))
    meter = MotionMeter(None)
    found = _run(meter, samples)
    assert not meter.is_calibrated
    assert not any(motion.is_calibrated for motion in found)
    assert found[0].at_s - samples[0].at_s >= 5.0
    assert _moving_share(MotionMeter(None), samples) <= 0.02


@pytest.mark.parametrize("fs_hz", [20.0, 100.0])
def test_without_a_model_a_room_in_motion_is_not_called_quiet_for_long(fs_hz):
    samples, _ = _samples(stretch(Air(1), fs_hz, 40.0, moving=True))
    assert _moving_share(MotionMeter(None), samples, after_s=15.0) >= 0.9


def test_without_a_model_a_slow_link_in_motion_is_unknown_rather_than_quiet():
    """At 5 Hz walking is as white as noise: nobody can tell, so nobody says."""
    samples, _ = _samples(stretch(Air(1), 5.0, 60.0, moving=True))
    state = MotionState()
    states = [state.update(m.at_s, m.score) for m in _run(MotionMeter(None), samples)]
    assert states.count(False) <= 0.1 * len(states)


@pytest.mark.parametrize("every", [5, 11])
@pytest.mark.parametrize("name", ["mov_01", "mov_03"])
def test_without_a_model_a_slow_link_never_calls_a_recorded_walk_quiet(recording, name, every):
    """Its floor is the walk itself: 56 % of the seconds in which it spoke were "quiet" where z was believed."""
    samples, _ = _samples(recording(f"pulse_wifi_esp32/{name}.npz", every))
    state = MotionState()
    states = [state.update(m.at_s, m.score) for m in _run(MotionMeter(None), samples)]
    assert states.count(True) >= 0.5 * len(states)
    assert states.count(False) == 0


def test_glitches_and_repetitions_are_not_measured():
    samples, _ = _samples(stretch(Air(1), 20.0, 5.0, moving=False))
    meter = MotionMeter(None)
    assert meter.update(dataclasses.replace(samples[0], is_glitch=True)) is None
    assert meter.update(dataclasses.replace(samples[0], is_duplicate=True)) is None


def test_reset_equals_new():
    samples, _ = _samples(stretch(Air(1), 20.0, 20.0, moving=False))
    meter = MotionMeter(None)
    first = _run(meter, samples)
    meter.reset()
    assert _run(meter, samples) == first


PAIRS = [
    ("pulse_wifi_esp32/vacio_01.npz", "pulse_wifi_esp32/mov_03.npz", "pulse_wifi_esp32/vacio_03.npz"),
    (
        "espectre_multichip/baseline_c5_64sc_20260307_235549_hist.npz",
        "espectre_multichip/movement_c5_64sc_20260310_233928.npz",
        "espectre_multichip/baseline_c5_64sc_20260310_233856.npz",
    ),
    (
        "espectre_multichip/baseline_esp32_64sc_20260214_183059.npz",
        "espectre_multichip/movement_esp32_64sc_20260310_232137.npz",
        "espectre_multichip/baseline_esp32_64sc_20260310_232100.npz",
    ),
]


@pytest.mark.parametrize(("baseline", "moving", "quiet"), PAIRS)
def test_baseline_of_another_recording(recording, baseline, moving, quiet):
    model = _model(recording(baseline))
    assert _moving_share(MotionMeter(model), _samples(recording(moving))[0]) >= 0.98
    assert _moving_share(MotionMeter(model), _samples(recording(quiet))[0]) <= 0.01


def test_breathing_in_the_line_of_sight_is_not_motion(recording):
    model = _model(recording("pulse_wifi_esp32/vacio_01.npz"))
    assert _moving_share(MotionMeter(model), _samples(recording("pulse_wifi_esp32/resp_6rpm.npz"))[0]) <= 0.02


@pytest.mark.parametrize("fs_hz", [10.0, 20.0])
def test_more_noise_on_every_tone_is_not_motion(fs_hz):
    """Eleven times the noise energy at the baseline's level and RSSI: without coherence it is motion for seconds."""
    air = Air(1)
    model = _model(stretch(air, fs_hz, 40.0, moving=False))
    samples, _ = _samples(stretch(air, fs_hz, 40.0, moving=False))
    rng = np.random.default_rng(5)
    reference = model.reference
    scatter = np.std([s.profile for s in samples], axis=0)
    noisy = [
        dataclasses.replace(
            s,
            profile=np.where(
                reference > 0, s.profile + np.sqrt(10.0) * scatter * rng.normal(size=len(reference)), 0.0
            ).astype(np.float32),
        )
        for s in samples
    ]
    assert _moving_share(MotionMeter(model), noisy) == 0.0
    blind = dataclasses.replace(model, coherence=None)
    assert _moving_share(MotionMeter(blind), noisy) > 0.0


@pytest.mark.parametrize("start", range(60, 180, 17))
def test_a_shape_of_the_quiet_soon_after_an_alarm_takes_it_back(start):
    """Four foreign frames, two of the empty room, a fifth foreign one: nobody moves like that."""
    foreign = {*range(start, start + 4), start + 6}
    model, samples = _quiet_with_foreign(start, foreign)
    meter, state = MotionMeter(model), MotionState()
    for k, sample in enumerate(samples):
        motion = meter.update(sample)
        if k == start + 1:
            meter.pool_anew()
        elif motion is not None and k not in foreign:
            motion = meter.take_back(motion)
        assert not state.update(sample.at_s, None if motion is None else motion.score)


def test_nothing_is_taken_back_without_an_alarm_or_long_after_it():
    air = Air(1)
    model = _model(stretch(air, 20.0, 40.0, moving=False))
    samples, _ = _samples(stretch(air, 20.0, 12.0, moving=True))
    meter, alarmed_s = MotionMeter(model), samples[100].at_s
    for k, sample in enumerate(samples):
        motion = meter.update(sample)
        if k == 100:
            meter.pool_anew()
        elif motion is not None and not 0.0 < sample.at_s - alarmed_s < 2.1:
            assert meter.take_back(motion) is motion
