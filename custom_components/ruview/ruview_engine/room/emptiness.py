"""Whether a capture shows an empty room: what moves in it, how long it is quiet, and whether somebody breathes.

One label may hold several transmitters whose shapes are too alike to be told apart. Which of them was heard last
decides then how large a change is, and a dozen frames of the rarer one in a row look like somebody walking by. So a
frame is compared with the nearest of several before it (`motion_energy.nearest_change`).
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Final

import numpy as np

from ..shapes import Matrix, Times
from .log_profile import Bands
from .micro_motion import measure_windows
from .motion_energy import lag_difference, nearest_change, neighbour_coherence, smoothness
from .rate_fusion import COUNTED_REGULARITY
from .reading import Reading
from .specialists.breathing import BreathingSpecialist
from .window import LinkWindow

#: Slower links say nothing about breathing (Nyquist 0.6 Hz × 2.5) and little about motion. Origin: derived.
MIN_RATE_HZ: Final = 3.0
#: A second differs this much more than a frame when something moves. Origin: measured: quiet recordings of
#: pulse, espectre and ialr at 20 Hz ≤ 1.43, moving ≥ 1.68 (one broken ialr session excepted).
MOTION_LAG_RATIO: Final = 1.6
#: The part of the change (log units) that neighbours share, when large, is movement if also a little smooth in time
#: or uneven over it. Origin: measured: quiet 0.00–0.05, moving 0.04–0.2 on recordings, 0.05–0.1 in simulation.
COHERENT_CHANGE: Final = 0.045
UNEVEN_RATIO: Final = 1.3
UNEVENNESS: Final = 0.33
#: Mean square change of a stretch over that of the capture's quietest third. Origin: measured: ≤ 2 in the quiet.
LOUD: Final = 4.0
#: Movement is smooth over frequency; loud stretches below this are interference or a weak signal. Origin: measured
#: with `neighbour_coherence`: moving recordings of pulse, espectre, ialr 0.49–0.93, weak empty rooms (pulse) ≤ 0.05.
MOTION_COHERENCE: Final = 0.3
#: Length of the stretches that are judged loud or not. Origin: chosen; a step out of the door lasts longer.
STRETCH_S: Final = 2.0
#: The quiet part must be this long, and this share of the capture. Origin: upstream §3.9 (30 s of 90 s), stricter.
MIN_QUIET_S: Final = 30.0
MIN_QUIET_SHARE: Final = 0.5
#: A person's line, over the noise. Origin: measured with `micro_motion`: empty rooms ≤ 8 dB, breathing people 14–27 dB.
LINE_DB: Final = 12.0
LINE_AGREEMENT: Final = 0.85
#: Half the windows must show the line within this, or it is chance. Origin: chosen.
LINE_TOLERANCE_BPM: Final = 2.5
#: Breath is looked for from here on into the capture. Origin: derived, `specialists.breathing.WINDOW_S` and a margin.
LOOK_S: Final = 28.0

type Changes = Callable[[Times, Matrix], tuple[Times, Matrix]]
"""Times and log-profiles to the changes over about 0.15 s."""


def still_part(windows: tuple[LinkWindow, ...]) -> tuple[LinkWindow, ...]:
    """The longest part of a capture in which nothing moves, however short, of the links that agree.

    Empty when it moves throughout: when the link with the most frames says so.
    """
    cleaned = (window.cleaned() for window in windows)
    heard = tuple(window for window in cleaned if len(window) and (window.rate_hz or 0.0) >= MIN_RATE_HZ)
    # By plain differences: a burst of another transmitter may go as well, what is left is only shorter.
    longest = _longest_quiet(heard, lag_difference) if heard else None
    if longest is None:
        return ()
    cut = sorted((part for window in heard if len(part := window.between(*longest))), key=len, reverse=True)
    still = tuple(part for part in cut if not _movement(part)[0])
    return still if still and still[0] is cut[0] else ()


def quiet_stretch(windows: tuple[LinkWindow, ...]) -> tuple[float, float] | None:
    """From and to of the longest stretch without a loud moment; None when it is too short to be the empty room."""
    longest = _longest_quiet(windows)
    if longest is None:
        return None
    whole_s = max(float(window.times[-1]) for window in windows) - min(float(window.times[0]) for window in windows)
    needed = max(min(MIN_QUIET_S, whole_s * 0.9), whole_s * MIN_QUIET_SHARE)
    return longest if longest[1] - longest[0] >= needed - STRETCH_S else None


def _longest_quiet(windows: tuple[LinkWindow, ...], changes: Changes = nearest_change) -> tuple[float, float] | None:
    """From and to of the longest run of stretches none of which is loud."""
    start = min(float(window.times[0]) for window in windows)
    end = max(float(window.times[-1]) for window in windows)
    n_stretches = int((end - start) // STRETCH_S)
    if n_stretches < 1:
        return None
    loudness = np.sort(np.array([_loudness(window, start, n_stretches, changes) for window in windows]), axis=0)
    loud = loudness[-2:].mean(axis=0) > LOUD
    edges = np.flatnonzero(np.diff(np.concatenate(([True], loud, [True])).astype(int)))
    runs = list(zip(edges[::2], edges[1::2], strict=True))
    if not runs:
        return None
    first, last = max(runs, key=lambda run: run[1] - run[0])
    return start + first * STRETCH_S, end if last == n_stretches else start + last * STRETCH_S


def _loudness(window: LinkWindow, start_s: float, n_stretches: int, changes: Changes = nearest_change) -> np.ndarray:
    """Median change of each stretch, where it has a pattern, over the capture's quiet; 1 without samples."""
    times, change = changes(window.times, Bands.over(window.active).log(window.profiles))
    energy = (change**2).mean(axis=1)
    cuts = np.searchsorted(times, start_s + STRETCH_S * np.arange(n_stretches + 1))
    medians = np.full(n_stretches, np.nan)
    for stretch, (first, last) in enumerate(pairwise(cuts)):
        if last - first >= 3:
            # Medians: runs of glitches and single bursts are not somebody walking. Neither is noise without pattern.
            is_patterned = neighbour_coherence(change[first:last]) >= MOTION_COHERENCE
            medians[stretch] = np.median(energy[first:last]) if is_patterned else 0.0
    filled = np.isfinite(medians)
    if not filled.any():
        return np.ones(n_stretches)
    quiet = float(np.quantile(energy, 0.25))
    return np.where(filled, medians / max(quiet, 1e-12), 1.0)


