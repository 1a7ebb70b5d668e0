"""Numbers of documents from outside: JSON writes some that no float can hold."""

import math


def finite(value: object) -> float | None:
    """`value` as a float; None for what is no number, is not finite, or is an integer too large to become one.

    >>> finite(3), finite(True), finite("3"), finite(float("nan")), finite(10**400)
    (3.0, 1.0, None, None, None)
    """
    if not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
