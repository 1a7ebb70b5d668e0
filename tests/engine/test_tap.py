"""What follows one link: motion beside every sample, a past that is bounded, and forgotten when it was judged anew."""

import numpy as np
import pytest

from ruview_engine import tap as tap_module
from ruview_engine.links.layout import layout_named
from ruview_engine.links.link import Link
from ruview_engine.links.link_id import LinkId
from ruview_engine.tap import Tap

FS_HZ = 20.0
WHOSE = {"frequency_mhz": 2437, "access_point": None}


def tap(*, is_introspecting: bool = False) -> Tap:
    return Tap(
        Link(LinkId("1", "64", "a"), layout_named("64", 64), np.ones(64, bool)), is_introspecting=is_introspecting
    )


def feed(one: Tap, rng: np.random.Generator, seconds: float, start_s: float = 0.0, fs_hz: float = FS_HZ) -> float:
    """Quiet frames; answers when the last one came."""
    at_s = start_s
    for _ in range(round(seconds * fs_hz)):
        at_s += 1.0 / fs_hz
        profile = (1.0 + 0.02 * rng.standard_normal(64)).astype(np.float32)
        one.update(one.link.accept(profile, 30.0, -50, at_s, is_glitch=False, is_duplicate=False))
    return at_s


def test_before_the_first_sample_there_is_nothing() -> None:
    one = tap()
    assert one.stored(10.0, 5.0) is None
    window = one.window(10.0, 5.0, **WHOSE)
    assert (len(window.times), window.profiles.shape, window.frequency_mhz) == (0, (0, 64), 2437)


def test_every_sample_of_a_window_has_the_motion_measured_at_it(rng: np.random.Generator) -> None:
    one = tap()
    end_s = feed(one, rng, 20.0)
    window = one.window(5.0, end_s, **WHOSE)
    assert len(window.times) == pytest.approx(5.0 * FS_HZ, abs=1)
    assert window.motion_z is not None
    assert len(window.motion_z) == len(window.times)
    assert np.isfinite(window.motion_z).all()
    assert one.motion is not None
    assert window.motion_z[-1] == one.motion.score


def test_a_window_that_reaches_back_to_the_start_has_no_motion_there(rng: np.random.Generator) -> None:
    """Without a model the meter says nothing for some seconds: that is not "no motion"."""
    one = tap()
    end_s = feed(one, rng, 20.0)
    window = one.window(60.0, end_s, **WHOSE)
    assert window.motion_z is not None
    assert np.isnan(window.motion_z[0])
    assert np.isfinite(window.motion_z[-1])


def test_the_past_is_bounded_and_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tap()
    end_s = feed(whole, np.random.default_rng(7), 20.0)
    all_of_it = whole.window(3.0, end_s, **WHOSE).motion_z
    monkeypatch.setattr(tap_module, "N_HISTORY", 64)
    short = tap()
    feed(short, np.random.default_rng(7), 20.0)
    what_is_left = short.window(3.0, end_s, **WHOSE).motion_z
    assert all_of_it is not None
    assert what_is_left is not None
    assert np.array_equal(what_is_left[-50:], all_of_it[-50:])


def test_a_new_model_forgets_what_the_former_one_said(rng: np.random.Generator) -> None:
    one = tap(is_introspecting=True)
    end_s = feed(one, rng, 20.0)
    one.calibrate(None, None)
    assert one.motion is None
    window = one.window(10.0, end_s, **WHOSE)
    assert len(window.times) > 100, "the samples stay"
    assert window.motion_z is not None
    assert np.isnan(window.motion_z).all()
    end_s = feed(one, rng, 20.0, end_s)
    again = one.window(25.0, end_s, **WHOSE)
    assert again.motion_z is not None
    assert np.isnan(again.motion_z[0])
    assert np.isfinite(again.motion_z[-1])


def test_a_copy_is_not_changed_by_what_comes_after(rng: np.random.Generator) -> None:
    """The slow job widens it in another thread."""
    one = tap()
    end_s = feed(one, rng, 20.0)
    stored = one.stored(5.0, end_s)
    assert stored is not None
    head = one.window(5.0, end_s, **WHOSE)
    feed(one, rng, 200.0, end_s)
    window = stored.window(head)
    assert np.array_equal(window.times, head.times)
    assert np.array_equal(window.motion_z, head.motion_z)


def test_without_introspection_nothing_looks_back(rng: np.random.Generator) -> None:
    one = tap()
    assert one.slow_job() is None
    assert (
        one.update(one.link.accept(np.ones(64, np.float32), 1.0, None, 1.0, is_glitch=False, is_duplicate=False))
        is None
    )


@pytest.mark.parametrize(("measured_hz", "followed"), [(10.0, True), (22.0, False)])
def test_introspection_follows_a_rate_that_is_another(
    rng: np.random.Generator, measured_hz: float, followed: bool
) -> None:
    one = tap(is_introspecting=True)
    assert one.introspector is not None
    before = one.introspector.fs_hz
    feed(one, rng, 10.0, fs_hz=measured_hz)
    assert one.introspector.fs_hz == (pytest.approx(measured_hz, rel=0.05) if followed else before)
