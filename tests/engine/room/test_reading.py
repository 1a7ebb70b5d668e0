"""A reading has a value or a reason, never both, never neither."""

import pytest

from ruview_engine.room.reading import Provenance, Reading, WhyNot


@pytest.mark.parametrize(
    ("value", "why_not"), [(None, None), (3.0, WhyNot.STALE), (False, WhyNot.ABSENT), (0.0, WhyNot.GAP)]
)
def test_both_or_neither_cannot_be(value, why_not):
    with pytest.raises(ValueError, match="either a value or a reason"):
        Reading(value=value, confidence=0.5, why_not=why_not)


@pytest.mark.parametrize("value", [False, 0.0, ""])
def test_what_is_false_is_a_value(value):
    assert Reading(value=value, confidence=1.0).why_not is None


def test_no_value_has_no_confidence_and_keeps_what_it_rests_on():
    provenance = Provenance(baseline_id="b")
    reading = Reading.none(WhyNot.STALE, provenance=provenance)
    assert (reading.value, reading.confidence, reading.why_not) == (None, 0.0, WhyNot.STALE)
    assert reading.provenance == provenance
