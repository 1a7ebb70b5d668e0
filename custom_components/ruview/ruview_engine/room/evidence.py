"""What each link says about its newest seconds, measured once per tick and shared by everybody who judges."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..dsp.robust import column_medians, median
from ..links.link_id import LinkId
from ..shapes import Matrix, Vector
from .link_baseline import BLOCK_S, LinkBaseline, Shift
from .log_profile import block_means
from .micro_motion import MicroMotion, measure, newest_slots
from .motion_energy import lag_difference, neighbour_coherence
from .window import LinkWindow

#: Motion is judged on this much. Origin: chosen; hysteresis and hold make a state of it.
MOTION_S: Final = 1.5
#: Frames older than this are not "now" any more; at slow rates five frame times. Origin: peers §4.2, max(3 s, 5/fs).
FRESH_S: Final = 3.0
#: The slow profile that drift is judged on. Origin: SENSING §3.
SLOW_S: Final = 60.0
#: A second with this mean z moves. Origin: `life.MOTION_ON_Z`.
LOUD_Z: Final = 2.2
#: Where the profile was: between these many seconds ago. Origin: chosen; longer than standing up or crossing a link
#: takes, shorter than anything that drift moves visibly.
BEFORE_S: Final = (16.0, 8.0)
#: How far a room's profile strays within a quarter of a minute, log units. Origin: see `presence.STRAY`.
STEP_ALLOWANCE: Final = 0.006
#: How far from its reference a profile may lie and still be the empty room's, an average band. Origin: what
#: `presence.STRAY` has it stray sometimes; at half as much again a sleeper whom no link saw breathe was "empty".
HOME_ALLOWANCE: Final = 0.02
#: A step must exceed noise's limit by this factor. Origin: chosen; glitches and gain steps come in every sort, people
#: change the profile by ten times its limit.
STEP_FACTOR: Final = 2.0
#: Frames in `MOTION_S` below which motion is not judged. Origin: chosen.
MIN_MOTION_FRAMES: Final = 3
#: The loudest differences that are left out: one foreign frame is in two. On a link of four frames a second they would
#: decide. Origin: derived.
FOREIGN: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkEvidence:
    """One link, now. None where the frames do not suffice.

    motion_z : mean standardised log motion energy over `MOTION_S`: about N(0, 0.5) in the quiet
    still_z : its 80th percentile over the slow window: says whether the window was quiet
    coherence : neighbouring bands' correlation of the last quick changes
    shift : of the mean over `BLOCK_S` from the (adapted) reference
    since : the same from where the empty room's profile was last seen; None before that
    slow_shift : of the quiet part of up to `SLOW_S`; within its limit, drift may have taken it there
    loud_s : the end of its newest second of movement; −∞ without any
    slots : (n_slots, n_bands) log-profile since then, up to 30 s of it, on the grid of slow movement
    micro : slow movement in them
    step : how far the newest block is from the profile of ten seconds before, over what noise does: above 1 something
        has changed its place, however slowly or weakly it moved; None without a whole past
    level_log, rssi_dbm, rate_hz : for the watchers
    """

    link: LinkId
    age_s: float
    n_frames: int
    rate_hz: float | None
    motion_z: float | None
    still_z: float | None
    coherence: float
    mean_log: Vector | None
    shift: Shift | None
    since: Shift | None
    slow_shift: Shift | None
    slow_seconds: float
    loud_s: float
    slots: Matrix | None
    micro: MicroMotion | None
    step: float | None
    level_log: float | None
    rssi_dbm: float | None

    @property
    def is_fresh(self) -> bool:
        """Frames are arriving now."""
        return self.age_s <= max(FRESH_S, 5.0 / self.rate_hz if self.rate_hz else FRESH_S)

    @property
    def is_home(self) -> bool | None:
        """The profile is where the empty room's was, at its reference or when last seen; None where it is unknown."""
        seen = [shift for shift in (self.shift, self.since) if shift is not None]
        return any(shift.statistic <= shift.limit for shift in seen) if seen else None


