"""Captures the empty room by the clock: time to leave, then a minute of frames, then a verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from ..links.link_id import LinkId
from ..links.sample import Sample
from .baseline import Baseline, BaselineRefusal, judge
from .emptiness import MOTION_COHERENCE
from .log_profile import Bands
from .motion_energy import lag_difference, neighbour_coherence, smoothness
from .recorder import Recorder

#: Time to leave the room before anything counts. Origin: chosen; upstream §3.9 trims 15 s for the door.
LEAD_S: Final = 15.0
#: Length of a capture. Origin: seed `calibrate --duration 60s`.
DURATION_S: Final = 60.0
#: Shorter captures cannot hold enough 30-s windows; longer ones are bounded by memory. Origin: derived.
DURATION_LIMITS_S: Final = (20.0, 120.0)
#: "Moving now" looks at this much. Origin: chosen.
LIVE_S: Final = 3.0
#: Lag ratio above which the live view says that something moves; lower than the verdict's, so it warns first.
LIVE_LAG_RATIO: Final = 2.0


class Phase(StrEnum):
    """Where a capture is."""

    LEAD_IN = "lead_in"
    CAPTURING = "capturing"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What to show while a person waits.

    what : "baseline" or an anchor's label
    fraction : 0–1 of the capturing phase
    remaining_s : seconds left in this phase
    frames : usable samples so far, all links; rate_hz of the fastest link
    live : key of a sentence about the live quality: "no_frames", "slow", "moving", "quiet"
    """

    what: str
    phase: Phase
    fraction: float
    remaining_s: float
    frames: int
    n_links: int
    rate_hz: float | None
    live: str


class Capture:
    """A lead-in, then `duration_s` of recording. Told the time with every call; owns nothing else."""

    def __init__(self, what: str, *, at_s: float, lead_s: float, duration_s: float) -> None:
        self.what = what
        self.asked_s = at_s
        self.starts_s = at_s + max(0.0, lead_s)
        self.ends_s = self.starts_s + duration_s
        self.recorder = Recorder()

    def observe(self, sample: Sample) -> None:
        """Keep a sample of the capturing phase."""
        if self.starts_s <= sample.at_s < self.ends_s:
            self.recorder.add(sample)

    def phase(self, at_s: float) -> Phase:
        """Lead-in, capturing or done."""
        if at_s < self.starts_s:
            return Phase.LEAD_IN
        return Phase.CAPTURING if at_s < self.ends_s else Phase.DONE

    def progress(self, at_s: float) -> Progress:
        """How far, and what the last seconds look like."""
        phase = self.phase(at_s)
        waits = {Phase.LEAD_IN: self.starts_s - at_s, Phase.CAPTURING: self.ends_s - at_s, Phase.DONE: 0.0}
        elapsed = float(np.clip(at_s - self.starts_s, 0.0, self.ends_s - self.starts_s))
        counts = self.recorder.counts()
        rate = max(counts.values()) / elapsed if counts and elapsed > 1.0 else None
        return Progress(
            what=self.what,
            phase=phase,
            fraction=elapsed / (self.ends_s - self.starts_s),
            remaining_s=waits[phase],
            frames=sum(counts.values()),
            n_links=len(counts),
            rate_hz=rate,
            live=self._live(at_s, rate),
        )

    def _live(self, at_s: float, rate_hz: float | None) -> str:
        """One word about the last seconds."""
        if rate_hz is None:
            return "no_frames" if at_s > self.starts_s + 2.0 else "quiet"
        if rate_hz < 3.0:
            return "slow"
        return "moving" if self._is_moving(at_s) else "quiet"

    def _is_moving(self, at_s: float) -> bool:
        """By the last seconds alone, while nobody knows what the room's quiet looks like."""
        for window in self.recorder.windows(since_s=at_s - LIVE_S):
            if len(window) < 8:
                continue
            logs = Bands.over(window.active).log(window.profiles)
            change = lag_difference(window.times, logs)[1]
            if neighbour_coherence(change) >= MOTION_COHERENCE and smoothness(window.times, logs) > LIVE_LAG_RATIO:
                return True
        return False


class BaselineCapture(Capture):
    """`judge()` when done: a `Baseline`, or a refusal with its reason."""

    def __init__(self, *, at_s: float, lead_s: float = LEAD_S, duration_s: float = DURATION_S) -> None:
        shortest, longest = DURATION_LIMITS_S
        super().__init__("baseline", at_s=at_s, lead_s=lead_s, duration_s=min(max(duration_s, shortest), longest))

    def judge(
        self, room_id: str, captured_at_s: float, radios: Mapping[LinkId, tuple[int | None, str | None]] | None = None
    ) -> Baseline | BaselineRefusal:
        """Slow (a quarter of a second): run it where waiting is allowed.

        radios : link → frequency in MHz and access point, as the nodes say
        """
        known = radios or {}
        windows = (
            replace(window, frequency_mhz=frequency, access_point=access_point)
            for window in self.recorder.windows()
            for frequency, access_point in (known.get(window.link, (None, None)),)
        )
        return judge(room_id, captured_at_s, tuple(windows))
