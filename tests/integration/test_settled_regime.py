"""Stirring is told at once, calm once it has lasted."""

import pytest

from custom_components.ruview.ruview_engine.introspection.snapshot import Regime
from custom_components.ruview.ruview_engine.notice import RegimeChanged
from custom_components.ruview.settled_regime import CALM_S, SettledRegime

IDLE, PERIODIC, TRANSIENT, CHAOTIC, UNKNOWN = (
    Regime.IDLE,
    Regime.PERIODIC,
    Regime.TRANSIENT,
    Regime.CHAOTIC,
    Regime.UNKNOWN,
)


def change(at_s: float, before: Regime, after: Regime) -> RegimeChanged:
    return RegimeChanged(at_s=at_s, room_id="r", before=before, after=after, confidence=0.8, lyapunov_exponent=None)


def told(settled: RegimeChanged | None) -> tuple[Regime, Regime] | None:
    return None if settled is None else (settled.before, settled.after)


def test_before_the_first_change_introspection_is_believed() -> None:
    settled = SettledRegime()
    assert settled.of(PERIODIC) is PERIODIC
    assert settled.look(100.0) is None


@pytest.mark.parametrize("stirring", [TRANSIENT, CHAOTIC])
def test_stirring_is_told_at_once_and_calm_when_it_has_lasted(stirring: Regime) -> None:
    settled = SettledRegime()
    assert told(settled.hear(change(10.0, IDLE, stirring))) == (IDLE, stirring)
    assert settled.hear(change(12.0, stirring, IDLE)) is None
    assert settled.of(IDLE) is stirring
    assert settled.look(12.0 + CALM_S - 0.1) is None
    late = settled.look(12.0 + CALM_S)
    assert told(late) == (stirring, IDLE)
    assert late is not None
    assert late.at_s == 12.0 + CALM_S
    assert settled.of(IDLE) is IDLE
    assert settled.look(100.0) is None


def test_short_calm_between_two_movements_is_never_told() -> None:
    settled = SettledRegime()
    settled.hear(change(10.0, IDLE, TRANSIENT))
    settled.hear(change(12.0, TRANSIENT, IDLE))
    assert settled.hear(change(15.0, IDLE, TRANSIENT)) is None
    assert settled.look(100.0) is None
    assert told(settled.hear(change(16.0, TRANSIENT, CHAOTIC))) == (TRANSIENT, CHAOTIC)


def test_calm_regimes_follow_each_other_at_once() -> None:
    settled = SettledRegime()
    assert told(settled.hear(change(1.0, IDLE, PERIODIC))) == (IDLE, PERIODIC)
    assert told(settled.hear(change(2.0, PERIODIC, IDLE))) == (PERIODIC, IDLE)


def test_a_moment_of_not_knowing_is_not_told() -> None:
    settled = SettledRegime()
    settled.hear(change(9.0, PERIODIC, IDLE))
    assert settled.hear(change(10.0, IDLE, UNKNOWN)) is None
    assert settled.of(UNKNOWN) is IDLE
    assert settled.hear(change(12.0, UNKNOWN, IDLE)) is None
    assert settled.look(100.0) is None


def test_not_knowing_that_lasts_is_told() -> None:
    settled = SettledRegime()
    settled.hear(change(10.0, IDLE, CHAOTIC))
    settled.hear(change(11.0, CHAOTIC, UNKNOWN))
    assert told(settled.look(11.0 + CALM_S)) == (CHAOTIC, UNKNOWN)
    assert settled.of(UNKNOWN) is UNKNOWN
    assert told(settled.hear(change(40.0, UNKNOWN, IDLE))) == (UNKNOWN, IDLE)


def test_what_introspection_lost_without_a_change_is_not_shown() -> None:
    settled = SettledRegime()
    settled.hear(change(10.0, IDLE, PERIODIC))
    assert settled.of(UNKNOWN) is UNKNOWN
