"""Quantiles of χ² without scipy, good to a few per cent where limits need them."""

from math import sqrt
from statistics import NormalDist
from typing import Final

#: Independent looks of a 20 MHz link. Origin: peers §2a (ESPectre: 3.5 whatever the tone count), rounded up.
LOOKS: Final = 4.0


def quantile(probability: float, degrees: float) -> float:
    """The value a χ² variable stays below with this probability (Wilson and Hilferty 1931; < 3 % off)."""
    z = NormalDist().inv_cdf(probability)
    spread = 2.0 / (9.0 * degrees)
    return degrees * float(1.0 - spread + z * sqrt(spread)) ** 3


def per_look_limit(probability: float) -> float:
    """Limit for a mean squared standardised deviation over bands that only carry `LOOKS` independent looks."""
    return quantile(probability, LOOKS) / LOOKS
