"""How restless is the person: from lying still (0) to small movements all the time (1)?

Each second of a link has a motion energy: the mean of the meter's standardised log energy `z`. Enrolment knows two
kinds of seconds: calm ones (`sleep_posture`, else `lie_down`) and moving ones (`small_move`). A second's movement is
its place between them; restlessness is the mean over the last minute. The published method does the same with one
amplitude series of unknown gain; `z` has no gain, and a link that cannot tell the two kinds apart is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ...errors import Damaged
from ...links.link_id import LinkId
from ..absence import Untaught, WhyAbsent
from ..reading import Reading, WhyNot
from ..specialist import Quality, SpecialistProvenance
from ..window import LinkWindow

#: Anchors that show calm, best first, and the one that shows movement. Origin: ADR-151 §2.4.
CALM: Final = ("sleep_posture", "lie_down")
MOVING: Final = "small_move"

#: The score is the mean over this long. Origin: chosen; sleep studies score half-minutes, people turn for seconds.
WINDOW_S: Final = 60.0
#: Fewer seconds with frames and the score is that of a moment. Origin: chosen.
MIN_SECONDS: Final = 20
#: Seconds needed of each anchor. Origin: chosen; anchors last 20–30 s and lose some at both ends.
MIN_ANCHOR_SECONDS: Final = 10

#: Calm is what calm seconds stay below in three of four cases; moving is what half of the moving ones exceed: people
#: asked to move pause in between. Origin: chosen.
CALM_QUANTILE: Final = 0.75
MOVING_QUANTILE: Final = 0.5

#: A link tells the two apart when a moving second outranks a calm one this often. Ranks need no threshold, so nothing
#: is fitted to the seconds they are counted on. Origin: chosen; 0.5 is chance.
MIN_AUC: Final = 0.8
#: Ranks are counted on two halves made of alternating stretches of this many seconds, and the worse half counts.
#: Origin: chosen, longer than a movement's memory.
BLOCK_SECONDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkScale:
    """One link's two ends, in z, and how well it tells them apart in the worse half of the anchors."""

    calm_z: float
    moving_z: float
    auc: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RestlessnessSpecialist:
    """`scales` : link → its ends; never empty."""

    scales: Mapping[str, LinkScale] = field(default_factory=dict)
    provenance: SpecialistProvenance | None = None

    def read(self, windows: Sequence[LinkWindow], *, at_s: float) -> Reading[float]:
        """Score 0–1 of the last minute; links weighted by how well they tell calm from movement."""
        if not self.scales:
            return Reading.none(WhyNot.NOT_TRAINED)
        scores, weights, counts = [], [], []
        for window in windows:
            scale = self.scales.get(str(window.link))
            if scale is None:
                continue
            seconds = energy_by_second(window, from_s=at_s - WINDOW_S, to_s=at_s)
            if len(seconds) < MIN_SECONDS:
                continue
            share = np.clip((seconds - scale.calm_z) / (scale.moving_z - scale.calm_z), 0.0, 1.0)
            scores.append(float(share.mean()))
            weights.append((2.0 * scale.auc - 1.0) ** 2)
            counts.append(len(seconds))
        if not scores:
            return Reading.none(WhyNot.WARMING_UP if windows else WhyNot.NO_FRAMES)
        score = float(np.average(scores, weights=weights))
        trust = float(np.sqrt(max(weights))) * min(max(counts) / WINDOW_S, 1.0)
        return Reading(
            value=score,
            confidence=min(trust, 1.0),
            evidence=(("n_links", float(len(scores))), ("n_seconds", float(max(counts)))),
        )

    @classmethod
    def fit(
        cls,
        anchors: Mapping[str, Sequence[LinkWindow]],
        *,
        version: int,
        trained_at_s: float,
        anchor_set_hash: str,
        baseline_hash: str,
    ) -> Self:
        """From the anchors' windows (label → one per link, with `motion_z`).

        Raises
        ------
        Untaught when an end is missing or no link tells the two apart
        """
        calm_label = next((label for label in CALM if anchors.get(label)), None)
        if calm_label is None or not anchors.get(MOVING):
            detail = f"restlessness needs {MOVING} and one of {', '.join(CALM)}"
            raise Untaught(WhyAbsent.NOT_ENROLLED, detail)
        calm = {str(window.link): energy_by_second(window) for window in anchors[calm_label]}
        moving = {str(window.link): energy_by_second(window) for window in anchors[MOVING]}
        fitted = {link: _scale(calm[link], moving[link]) for link in calm if link in moving}
        scales = {link: scale for link, scale in fitted.items() if scale is not None}
        usable = {link: scale for link, scale in scales.items() if scale.auc >= MIN_AUC}
        if not usable:
            best = max((scale.auc for scale in scales.values()), default=float("nan"))
            detail = f"no link tells {calm_label} from {MOVING}: best AUC {best:.2f}, needed {MIN_AUC}"
            raise Untaught(WhyAbsent.ALIKE, detail)
        best_link = max(usable, key=lambda link: usable[link].auc)
        n_blocks = (len(calm[best_link]) + len(moving[best_link])) // (2 * BLOCK_SECONDS)
        provenance = SpecialistProvenance(
            version=version,
            trained_at_s=trained_at_s,
            anchor_set_hash=anchor_set_hash,
            baseline_hash=baseline_hash,
            backbone_rev=None,
            quality=Quality(measure="auc", score=usable[best_link].auc, n_blocks=n_blocks),
        )
        return cls(scales=usable, provenance=provenance)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; the provenance is stored beside it by the bank."""
        return {
            link: {"calm_z": scale.calm_z, "moving_z": scale.moving_z, "auc": scale.auc}
            for link, scale in self.scales.items()
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any], provenance: SpecialistProvenance | None = None) -> Self:
        """The inverse; raises Damaged on impossible numbers."""
        try:
            scales = {
                str(LinkId.parse(link)): LinkScale(
                    calm_z=float(one["calm_z"]), moving_z=float(one["moving_z"]), auc=float(one["auc"])
                )
                for link, one in stored.items()
            }
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Damaged(f"restlessness specialist: {error}") from error
        for link, scale in scales.items():
            is_finite = np.isfinite([scale.calm_z, scale.moving_z, scale.auc]).all()
            if not is_finite or scale.moving_z <= scale.calm_z or not 0.5 <= scale.auc <= 1.0:
                raise Damaged(f"restlessness specialist: impossible numbers for {link}")
        return cls(scales=scales, provenance=provenance)


def energy_by_second(window: LinkWindow, *, from_s: float = -np.inf, to_s: float = np.inf) -> NDArray[np.float64]:
    """(n_seconds,) mean z of every second that has a finite one; empty without a meter."""
    if window.motion_z is None or not len(window):
        return np.empty(0)
    wanted = (window.times > from_s) & (window.times <= to_s) & np.isfinite(window.motion_z)
    if not wanted.any():
        return np.empty(0)
    seconds = np.floor(window.times[wanted] - window.times[wanted][0]).astype(np.intp)
    sums = np.bincount(seconds, weights=window.motion_z[wanted])
    counts = np.bincount(seconds)
    return np.asarray(sums[counts > 0] / counts[counts > 0])


def auc_of(calm: NDArray[np.float64], moving: NDArray[np.float64]) -> float:
    """How often a moving second outranks a calm one; ties count half."""
    above = (moving[:, None] > calm[None, :]).mean() + 0.5 * (moving[:, None] == calm[None, :]).mean()
    return float(above)


def _scale(calm: NDArray[np.float64], moving: NDArray[np.float64]) -> LinkScale | None:
    """Ends from all seconds, AUC of the worse half; None when there is too little or the ends are reversed."""
    if min(len(calm), len(moving)) < MIN_ANCHOR_SECONDS:
        return None
    calm_z, moving_z = float(np.quantile(calm, CALM_QUANTILE)), float(np.quantile(moving, MOVING_QUANTILE))
    if moving_z <= calm_z:
        return None
    held = [auc_of(_blocks(calm, parity), _blocks(moving, 1 - parity)) for parity in (0, 1)]
    return LinkScale(calm_z=calm_z, moving_z=moving_z, auc=float(np.clip(min(held), 0.5, 1.0)))


def _blocks(seconds: NDArray[np.float64], parity: int) -> NDArray[np.float64]:
    """Every second block of `BLOCK_SECONDS`; all of it when there is only one block."""
    chosen = seconds[(np.arange(len(seconds)) // BLOCK_SECONDS) % 2 == parity]
    return chosen if len(chosen) else seconds
