"""Sensor reports, which carry wall-clock times, laid on the clock of the training."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ...errors import TrainingError
from ..source import Span
from .signals import CONTINUOUS_LIFE_S, STEP_LIFE_S, STEP_SIGNALS, SensorHistory, Signal, Track


def lay(reports: Mapping[Signal, Iterable[tuple[float, float]]], spans: Sequence[Span]) -> SensorHistory:
    """(unix seconds, value) by signal → tracks on the recordings' clock.

    The last report before a recording still holds at its start, if it is young enough; what is unknown there is said
    to be unknown, so that no value leaks from one recording into the next. Raises TrainingError when reports were given
    and no recording knows when it was made.
    """
    dated = [(span.start_s, span.end_s, span.unix_s) for span in spans if span.unix_s is not None]
    if reports and not dated:
        raise TrainingError(
            "the recordings do not say when they were made, so sensor reports cannot be matched to them"
        )
    tracks = {}
    for signal, pairs in reports.items():
        life_s = STEP_LIFE_S if signal in STEP_SIGNALS else CONTINUOUS_LIFE_S
        rows = sorted(pairs, key=lambda pair: pair[0])
        placed: list[tuple[float, float]] = []
        for start_s, end_s, unix_s in dated:
            before = [(at, value) for at, value in rows if unix_s - life_s <= at < unix_s]
            inside = [(at, value) for at, value in rows if unix_s <= at <= unix_s + (end_s - start_s)]
            placed.append((start_s, before[-1][1] if before else np.nan))
            placed += [(start_s + at - unix_s, value) for at, value in inside]
        track = Track.from_reports(signal, placed)
        if np.isfinite(track.values).any():
            tracks[signal] = track
    return SensorHistory(tracks=tracks)
