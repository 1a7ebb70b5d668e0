"""Whether somebody keeps still or moves, by the seconds of a capture: one rule for verdict and live view."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ..shapes import Vector

#: Mean z of an anchor, each second within −1…4, from which somebody moved; a still person may twitch, and a chest in
#: the line of sight is loud for seconds. Origin: measured in simulation, fifteen rooms: small movements 1.4–4.0, still
#: people up to 1.2.
MOVING_MEAN_Z: Final = 1.3
#: Whoever moves is louder by this than whoever stood still in the same home: a restless link is no movement. Origin:
#: chosen; measured in simulation, twenty homes: small movements 0.9–4 louder, somebody sitting instead up to 0.3.
LOUDER_Z: Final = 0.5
#: A still anchor is not moved when so few of its seconds are, however loud. Origin: upstream §3.3 (0.6), stricter.
MAX_STILL_MOTION: Final = 0.25
#: z from which a second counts as moving. Origin: `life.MOTION_ON_Z`.
MOVING_Z: Final = 2.2


def is_moved(motion: Sequence[Vector]) -> bool:
    """Somebody who was to keep still did not: too many seconds, by the two links that show most.

    motion : per link, (n_seconds,) mean z of each second; see `anchor_feature.motion_per_second`
    """
    return moving_share(motion) > MAX_STILL_MOTION and mean_motion(motion, n_links=2) >= MOVING_MEAN_Z


def is_active(motion: Sequence[Vector], still: Sequence[Vector] = ()) -> bool:
    """Somebody who was to move did, by the link that shows most.

    still : the same while somebody stood still in this home, when that is known
    """
    least = max(MOVING_MEAN_Z, mean_motion(still) + LOUDER_Z) if still else MOVING_MEAN_Z
    return mean_motion(motion) >= least


def moving_share(motion: Sequence[Vector]) -> float:
    """Share of seconds in which the room moves, by the two links that show most."""
    shares = sorted(float((seconds > MOVING_Z).mean()) for seconds in motion if len(seconds))
    if not shares:
        return 0.0
    return shares[-1] if len(shares) < 3 else (shares[-1] + shares[-2]) / 2


def mean_motion(motion: Sequence[Vector], *, n_links: int = 1) -> float:
    """Mean z on the links that show most, one, or `n_links` where there are three or more."""
    means = sorted(float(np.clip(seconds, -1.0, 4.0).mean()) for seconds in motion if len(seconds))
    if not means:
        return 0.0
    return float(np.mean(means[-n_links:])) if len(means) >= 3 else means[-1]
