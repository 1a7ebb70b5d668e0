"""Whether an anchor shows what was asked for. A bad anchor poisons a small model, so it is asked for again.

The published gate (median |z| > 1.5 per frame) rejects every person on real hardware: a body moves the *mean* profile
by a few per cent, far less than one frame's noise. What is judged here: the shift of the mean profile against the
empty room's own spread, movement in the motion meter's units, and breath.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Final

import numpy as np

from ..links.link_id import LinkId
from .anchor import Anchor, Demand, Fault, Verdict
from .anchor_feature import SETTLE_S, LinkFeature, extract
from .baseline import Baseline
from .link_baseline import LinkBaseline
from .log_profile import block_means
from .rate_fusion import COUNTED_REGULARITY
from .second_person import FirstPerson, second_person
from .specialists.breathing import PROMISING_DB, BreathingSpecialist
from .specialists.presence import LEAST_STATIC, MICRO, PresenceSpecialist
from .state import Posture
from .stillness import is_active, is_moved, moving_share
from .window import LinkWindow

#: Frames a link needs in an anchor. Origin: upstream §3.3 (60); at 3 Hz an anchor of 20 s has them.
MIN_FRAMES: Final = 60
#: Longest silence within an anchor. Origin: chosen, a tenth of the shortest anchor.
MAX_SILENCE_S: Final = 2.0
#: I or Q at the end of int8. Origin: spec, ESP-IDF delivers int8.
FULL_SCALE: Final = 126.5
#: Share of frames that may touch it. Origin: chosen.
MAX_SATURATED: Final = 0.1
#: Small movements do not carry the body through the room: spread of the 5-s means, log units rms.
#: Origin: measured: walking spreads them by 0.02–0.11 per band on recordings, arms in simulation by less than half.
MAX_SMALL_SPREAD: Final = 0.30
#: Coherence: how alike the seconds of a still anchor are, 1 = same. Seed §2.7 prints it; below this it is noise.
MIN_COHERENCE: Final = 0.5
#: One second's deviation at which coherence has fallen to 0.6. Origin: chosen, half of a sitting person's shift.
COHERENCE_WIDTH: Final = 0.08
#: Log-odds over the empty room gone astray from which somebody is there who was seen to take the pose, and whom no
#: link saw coming. Origin: chosen, even odds for who was asked to and moved, e⁴ = 50 : 1 for others.
SEEN_FROM: Final = 0.0
UNSEEN_FROM: Final = 4.0
#: More moving seconds than this are somebody moving, whatever else is seen. Fewer may be a restless link of an empty
#: room, or the sway of a second person. Origin: chosen, half; measured in simulation: up to 0.4 in empty rooms.
MOSTLY_MOVING: Final = 0.5
#: From this attempt on, a breath of which no link shows even a faint line no longer keeps an anchor from acceptance: it
#: is the room's fault, and the sensitivity report will say so. Origin: chosen.
BLIND_ATTEMPT: Final = 2
#: A breath may miss the band asked for by this, /min: people count badly. Origin: chosen.
BAND_TOLERANCE_BPM: Final = 1.0


def judge_anchor(
    anchor: Anchor,
    windows: Sequence[LinkWindow],
    baseline: Baseline | None,
    breathing: BreathingSpecialist | None = None,
    *,
    attempt: int = 1,
    may_be_inside: bool = False,
    stood: Sequence[LinkFeature] = (),
) -> tuple[Verdict, tuple[LinkFeature, ...]]:
    """The verdict with its numbers, and what each link can teach (empty when not accepted).

    attempt : from 1; a breath that stays invisible is accepted from `BLIND_ATTEMPT` on, one at a wrong rate never
    may_be_inside : somebody was seen to take the pose, or has not moved since the anchor before; whom no link saw
        coming has to show more (`UNSEEN_FROM`)
    stood : what the links showed of this home's accepted `stand_still`, when there is one
    """
    if anchor.demand is Demand.NOBODY:
        verdict = Verdict.passed(anchor.label) if baseline else Verdict.failed(anchor.label, Fault.NO_BASELINE)
        return verdict, ()
    if baseline is None:
        return Verdict.failed(anchor.label, Fault.NO_BASELINE), ()
    known = {link.link: link for link in baseline.links}
    windows = [window.cleaned() for window in windows if window.link in known]
    windows = [window for window in windows if len(window)]
    if (fault := _broken(anchor, windows)) is not None:
        return fault, ()
    features = tuple(feature for window in windows if (feature := extract(window, known[window.link])) is not None)
    if not features:
        return Verdict.failed(anchor.label, Fault.TOO_FEW_FRAMES), ()
    motion = [feature.motion_z for feature in features]
    moving = moving_share(motion)
    coherence = max(_coherence(window, known[window.link]) for window in windows)
    presence = somebody(features, known)
    least = SEEN_FROM if may_be_inside else UNSEEN_FROM
    numbers: list[tuple[str, float]] = [
        ("frames", float(max(feature.n_frames for feature in features))),
        ("moving_share", moving),
        ("coherence", coherence),
        ("presence", presence),
    ]
    if anchor.demand is Demand.MOVE:
        spread = max(float(np.sqrt(np.var(feature.blocks, axis=0).mean())) for feature in features)
        numbers.append(("spread", spread))
        if not is_active(motion, [one.motion_z for one in stood]):
            fault_now = Fault.NOT_MOVING if presence > least or moving > 0.05 else Fault.ABSENT
            return Verdict.failed(anchor.label, fault_now, tuple(numbers)), ()
        if spread > MAX_SMALL_SPREAD:
            return Verdict.failed(anchor.label, Fault.TOO_MUCH_MOTION, tuple(numbers)), ()
        return Verdict.passed(anchor.label, tuple(numbers)), features
    fault_found = _still_fault(
        anchor, windows, features, breathing or BreathingSpecialist(), numbers, least, known, stood
    )
    if fault_found is Fault.NO_BREATHING and attempt >= BLIND_ATTEMPT:
        fault_found = None
    if fault_found is not None:
        return Verdict.failed(anchor.label, fault_found, tuple(numbers)), ()
    return Verdict.passed(anchor.label, tuple(numbers)), features


def _still_fault(
    anchor: Anchor,
    windows: Sequence[LinkWindow],
    features: tuple[LinkFeature, ...],
    breathing: BreathingSpecialist,
    numbers: list[tuple[str, float]],
    least: float,
    known: Mapping[LinkId, LinkBaseline],
    stood: Sequence[LinkFeature],
) -> Fault | None:
    """What is wrong with a still anchor; appends the numbers it looked at."""
    values = dict(numbers)
    newest = max(float(window.times[-1]) for window in windows)
    breath = breathing.read(windows, at_s=newest)
    seen = dict(breath.evidence)
    if breath.value is not None:
        numbers.append(("breath_bpm", breath.value))
    # A chest in the line of sight is movement to a sensitive meter; rhythm tells it from fidgeting.
    is_clear = breath.value is not None
    is_coherent = values["coherence"] >= MIN_COHERENCE
    is_restless = is_moved([feature.motion_z for feature in features]) and not (is_clear and is_coherent)
    if is_restless and values["moving_share"] > MOSTLY_MOVING:
        return Fault.MOVED
    if not (is_coherent or is_clear or is_restless):
        return Fault.INCOHERENT
    if values["presence"] <= least and not is_clear:
        return Fault.ABSENT
    asked = _asked_bpm(anchor)
    first = FirstPerson(
        is_standing=anchor.posture is Posture.STANDING,
        is_restless=is_restless,
        asked_bpm=asked,
        read_bpm=breath.value,
        faint_bpm=paced_rate(seen),
    )
    second = second_person(first, windows, features, known, at_s=newest, stood=stood)
    if second is not None:
        numbers += second
        return Fault.TWO_PEOPLE
    if is_restless:
        return Fault.MOVED
    if asked is None:
        return None
    rate = first.breath_bpm
    if rate is None:
        numbers.append(("line_db", seen.get("line_db", 0.0)))
        return Fault.NO_BREATHING
    if breath.value is None:
        numbers.append(("faint_bpm", rate))
    if rate < asked[0]:
        return Fault.BREATHING_TOO_SLOW
    return Fault.BREATHING_TOO_FAST if rate > asked[1] else None


def _asked_bpm(anchor: Anchor) -> tuple[float, float] | None:
    """The band asked for with its tolerance, /min; None where no rate is."""
    if anchor.breath_hz is None:
        return None
    low, high = anchor.breath_hz
    return 60.0 * low - BAND_TOLERANCE_BPM, 60.0 * high + BAND_TOLERANCE_BPM


def paced_rate(seen: Mapping[str, float]) -> float | None:
    """The rate of a breath too faint to be read by itself: it was asked for, so no line need prove that it is there.

    Read unasked, half a minute of an empty room has many places for a chance line; here one band is right.
    """
    is_line = seen.get("line_db", 0.0) >= PROMISING_DB and seen.get("regularity", 0.0) >= COUNTED_REGULARITY
    return seen["rate_bpm"] if is_line else None


def _broken(anchor: Anchor, windows: Sequence[LinkWindow]) -> Verdict | None:
    """What would make every further judgement wrong: too little, holes, clipping."""
    if not windows:
        return Verdict.failed(anchor.label, Fault.NO_FRAMES)
    best = max(windows, key=len)
    numbers = (("frames", float(len(best))), ("needed", float(MIN_FRAMES)))
    if len(best) < MIN_FRAMES or best.span_s < 0.6 * anchor.duration_s:
        return Verdict.failed(anchor.label, Fault.TOO_FEW_FRAMES, numbers)
    if min(window.longest_gap_s for window in windows if len(window) >= MIN_FRAMES) > MAX_SILENCE_S:
        gap = min(window.longest_gap_s for window in windows)
        return Verdict.failed(anchor.label, Fault.GAPS, (("longest_gap_s", gap),))
    clipped = min(saturated_share(window) for window in windows)
    if clipped > MAX_SATURATED:
        return Verdict.failed(anchor.label, Fault.SATURATED, (("saturated_share", clipped),))
    return None


def somebody(features: Sequence[LinkFeature], known: Mapping[LinkId, LinkBaseline]) -> float:
    """Log-odds of somebody still against the empty room as it strays: what an untaught room goes by, over an anchor.

    Whoever left during the countdown leaves a room that has strayed since its baseline, most where a band lies in a
    fade, and in which nothing lives; whoever stands badly placed still sways and breathes, or shades another link.
    """
    generic = PresenceSpecialist(links={})
    total = 0.0
    for one in features:
        here = known[one.link]
        total += max(LEAST_STATIC, generic.shift_ratio(one.link, one.blocks.mean(axis=0), here))
        if len(one.micro_growths):
            growth = float(np.median(one.micro_growths))
            total += float(np.clip(generic.micro_ratio(one.link, growth, here), *MICRO))
    return total / sqrt(len(features))


def saturated_share(window: LinkWindow) -> float:
    """Share of frames with a bin whose amplitude reaches the end of int8."""
    peaks = window.profiles.max(axis=1) * window.levels
    return float((peaks >= FULL_SCALE).mean())


def _coherence(window: LinkWindow, known: LinkBaseline) -> float:
    """Mean likeness of each second to the anchor's median, 0–1."""
    settled = window.between(float(window.times[0]) + SETTLE_S, float(window.times[-1]))
    _, seconds = block_means(settled.times, known.bands.log(settled.profiles), 1.0, min_samples=2)
    if len(seconds) < 3:
        return 0.0
    deviation = np.sqrt(np.mean((seconds - np.median(seconds, axis=0)) ** 2, axis=1))
    return float(np.exp(-0.5 * (deviation / COHERENCE_WIDTH) ** 2).mean())
