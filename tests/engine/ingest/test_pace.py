"""Rates, jitter and forgetting counts."""

import pytest

from ruview_engine.ingest.pace import RATE_WINDOW_S, Pace, Tally


def _fed(times: list[float], size: int = 1024) -> Pace:
    pace = Pace(size)
    for at_s in times:
        pace.update(at_s)
    return pace


@pytest.mark.parametrize("hz", [0.3, 1.0, 3.5, 22.0, 107.0, 143.0])
def test_rate_of_a_steady_stream(hz: float) -> None:
    times = [i / hz for i in range(int(40 * hz) + 1)]
    assert _fed(times).rate_hz(times[-1]) == pytest.approx(hz, rel=0.03)


def test_rate_survives_a_hole_and_a_burst() -> None:
    times = [i / 20 for i in range(400) if not 300 <= i < 320]
    times += [19.95 + i * 1e-4 for i in range(1, 21)]
    assert _fed(times).rate_hz(20.0) == pytest.approx(20.0, rel=0.1)


def test_nothing_is_said_too_early() -> None:
    pace = Pace(64)
    assert pace.rate_hz(5.0) is None
    assert pace.age_s(5.0) is None
    pace.update(5.0)
    pace.update(5.1)
    assert pace.rate_hz(5.5) is None
    assert pace.age_s(5.5) == pytest.approx(0.4)
    assert pace.jitter_s() is None


def test_rate_falls_to_zero_in_silence() -> None:
    pace = _fed([i / 20 for i in range(200)])
    now_s = 10.0
    rates = [pace.rate_hz(now_s + silence) for silence in (0.0, 3.0, 6.0, RATE_WINDOW_S + 0.1)]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == 0.0


def test_a_full_ring_shortens_the_window_only() -> None:
    times = [i / 150 for i in range(3000)]
    assert _fed(times, size=64).rate_hz(times[-1]) == pytest.approx(150, rel=0.03)


def test_jitter_of_steady_and_of_shaken_arrivals() -> None:
    steady = [i * 0.05 for i in range(200)]
    shaken = [at_s + (0.01 if i % 2 else 0.0) for i, at_s in enumerate(steady)]
    assert _fed(steady).jitter_s() == pytest.approx(0.0, abs=1e-9)
    assert _fed(shaken).jitter_s() == pytest.approx(0.01, rel=0.1)


def test_jitter_ignores_one_long_hole() -> None:
    times = [i * 0.05 for i in range(100)] + [100 + i * 0.05 for i in range(20)]
    assert _fed(times).jitter_s() == pytest.approx(0.0, abs=1e-9)


def test_a_tally_forgets() -> None:
    tally = Tally(60.0)
    for second in range(120):
        tally.add(1, float(second))
    assert tally.total(119.0) == pytest.approx(60, abs=5)
    assert tally.total(150.0) == pytest.approx(30, abs=5)
    assert tally.total(1e9) == 0


def test_a_tally_survives_a_clock_that_goes_back() -> None:
    tally = Tally(60.0)
    tally.add(3, 100.0)
    tally.add(2, 10.0)
    assert tally.total(100.0) == 5