def gather(
    window: LinkWindow,
    known: LinkBaseline,
    at_s: float,
    offset: Vector | None = None,
    strayed: Vector | None = None,
) -> tuple[LinkEvidence, LinkWindow] | None:
    """Measure one link against its baseline; None for a window that is empty or of another layout.

    offset, strayed : of its reference, see `adaptation.Adaptation`

    Returns the evidence, and the window since its last hole with `motion_z` in this baseline's units.
    """
    window = window.cleaned()
    if not len(window) or not known.accepts(window):
        return None
    whole = window.between(at_s - SLOW_S, at_s).since_gap()
    if not len(whole):
        return None
    newest = float(whole.times[-1])
    logs = known.bands.log(whole.profiles)
    metered = known.motion.measured(whole, logs)
    z = np.asarray(metered.motion_z, np.float64)
    measured = np.isfinite(z)
    z_times, z = whole.times[measured], z[measured]
    now = z[z_times >= newest - MOTION_S]
    recent = slice(int(np.searchsorted(whole.times, newest - BLOCK_S)), None)
    block = whole.times[recent]
    mean_log = column_medians(logs[recent]) if len(block) >= MIN_MOTION_FRAMES else None
    lasted_s = max(1.0, newest - float(block[0])) if len(block) else 1.0
    enough = whole.span_s >= BLOCK_S * 2
    moment = slice(int(np.searchsorted(whole.times, newest - 2 * MOTION_S)), None)
    rssi = whole.rssi_dbm[np.isfinite(whole.rssi_dbm)]
    # Slow movement is only looked for after the last gross movement: a walk leaves 30 s of it behind.
    loud_s = last_loud_s(z_times, z)
    calm = int(np.searchsorted(whole.times, loud_s))
    slots = newest_slots(whole.times[calm:], logs[calm:])
    shift = since = None
    if mean_log is not None:
        shift = known.shift(mean_log, lasted_s, offset=offset, allowance=HOME_ALLOWANCE)
        if strayed is not None:
            left = strayed if offset is None else strayed + offset
            since = known.shift(mean_log, lasted_s, offset=left, allowance=HOME_ALLOWANCE)
    found = LinkEvidence(
        link=whole.link,
        age_s=at_s - newest,
        n_frames=len(whole),
        rate_hz=whole.rate_hz,
        motion_z=_typical(now) if len(now) >= MIN_MOTION_FRAMES + FOREIGN else None,
        still_z=_mostly_below(z) if len(z) >= 10 else None,
        coherence=neighbour_coherence(lag_difference(whole.times[moment], logs[moment])[1]),
        mean_log=mean_log,
        shift=shift,
        since=since,
        slow_shift=known.drift(column_medians(logs), whole.span_s, offset=offset) if enough else None,
        slow_seconds=whole.span_s,
        loud_s=loud_s,
        slots=slots,
        micro=None if slots is None else measure(slots),
        step=None if mean_log is None else _step(whole.times, logs, mean_log, known),
        level_log=float(np.log(max(median(whole.levels[recent]), 1e-6))),
        rssi_dbm=median(rssi) if len(rssi) else None,
    )
    return found, metered


def _mostly_below(z: Vector) -> float:
    """What four fifths of z stay below."""
    at = 4 * (len(z) - 1) // 5
    return float(np.partition(z, at)[at])


def _typical(z: Vector) -> float:
    """Mean without the `FOREIGN` loudest."""
    return float(np.sort(z)[:-FOREIGN].mean())


def _step(times: Vector, logs: Matrix, now: Vector, known: LinkBaseline) -> float | None:
    """The change of the profile over a dozen seconds, over `STEP_FACTOR` times its limit in the empty room."""
    first, last = np.searchsorted(times, times[-1] - np.array(BEFORE_S))
    if last - first < MIN_MOTION_FRAMES or times[last - 1] - times[first] < 0.5 * (BEFORE_S[0] - BEFORE_S[1]):
        return None
    before = column_medians(logs[first:last])
    # Two means differ by the noise of both; half a block has as much.
    shift = known.shift(now - before + known.log_reference, BLOCK_S / 2, allowance=STEP_ALLOWANCE)
    return shift.statistic / (STEP_FACTOR * shift.limit)


def last_loud_s(times: Vector, z: Vector) -> float:
    """The end of the newest second whose mean z is that of movement; −∞ when there is none."""
    if len(z) < MIN_MOTION_FRAMES:
        return -np.inf
    ends, means = block_means(times, z[:, None], 1.0, min_samples=MIN_MOTION_FRAMES)
    loud = np.flatnonzero(means[:, 0] > LOUD_Z)
    return float(ends[loud[-1]]) if len(loud) else -np.inf