def loudest(windows: tuple[LinkWindow, ...]) -> tuple[tuple[str, float], ...]:
    """The share of loud stretches on the loudest link, for the refusal."""
    start = min(float(window.times[0]) for window in windows)
    end = max(float(window.times[-1]) for window in windows)
    shares = [float((_loudness(w, start, max(1, int((end - start) // STRETCH_S))) > LOUD).mean()) for w in windows]
    return (("loud_share", max(shares)),)


def moving(windows: tuple[LinkWindow, ...]) -> tuple[tuple[str, float], ...] | None:
    """The numbers when something moves on most links; None in the quiet."""
    verdicts = sorted((_movement(window) for window in windows), key=lambda verdict: verdict[0])
    is_moving, numbers = verdicts[len(verdicts) // 2]
    return numbers if is_moving else None


def _movement(window: LinkWindow) -> tuple[bool, tuple[tuple[str, float], ...]]:
    """Whether one link moves: smooth over time, or large, smooth over frequency and uneven over time.

    At 20 frames a second a walker decorrelates the channel within a frame (λ/2 is 6 cm), so time alone does not tell.
    """
    times, logs = window.times, Bands.over(window.active).log(window.profiles)
    change = lag_difference(times, logs)[1]
    ratio = smoothness(times, logs)
    coherent = float(np.sqrt((change**2).mean() * max(neighbour_coherence(change), 0.0))) if len(change) else 0.0
    n_stretches = int(window.span_s // STRETCH_S)
    loudness = _loudness(window, float(times[0]), n_stretches) if n_stretches >= 4 else np.ones(4)
    filled = loudness[loudness > 0]
    unevenness = float(np.std(np.log(filled))) if len(filled) >= 4 else 0.0
    is_large = coherent > COHERENT_CHANGE and (ratio > UNEVEN_RATIO or unevenness > UNEVENNESS)
    numbers = (("lag_ratio", ratio), ("coherent_change", coherent), ("unevenness", unevenness))
    return ratio > MOTION_LAG_RATIO or is_large, numbers


def breathing_line(windows: tuple[LinkWindow, ...]) -> tuple[float, float] | None:
    """(dB, /min) of a line that one body draws through most of the capture on some link; None without.

    The slow wander of an empty room is strongest at the lowest rate that is looked at, look after look. It is no breath
    unless some half minute of it also repeats.
    """
    looks = _looks(windows)
    read = [(seen["line_db"], reading.value) for reading, seen in looks if reading.value is not None]
    repeated = [one for one, next_one in pairwise(read) if abs(one[1] - next_one[1]) <= LINE_TOLERANCE_BPM]
    best = max(repeated, default=None)
    regular = [seen["rate_bpm"] for _, seen in looks if seen.get("regularity", 0.0) >= COUNTED_REGULARITY]
    for window in windows:
        found = measure_windows(window, Bands.over(window.active))
        strong = [one for one in found if one.line_db >= LINE_DB and one.agreement >= LINE_AGREEMENT]
        if not strong or len(strong) * 2 < len(found):
            continue
        rate = float(np.median([one.rate_bpm for one in strong]))
        steady = [one for one in strong if abs(one.rate_bpm - rate) <= LINE_TOLERANCE_BPM]
        level = float(np.median([one.line_db for one in strong]))
        is_breath = any(abs(one - rate) <= LINE_TOLERANCE_BPM for one in regular)
        if is_breath and len(steady) * 2 >= len(found) and (best is None or level > best[0]):
            best = (level, rate)
    return best


def _looks(windows: tuple[LinkWindow, ...]) -> list[tuple[Reading[float], dict[str, float]]]:
    """What the breathing specialist says every ten seconds, the newest first, with its evidence."""
    specialist = BreathingSpecialist()
    end = max(float(window.times[-1]) for window in windows)
    start = min(float(window.times[0]) for window in windows)
    looks = []
    for at_s in np.arange(end, start + LOOK_S, -10.0).tolist():
        seen = [window.between(-np.inf, at_s) for window in windows]
        reading = specialist.read([window for window in seen if len(window)], at_s=at_s)
        looks.append((reading, dict(reading.evidence)))
    return looks
