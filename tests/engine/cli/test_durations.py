"""Times as people write them."""

import argparse

import pytest

from ruview_engine.cli.durations import duration, seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [("60", 60.0), ("60s", 60.0), ("2m", 120.0), ("0.5s", 0.5), (" 3 s", 3.0), ("0", 0.0), ("2h", None)],
)
def test_seconds(text: str, value: float | None) -> None:
    if value is None:
        with pytest.raises(argparse.ArgumentTypeError, match="write 60s or 2m"):
            seconds(text)
    else:
        assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "s", "m", "-5s", "nan", "inf", "infm", "1e400", "soon", "2 minutes"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        seconds(text)


@pytest.mark.parametrize("text", ["0", "60m", "99m"])
def test_a_duration_has_bounds(text: str) -> None:
    assert duration("59m") == 3540.0
    with pytest.raises(argparse.ArgumentTypeError, match="outside 0–60 minutes"):
        duration(text)
