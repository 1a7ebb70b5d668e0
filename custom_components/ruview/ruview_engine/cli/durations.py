"""Times as people write them on a command line; for argparse."""

import argparse
import math
from typing import Final

_UNITS: Final = {"s": 1.0, "m": 60.0}

#: A command that watches or captures for longer was given a wrong number. Origin: chosen.
MAX_S: Final = 3600.0


def seconds(text: str) -> float:
    """`60`, `60s`, `1.5 s` or `2m` as seconds, 0 or more."""
    word = text.strip()
    unit = _UNITS.get(word[-1:])
    try:
        value = float(word[:-1]) * unit if unit is not None else float(word)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration; write 60s or 2m") from error
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is outside 0 and more")
    return value


def duration(text: str) -> float:
    """As `seconds`, for how long something may take: more than nothing, less than an hour."""
    value = seconds(text)
    if not 0 < value < MAX_S:
        raise argparse.ArgumentTypeError(f"{text!r} is outside 0–60 minutes")
    return value
