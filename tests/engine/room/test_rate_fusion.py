"""Several links, one chest."""

from dataclasses import replace

import pytest

from ruview_engine.dsp.periodicity import Evidence, Limits, NoRhythm, Rhythm, WhyNoRhythm
from ruview_engine.links.link_id import LinkId
from ruview_engine.room.link_rhythm import LinkRhythm
from ruview_engine.room.rate_fusion import RoomRhythm, fuse
from ruview_engine.room.reading import WhyNot

STRONG = Evidence(
    rate_bpm=14.0,
    lag_rate_bpm=14.0,
    line_db=22.0,
    above_lower_db=8.0,
    agreement=0.95,
    regularity=0.7,
    weakest_lag=0.6,
    tail_share=1.0,
    n_cycles=7.0,
    duration_s=30.0,
)


def candidates(*found: Evidence | NoRhythm | WhyNot) -> list[LinkRhythm]:
    return [LinkRhythm(link=LinkId(str(i), "64", "a"), found=one) for i, one in enumerate(found, start=1)]


def fused(*found: Evidence | NoRhythm | WhyNot, **limits: float) -> RoomRhythm:
    return fuse(candidates(*found), lambda _link, _evidence: Limits(**limits))


def at(bpm: float, **changes: float) -> Evidence:
    return replace(STRONG, rate_bpm=bpm, lag_rate_bpm=bpm, **changes)


def test_agreeing_links_average_by_strength() -> None:
    result = fused(at(14.0, line_db=30.0), at(14.6, line_db=20.0))
    assert isinstance(result.found, Rhythm)
    assert result.n_links == 2
    assert 14.0 < result.found.rate_bpm < 14.1


def test_a_rival_rate_silences_the_room() -> None:
    result = fused(at(14.0), at(19.0, line_db=20.0))
    assert isinstance(result.found, NoRhythm)
    assert result.found.reason is WhyNoRhythm.DISAGREEMENT


def test_a_much_weaker_rival_does_not() -> None:
    result = fused(at(14.0, line_db=30.0), at(19.0, line_db=20.0))
    assert isinstance(result.found, Rhythm)
    assert result.found.rate_bpm == pytest.approx(14.0)


def test_a_link_that_sees_every_breath_twice_is_explained() -> None:
    result = fused(at(26.0, line_db=28.0), at(13.0, line_db=25.0))
    assert isinstance(result.found, Rhythm)
    assert result.found.rate_bpm == pytest.approx(13.0)


def test_weak_links_add_up_only_when_they_agree() -> None:
    weak = [at(14.0 + 0.1 * i, line_db=13.5, regularity=0.45) for i in range(3)]
    assert isinstance(fused(weak[0]).found, NoRhythm)
    together = fused(*weak)
    assert isinstance(together.found, Rhythm)
    assert together.n_links == 3
    assert together.found.evidence.line_db == pytest.approx(18.3, abs=0.1)
    assert isinstance(fused(weak[0], at(18.0, line_db=13.5), at(9.0, line_db=13.5)).found, NoRhythm)


def test_irregular_links_do_not_add_up() -> None:
    assert isinstance(fused(*[at(14.0, line_db=14.0, regularity=0.3)] * 4).found, NoRhythm)


def test_each_link_has_its_own_limit() -> None:
    pair = candidates(at(14.0, line_db=18.0), at(20.0, line_db=18.0))
    noisy = pair[0].link
    result = fuse(pair, lambda link, _: Limits(line_db=24.0 if link == noisy else 16.0))
    assert isinstance(result.found, Rhythm)
    assert result.found.rate_bpm == pytest.approx(20.0)


def test_reasons_prefer_the_link_that_could_look() -> None:
    no_line = NoRhythm(reason=WhyNoRhythm.NO_LINE)
    assert fused(WhyNot.NO_FRAMES, no_line).found == no_line
    assert fused(WhyNot.NO_FRAMES, WhyNot.GAP, WhyNot.WARMING_UP).found is WhyNot.WARMING_UP
    assert fuse([], lambda _link, _evidence: Limits()).found is WhyNot.NO_FRAMES
