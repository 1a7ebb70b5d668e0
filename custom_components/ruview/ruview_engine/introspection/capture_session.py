"""Collects what a capture needs while people move: takes and background, per link. Samples in, a verdict out."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import OrderError, ShapeError
from ..links.encoder import Encoder
from ..links.link_id import LinkId
from ..links.rate import rate_of
from ..links.sample import Sample
from ..shapes import ActiveMask, Matrix
from .capture import FALSE_MATCHES_PER_DAY, CaptureProblem, CaptureVerdict, make_signature
from .features import DEFAULT_DIMS, FeatureExtractor
from .signature import FeatureKind

#: Links followed at a time, and vectors kept per link. Origin: chosen; 10 minutes at 50 Hz, 4 × 4 MB.
MAX_LINKS: Final = 4
MAX_VECTORS: Final = 30_000
#: Kept before the announced start and after the announced end of a take. Origin: chosen; people start early and late.
BEFORE_S: Final = 0.5
AFTER_S: Final = 1.5
#: Left out of the background on either side of a take. Origin: chosen; people get ready and walk away.
GUARD_S: Final = 2.0
#: The calmest stretch of the background is taken for idle. Origin: chosen.
IDLE_S: Final = 5.0


class _Stream:
    __slots__ = ("extractor", "times", "vectors")

    def __init__(self, extractor: FeatureExtractor) -> None:
        self.extractor = extractor
        self.times: list[float] = []
        self.vectors: list[NDArray[np.float64]] = []


class CaptureSession:
    """Feed samples all the time; say when a take begins; ask for the verdict at the end.

    Parameters
    ----------
    duration_s : of the movement
    feature_kind, dims : of the signature; fewer dims are taken on links with fewer active bins
    encoder : only for `vec128`, which then has the encoder's width
    """

    def __init__(
        self,
        duration_s: float,
        *,
        feature_kind: FeatureKind = FeatureKind.PROFILE_DELTA,
        dims: int = DEFAULT_DIMS,
        encoder: Encoder | None = None,
    ) -> None:
        if not 0.3 <= duration_s <= 12.0:
            raise ShapeError(f"a signature lasts 0.3–12 s, not {duration_s:g}")
        if (feature_kind is FeatureKind.EMBEDDING) != (encoder is not None):
            raise ShapeError("vec128 is captured with an encoder, and nothing else is")
        self.duration_s = duration_s
        self.feature_kind = feature_kind
        self.dims = dims
        self._encoder = encoder
        self._streams: dict[LinkId, _Stream] = {}
        self._takes: list[tuple[float, float]] = []

    @property
    def n_takes(self) -> int:
        """Takes announced so far."""
        return len(self._takes)

    def background_s(self, now_s: float) -> float:
        """Seconds of usable background of the best link."""
        return max((len(s.times) / self._rate(s) for s in self._streams.values() if len(s.times) > 20), default=0.0)

    def begin_take(self, at_s: float) -> float:
        """The movement starts now; returns when it is over. Raises OrderError while another take is running."""
        if self._takes and at_s < self._takes[-1][1]:
            raise OrderError("a take is running")
        end = at_s + self.duration_s + AFTER_S
        self._takes.append((at_s - BEFORE_S, end))
        return end

    def feed(self, sample: Sample, active: ActiveMask, fs_hz: float) -> None:
        """Take one sample of any link."""
        if not sample.is_usable:
            return
        stream = self._streams.get(sample.link)
        if stream is None:
            if len(self._streams) >= MAX_LINKS:
                return
            encoder = self._encoder
            dims = min(self.dims, int(active.sum())) if encoder is None else encoder.dims
            stream = _Stream(FeatureExtractor(self.feature_kind, dims, active, fs_hz, encoder))
            self._streams[sample.link] = stream
        if len(stream.times) >= MAX_VECTORS:
            return
        if sample.breaks_window:
            stream.extractor.break_window()
        is_still = not self._takes or sample.at_s > self._takes[-1][1] + GUARD_S
        vector = stream.extractor.update(sample, is_still=is_still)
        if vector is not None:
            stream.times.append(sample.at_s)
            stream.vectors.append(vector.copy())

    def finish(
        self,
        *,
        identifier: str,
        label: str,
        captured_at: str,
        per_day: float = FALSE_MATCHES_PER_DAY,
        provenance: dict[str, Any] | None = None,
    ) -> CaptureVerdict:
        """The best link's verdict. Slow: 0.1–2 s."""
        verdicts = [
            self._judge(link, stream, identifier, label, captured_at, per_day, provenance or {})
            for link, stream in self._streams.items()
            if len(stream.times) > 40
        ]
        if not verdicts:
            return CaptureVerdict(signature=None, problem=CaptureProblem.NO_TAKE, n_takes=self.n_takes)
        return max(verdicts, key=lambda verdict: verdict.merit)

    def _judge(
        self,
        link: LinkId,
        stream: _Stream,
        identifier: str,
        label: str,
        captured_at: str,
        per_day: float,
        provenance: dict[str, Any],
    ) -> CaptureVerdict:
        times, vectors = np.array(stream.times), np.stack(stream.vectors)
        fs_hz = self._rate(stream)
        takes = [vectors[(times >= a) & (times <= b)] for a, b in self._takes]
        takes = [t for t in takes if len(t) > 4]
        # between takes people go back to where they started, often with the very movement
        quiet = np.ones(len(times), dtype=np.bool_)
        if self._takes:
            quiet = (times < self._takes[0][0] - GUARD_S) | (times > self._takes[-1][1] + GUARD_S)
        background = [vectors[part] for part in _runs(quiet, times)]
        idle = calmest(background, max(round(IDLE_S * fs_hz), 20))
        if idle is None:
            return CaptureVerdict(signature=None, problem=CaptureProblem.TOO_LITTLE_BACKGROUND, n_takes=self.n_takes)
        return make_signature(
            takes,
            identifier=identifier,
            label=label,
            captured_at=captured_at,
            feature_kind=self.feature_kind,
            fs_hz=round(fs_hz, 2),
            duration_s=self.duration_s,
            layout=link.layout,
            idle=idle,
            background=background,
            per_day=per_day,
            backbone_rev=None if self._encoder is None else self._encoder.revision,
            provenance=provenance | {"link": str(link)},
        )

    @staticmethod
    def _rate(stream: _Stream) -> float:
        return rate_of(np.asarray(stream.times[-2000:])) or 1e3


def calmest(background: list[Matrix], size: int) -> Matrix | None:
    """The stretch of `size` vectors that varies least; None if no part is long enough."""
    best: tuple[float, Matrix] | None = None
    for part in background:
        for start in range(0, len(part) - size + 1, max(size // 2, 1)):
            piece = part[start : start + size]
            spread = float(piece.var(axis=0).mean())
            if best is None or spread < best[0]:
                best = spread, piece
    return None if best is None else best[1]


def _runs(chosen: NDArray[np.bool_], times: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Index runs without takes or silences inside."""
    index = np.flatnonzero(chosen)
    if len(index) == 0:
        return []
    cuts = np.flatnonzero((np.diff(index) > 1) | (np.diff(times[index]) > 1.0)) + 1
    return [run for run in np.split(index, cuts) if len(run) > 1]
