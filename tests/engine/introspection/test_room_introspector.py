"""Fusion of links, and listeners that are too slow."""

import pytest

from ruview_engine.introspection.room_introspector import (
    LIKELIHOOD,
    SPLIT_S,
    RoomIntrospector,
    most_likely,
    regime_posterior,
)
from ruview_engine.introspection.snapshot import Match, Regime, Snapshot


def _fused(links):
    return most_likely(regime_posterior(links))


def _shot(link, regime, at_s=1.0, confidence=0.9, matches=(), score=0.2):
    return Snapshot(
        timestamp_ns=int(at_s * 1e9), node="1", link=link, frame_count=1, regime=regime,
        regime_confidence=confidence, regime_changed=False, lyapunov_exponent=None, lyapunov_interval=None,
        attractor_dim=None, attractor_confidence=0.0, change_score=score, change_threshold=1.0,
        top_k_similarity=matches,
    )  # fmt: skip


def _match(score, name="door", threshold=0.78):
    return Match(signature_id=name, label=name, score=score, progress=0.5, above_threshold=score >= threshold)


def _after(room, shot):
    """What the room says once it has taken a link's snapshot."""
    room.update(shot)
    assert (room.snapshot.regime, room.snapshot.regime_changed) == (room.regime, room.regime_changed)
    assert room.snapshot is room.snapshot
    return room.snapshot


def test_one_moving_link_outweighs_two_quiet_ones():
    regime, _ = _fused((_shot("a", Regime.CHAOTIC), _shot("b", Regime.IDLE), _shot("c", Regime.IDLE)))
    assert regime is Regime.CHAOTIC


def test_one_doubtful_link_does_not_outweigh_three_sure_ones():
    links = (_shot("a", Regime.TRANSIENT, confidence=0.2), *(_shot(n, Regime.IDLE, confidence=0.98) for n in "bcd"))
    assert _fused(links)[0] is Regime.IDLE


def test_links_that_know_nothing_have_no_voice():
    assert _fused((_shot("a", Regime.UNKNOWN), _shot("b", Regime.IDLE)))[0] is Regime.IDLE
    assert _fused((_shot("a", Regime.UNKNOWN),)) == (Regime.UNKNOWN, 0.0)


def test_likelihoods_are_probabilities():
    for row in LIKELIHOOD.values():
        assert sum(row.values()) == pytest.approx(1.0)


def test_first_regime_is_no_event_and_unknown_neither():
    room = RoomIntrospector("r")
    changes = [
        _after(room, _shot("a", regime, at_s=i)).regime_changed
        for i, regime in enumerate((Regime.UNKNOWN, Regime.IDLE, Regime.UNKNOWN, Regime.IDLE, Regime.TRANSIENT))
    ]
    assert changes == [False, False, False, False, True]


def test_what_is_kept_between_judgements_is_what_all_links_say_now(rng):
    """Fusion is done when a word changes, a link falls silent or is forgotten, and at no other frame."""
    room = RoomIntrospector("r")
    present: dict[str, Snapshot] = {}
    former, split_s = Regime.UNKNOWN, None
    for i in range(400):
        link, at_s = str(rng.integers(4)), 0.05 * i + (3.0 if i > 300 else 0.0)
        regime = list(Regime)[rng.integers(5)] if i % 7 == 0 or link not in present else present[link].regime
        if i % 50 == 49:
            room.forget("2")
            present.pop("2", None)
        present[link] = _shot(link, regime, at_s=at_s)
        present = {name: s for name, s in present.items() if s.timestamp_ns >= int((at_s - 1.0) * 1e9)}
        room.update(present[link])
        only = present[link]
        expected = (only.regime, only.regime_confidence) if len(present) == 1 else _fused((*present.values(),))
        posterior = {} if len(present) == 1 else regime_posterior((*present.values(),))
        split_s = (at_s if split_s is None else split_s) if posterior and expected[0] is Regime.UNKNOWN else None
        if split_s is not None and at_s - split_s < SPLIT_S and former is not Regime.UNKNOWN:
            expected = former, posterior[former]
        assert (room.regime, room.regime_confidence) == expected
        former = room.regime


def test_an_alarm_of_one_link_of_three_leaves_the_room_what_it_was_for_a_while():
    room = RoomIntrospector("r")
    for name in "abc":
        room.update(_shot(name, Regime.IDLE))
    regimes = []
    for step in range(60):
        at_s = 1.1 + 0.1 * step
        for name in "abc":
            is_alarmed = name == "a" and step < 50
            room.update(_shot(name, Regime.TRANSIENT if is_alarmed else Regime.IDLE, at_s=at_s))
        regimes.append((at_s, room.regime, room.regime_confidence))
    assert {regime for at_s, regime, _ in regimes if at_s < 1.1 + SPLIT_S} == {Regime.IDLE}
    assert all(confidence < 0.5 for at_s, _, confidence in regimes if at_s < 1.1 + SPLIT_S)
    assert {regime for at_s, regime, _ in regimes if 1.2 + SPLIT_S < at_s < 6.0} == {Regime.UNKNOWN}
    assert regimes[-1][1] is Regime.IDLE


def test_silent_links_are_forgotten():
    room = RoomIntrospector("r")
    room.update(_shot("a", Regime.CHAOTIC, at_s=1.0))
    after = _after(room, _shot("b", Regime.IDLE, at_s=3.0))
    assert [s.link for s in after.links] == ["b"]
    assert after.regime is Regime.IDLE


def test_change_score_is_the_largest():
    room = RoomIntrospector("r")
    room.update(_shot("a", Regime.IDLE, score=None))
    assert _after(room, _shot("b", Regime.IDLE, score=0.7)).change_score == 0.7


def test_a_match_is_announced_once_per_occurrence():
    room = RoomIntrospector("r")
    scores = (0.1, 0.8, 0.9, 0.7, 0.8, 0.3, 0.9)
    announced = []
    for i, score in enumerate(scores):
        room.update(_shot("a", Regime.IDLE, at_s=i, matches=(_match(score),)))
        announced.append(len(room.new_matches))
    assert announced == [0, 1, 0, 0, 0, 0, 1]


def test_matches_of_several_links_keep_the_loudest():
    room = RoomIntrospector("r")
    room.update(_shot("a", Regime.IDLE, matches=(_match(0.2), _match(0.6, "walk"))))
    fused = _after(room, _shot("b", Regime.IDLE, matches=(_match(0.9),)))
    assert [(m.signature_id, m.score) for m in fused.top_k_similarity] == [("door", 0.9), ("walk", 0.6)]
