"""A recorded anchor or empty room in the smallest form that training can be repeated from."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ..dsp.pooling import pool_columns
from ..errors import Damaged
from ..links.link_id import LinkId
from .baseline import Baseline
from .window import LinkWindow

#: Samples kept per link. Origin: derived, 2 min at 50 Hz.
MAX_ROWS: Final = 6000


def compact(windows: Sequence[LinkWindow], baseline: Baseline) -> tuple[LinkWindow, ...]:
    """Only links of the baseline, neighbouring bins averaged: what the rate specialists do first anyway.

    The result is no longer comparable with a baseline (its columns are pools), only with itself.
    """
    kept = []
    for window in windows:
        known = baseline.link(window.link)
        if known is None or not known.accepts(window) or not len(window):
            continue
        pooled = pool_columns(window.profiles, known.bands.active)
        measured = known.motion.measured(window, known.bands.log(window.profiles))
        # One column per pool, four identical ones, so that pooling again gives the same pools.
        kept.append(replace(measured, profiles=np.repeat(pooled, 4, axis=1)))
    return tuple(kept)


def to_dict(windows: Sequence[LinkWindow]) -> dict[str, Any]:
    """Plain arrays; half floats: their rounding (0.02 %) is a hundredth of tone jitter."""
    return {
        str(window.link): {
            "times": window.times,
            "pools": window.profiles[:, ::4].astype(np.float16),
            "levels": window.levels.astype(np.float32),
            "motion_z": np.nan_to_num(np.asarray(window.motion_z, np.float32)),
            "has_motion": np.isfinite(np.asarray(window.motion_z, np.float32)),
        }
        for window in windows
    }


def from_dict(stored: dict[str, Any]) -> tuple[LinkWindow, ...]:
    """The inverse; raises Damaged on shapes or numbers that cannot be."""
    windows = []
    try:
        for name, one in stored.items():
            times, pools = np.asarray(one["times"], np.float64), np.asarray(one["pools"], np.float32)
            levels, motion_z = np.asarray(one["levels"], np.float64), np.asarray(one["motion_z"], np.float64)
            fits = pools.ndim == 2 and len(times) == len(pools) == len(levels) == len(motion_z) <= MAX_ROWS
            if not fits or not all(np.isfinite(array).all() for array in (times, pools, levels)):
                raise Damaged(f"capture of {name}: shapes or numbers are wrong")
            if np.any(np.diff(times) <= 0):
                raise Damaged(f"capture of {name}: time runs backwards")
            windows.append(
                LinkWindow(
                    link=LinkId.parse(name),
                    times=times,
                    profiles=np.repeat(pools, 4, axis=1),
                    levels=levels,
                    rssi_dbm=np.full(len(times), np.nan),
                    motion_z=np.where(np.asarray(one["has_motion"], bool), motion_z, np.nan),
                )
            )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Damaged(f"capture: {error}") from error
    return tuple(windows)
