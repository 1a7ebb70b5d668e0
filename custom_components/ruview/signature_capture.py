"""One take of a short happening → a signature of the room's best link, or why it is not worth having."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from homeassistant.util import slugify

from .ruview_engine.introspection.capture import CaptureProblem, CaptureVerdict, make_signature
from .ruview_engine.introspection.features import DEFAULT_DIMS, FeatureExtractor
from .ruview_engine.introspection.signature import FeatureKind
from .ruview_engine.links.encoder import Encoder
from .ruview_engine.links.ring import SPAN_S
from .ruview_engine.links.sample import Sample
from .ruview_engine.room.life import MOTION_OFF_Z
from .ruview_engine.shapes import ActiveMask, Matrix
from .ruview_engine.tap import Tap
from .view import Progress

#: The quietest stretch of that length is the link at rest. Origin: chosen; 100 samples at 20 Hz, twenty are needed.
IDLE_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """When the happening was to be made (monotonic seconds), and what it is called."""

    label: str
    starts_s: float
    ends_s: float

    @property
    def identifier(self) -> str:
        """File name and key in events."""
        return re.sub(r"[^a-z0-9_]", "", slugify(self.label)) or "signature"

    def progress(self, at_s: float) -> Progress:
        """A take has no capture in the engine: its clock is here."""
        is_lead_in = at_s < self.starts_s
        share = (at_s - self.starts_s) / (self.ends_s - self.starts_s)
        return Progress(
            kind="signature",
            phase="lead_in" if is_lead_in else "capturing",
            fraction=min(max(share, 0.0), 1.0),
            remaining_s=max((self.starts_s if is_lead_in else self.ends_s) - at_s, 0.0),
            what=self.label,
        )


def capture_job(
    taps: list[Tap], take: Take, at_s: float, captured_at: datetime, encoder: Encoder | None = None
) -> Callable[[], CaptureVerdict]:
    """Copies what is needed of the best link; the result may be called in any thread.

    A room with a trained encoder judges the take in its embeddings too, and keeps what has more evidence to spare.
    """
    heard = [tap for tap in taps if tap.link.last_s is not None and tap.link.last_s >= take.starts_s]
    if not heard:
        return lambda: CaptureVerdict(signature=None, problem=CaptureProblem.NO_TAKE, n_takes=0)
    tap = max(heard, key=lambda one: one.link.quality(at_s).score)
    window = tap.window(SPAN_S, at_s, frequency_mhz=None, access_point=None)
    active, layout, fs_hz = tap.link.active, tap.link.id.layout, tap.link.fs_hz or 0.0
    motion = np.zeros(len(window.times)) if window.motion_z is None else np.nan_to_num(window.motion_z)
    is_take = window.times >= take.starts_s
    samples = [
        Sample(
            link=window.link,
            at_s=float(when),
            index=index,
            profile=profile,
            level=float(level),
            rssi_dbm=None,
            gap_s=float(when - window.times[index - 1]) if index else None,
        )
        for index, (when, profile, level) in enumerate(zip(window.times, window.profiles, window.levels, strict=True))
    ]
    is_still = (motion < MOTION_OFF_Z) & ~is_take

    def judge(used: Encoder | None) -> CaptureVerdict:
        vectors, kept = _vectors(samples, is_still, active, fs_hz, used)
        background, movement = vectors[~is_take[kept]], vectors[is_take[kept]]
        n_idle = max(round(IDLE_S * fs_hz), 20)
        if len(background) < n_idle:
            return CaptureVerdict(signature=None, problem=CaptureProblem.TOO_LITTLE_BACKGROUND, n_takes=1)
        return make_signature(
            [movement],
            identifier=take.identifier,
            label=take.label,
            captured_at=captured_at.isoformat(),
            feature_kind=FeatureKind.PROFILE_DELTA if used is None else FeatureKind.EMBEDDING,
            fs_hz=fs_hz,
            duration_s=take.ends_s - take.starts_s,
            layout=layout,
            idle=_quietest(background, n_idle),
            background=[background],
            backbone_rev=None if used is None else used.revision,
            provenance={"link": str(window.link)},
        )

    def job() -> CaptureVerdict:
        plain = judge(None)
        return plain if encoder is None else max(plain, judge(encoder), key=lambda verdict: verdict.merit)

    return job


def _vectors(
    samples: list[Sample],
    is_still: np.ndarray[tuple[int], np.dtype[np.bool_]],
    active: ActiveMask,
    fs_hz: float,
    encoder: Encoder | None,
) -> tuple[Matrix, list[int]]:
    """(n, dims) what the matcher will see of these samples, and which of them gave a vector."""
    kind, dims = FeatureKind.PROFILE_DELTA, min(DEFAULT_DIMS, int(active.sum()))
    if encoder is not None:
        kind, dims = FeatureKind.EMBEDDING, encoder.dims
    extractor = FeatureExtractor(kind, dims, active, fs_hz, encoder)
    rows, kept = [], []
    for index, (sample, still) in enumerate(zip(samples, is_still, strict=True)):
        if sample.breaks_window:
            extractor.break_window()
        vector = extractor.update(sample, is_still=bool(still))
        if vector is not None:
            rows.append(vector.copy())
            kept.append(index)
    return np.array(rows).reshape(len(rows), dims), kept


def _quietest(vectors: Matrix, length: int) -> Matrix:
    """The stretch of `length` rows that moves least."""
    step = (np.diff(vectors, axis=0) ** 2).sum(axis=1)
    sums = np.convolve(step, np.ones(length - 1), mode="valid")
    first = int(np.argmin(sums))
    return vectors[first : first + length]
