"""What one link looks like while the room is empty, and how far a live stretch is from it."""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import Damaged, TrainingError
from ..links.link_id import LinkId
from ..links.quiet import QuietModel
from ..links.ring import Window
from ..shapes import ActiveMask, Matrix, Profile, Vector
from . import chi_square
from .log_profile import Bands, block_means
from .micro_motion import measure_windows
from .motion_energy import MotionEnergy, lag_difference, neighbour_coherence
from .window import LinkWindow

#: Seconds per block mean. Origin: SENSING §3, peers §2d.
BLOCK_S: Final = 5.0
#: Weight of the measured covariance; the rest is its diagonal. Origin: peers §2a, 0.7·cov + 0.3·diag.
COVARIANCE_WEIGHT: Final = 0.7
#: Band means of an empty room wander by this much (log units) within an hour. Origin: measured, ialr_s3_amp:
#: medians of empty blocks minutes apart differ by 0.006–0.06 rms after somebody walked through.
DRIFT_ALLOWANCE: Final = 0.03
#: An empty room's slow wander over half an hour, in units of its wander within the minute of the baseline. Origin:
#: measured: simulated links 4–7, empty minutes of one ialr_s3_amp session 1–23, median 3; 1/f noise would give 2.
WANDER: Final = 4.0
#: Quantisation: a band mean of at least 3 bins of ≥ 10 LSB is known to 0.29/10/√3. Origin: derived.
NOISE_FLOOR: Final = 0.005
#: Drift is called beyond its limit at this χ² quantile. Origin: peers §4.2.
DRIFT_QUANTILE: Final = 0.999
#: The log ratio's spread over 30-s windows of white noise is about 0.1; one minute cannot show less than this honestly.
#: Origin: measured, 27 empty windows of pulse_wifi_esp32 and ialr_s3_amp: σ 0.30.
MIN_MICRO_SCALE: Final = 0.25
#: Eigenmodes kept (ADR-030 keeps 3 of 56). Origin: derived, the looks of a link.
N_MODES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shift:
    """Distance of a mean log-profile from the reference.

    statistic : mean squared standardised deviation over bands; about 1 in the empty room
    limit : what `statistic` stays below in the empty room with probability `DRIFT_QUANTILE`
    rms, limit_rms : the same two in log units (0.04 = 4 % per band), along the direction found
    delta : (n_bands,) the deviation itself
    """

    statistic: float
    limit: float
    rms: float
    delta: Vector

    @property
    def limit_rms(self) -> float:
        """The deviation along this direction that would reach the limit."""
        return self.rms * float(np.sqrt(self.limit / self.statistic)) if self.statistic > 0 else self.limit


@dataclass(frozen=True, kw_only=True, eq=False)
class LinkBaseline:
    """Statistics of one link in the empty room. Arrays are never changed after construction.

    reference : (n_pairs,) median profile; `links.Demux.seed` takes it so that the link keeps its name
    log_reference, log_spread : (n_bands,) median and 1.4826·MAD (≥ `NOISE_FLOOR`) of the log-profile of single frames
    block_covariance : (n_bands, n_bands) shrunk covariance of 5-s means, without drift allowance
    motion, quiet : the quiet for whole windows, and for the per-frame meter (None when the link was too thin for it)
    micro_location, micro_scale : of the log ratio slow/noise power (see `micro_motion`)
    line_db : strongest line the empty room showed
    eigenvalues, modes : (k,), (k, n_bands) of the log-profile's own movement in the empty room (ADR-030)
    blocks, micro_ratios : (n_blocks, n_bands) 5-s means and (n_windows,) log ratios: what "empty" looks like, for the
        sensitivity report
    coherence : neighbouring bands' correlation of quick changes in the quiet
    """

    link: LinkId
    bands: Bands
    reference: Profile
    log_reference: Vector
    log_spread: Vector
    block_covariance: Matrix
    motion: MotionEnergy
    quiet: QuietModel | None
    micro_location: float
    micro_scale: float
    line_db: float
    eigenvalues: Vector
    modes: Matrix
    blocks: Matrix
    micro_ratios: Vector
    coherence: float
    level: float
    level_spread: float
    rssi_dbm: float | None
    rate_hz: float
    n_frames: int
    span_s: float
    frequency_mhz: int | None
    access_point: str | None

    @classmethod
    def fit(cls, window: LinkWindow) -> Self:
        """Learn from an empty-room window; raises TrainingError when there is too little of it."""
        rate_hz = window.rate_hz
        if rate_hz is None:
            raise TrainingError("fewer than three frames")
        bands = Bands.over(_steady_bins(window))
        logs = bands.log(window.profiles)
        location = np.median(logs, axis=0)
        spread = np.maximum(1.4826 * np.median(np.abs(logs - location), axis=0), NOISE_FLOOR)
        micro = measure_windows(window, bands)
        ratios = np.array([found.log_ratio for found in micro]) if micro else np.zeros(1)
        rssi = window.rssi_dbm[np.isfinite(window.rssi_dbm)]
        covariance, eigenvalues, modes = _slow_covariance(window, logs)
        levels = np.log(np.maximum(window.levels, 1e-6))
        return cls(
            link=window.link,
            bands=bands,
            reference=np.median(window.profiles, axis=0).astype(np.float32),
            log_reference=location,
            log_spread=spread,
            block_covariance=covariance,
            motion=MotionEnergy.fit(window, bands),
            quiet=_quiet(window),
            micro_location=float(np.clip(np.median(ratios), -0.5, 0.5)),
            micro_scale=float(np.clip(1.4826 * np.median(np.abs(ratios - np.median(ratios))), MIN_MICRO_SCALE, 0.6)),
            line_db=float(max((found.line_db for found in micro), default=0.0)),
            eigenvalues=eigenvalues,
            modes=modes,
            blocks=block_means(window.times, logs, BLOCK_S)[1],
            micro_ratios=ratios,
            coherence=neighbour_coherence(lag_difference(window.times, logs)[1]),
            level=float(np.exp(np.median(levels))),
            level_spread=float(1.4826 * np.median(np.abs(levels - np.median(levels)))),
            rssi_dbm=float(np.median(rssi)) if len(rssi) else None,
            rate_hz=rate_hz,
            n_frames=len(window),
            span_s=window.span_s,
            frequency_mhz=window.frequency_mhz,
            access_point=window.access_point,
        )

    def accepts(self, window: LinkWindow) -> bool:
        """The window has this link's number of pairs; anything else is another link."""
        return window.profiles.ndim == 2 and window.profiles.shape[1] == len(self.reference)

    @property
    def level_log(self) -> float:
        """Natural log of the level."""
        return float(np.log(max(self.level, 1e-6)))

    def mean_log(self, window: LinkWindow) -> Vector | None:
        """(n_bands,) median log-profile of a window; None without frames."""
        return np.median(self.bands.log(window.profiles), axis=0) if len(window) else None

    @cached_property
    def fade(self) -> Vector:
        """(n_bands,) how much more a band answers to one and the same change of the field than an average band does.

        What furniture, warmth or a body add to the channel is about as large in every band; the log of a band that
        lies in a fade, where little is left to add to, changes by as much more as the band is weaker.
        """
        amplitude = np.exp(self.log_reference)
        return np.asarray(amplitude.mean() / amplitude)

    def spread(self, size: float) -> Matrix:
        """Covariance of log changes by a field that is added at random, `size` of an average band's amplitude."""
        return size**2 * self._field

    @cached_property
    def _field(self) -> Matrix:
        return np.diag(self.fade**2)

    @cached_property
    def _quantisation(self) -> Matrix:
        return np.eye(len(self.bands)) * NOISE_FLOOR**2

    def noise(self, seconds: float, allowance: float = DRIFT_ALLOWANCE) -> Matrix:
        """Covariance of (mean over `seconds`) − reference in an empty room, drift allowance included."""
        shorter = BLOCK_S / float(np.clip(seconds, 1.0, 4 * BLOCK_S)) + BLOCK_S / max(self.span_s, BLOCK_S)
        return self.block_covariance * shorter + self.spread(allowance) + self._quantisation

    def shift(
        self,
        mean_log: Vector,
        seconds: float,
        *,
        offset: Vector | None = None,
        allowance: float = DRIFT_ALLOWANCE,
    ) -> Shift:
        """How far a mean log-profile over `seconds` is from the reference, moved by `offset` when adapted."""
        delta = mean_log - self.log_reference - (0.0 if offset is None else offset)
        return _shift(delta, self.noise(seconds, allowance))

    def drift(self, mean_log: Vector, seconds: float, *, offset: Vector | None = None) -> Shift:
        """The same against what hours do to an empty room."""
        delta = mean_log - self.log_reference - (0.0 if offset is None else offset)
        return _shift(delta, self.drift_noise(seconds))

    def drift_noise(self, seconds: float, wander: float = WANDER) -> Matrix:
        """`noise` of an empty room some time later: it goes on wandering where it wandered within the minute."""
        return self.noise(seconds) + wander**2 * self.block_covariance

    def eigenmode_coefficients(self, delta: Vector) -> Vector:
        """(k,) coordinates of a deviation along the room's own modes, in their standard deviations (ADR-030)."""
        return np.asarray(self.modes @ delta / np.sqrt(np.maximum(self.eigenvalues, NOISE_FLOOR**2)))

    def to_dict(self) -> dict[str, Any]:
        """Plain types and arrays, for `codec`."""
        stored: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        stored["link"] = str(self.link)
        stored["bands"] = {"edges": self.bands.edges, "active": self.bands.active}
        stored["motion"] = self.motion.to_dict()
        stored["quiet"] = None if self.quiet is None else self.quiet.to_dict()
        return stored

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """The inverse of `to_dict`; raises Damaged on shapes or numbers that cannot be."""
        try:
            values = {field.name: stored[field.name] for field in fields(cls)}
            values["link"] = LinkId.parse(stored["link"])
            values["bands"] = Bands(edges=stored["bands"]["edges"], active=stored["bands"]["active"])
            values["motion"] = MotionEnergy.from_dict(stored["motion"])
            values["quiet"] = None if stored["quiet"] is None else QuietModel.from_dict(stored["quiet"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Damaged(f"link baseline: {error}") from error
        built = cls(**values)
        built.check()
        return built

    def check(self) -> None:
        """Raise Damaged unless shapes fit together and every number is possible."""
        n_bands, n_modes = len(self.bands), len(self.eigenvalues)
        shapes: dict[str, tuple[NDArray[Any], tuple[int, ...]]] = {
            "reference": (self.reference, self.bands.active.shape),
            "log_reference": (self.log_reference, (n_bands,)),
            "log_spread": (self.log_spread, (n_bands,)),
            "block_covariance": (self.block_covariance, (n_bands, n_bands)),
            "modes": (self.modes, (n_modes, n_bands)),
            "blocks": (self.blocks, (len(self.blocks), n_bands)),
            "micro_ratios": (self.micro_ratios, (len(self.micro_ratios),)),
            "motion.variance": (self.motion.variance, (n_bands,)),
        }
        for name, (array, shape) in shapes.items():
            if array.shape != shape or not np.isfinite(array).all():
                raise Damaged(f"{self.link}: {name} is {array.shape} or not finite, expected {shape}")
        edges = self.bands.edges
        if edges[0] != 0 or np.any(np.diff(edges) < 1) or edges[-1] != np.count_nonzero(self.bands.active):
            raise Damaged(f"{self.link}: bands do not cover the active bins")
        if np.linalg.eigvalsh(self.noise(BLOCK_S)).min() <= 0 or np.any(self.log_spread <= 0):
            raise Damaged(f"{self.link}: covariance is not positive")
        numbers = (self.micro_location, self.line_db, self.coherence, self.level, self.level_spread, self.span_s)
        if not np.isfinite(numbers).all() or not 0 < self.rate_hz < 1e4 or self.micro_scale <= 0 or self.n_frames < 1:
            raise Damaged(f"{self.link}: a number is impossible")


def _steady_bins(window: LinkWindow) -> ActiveMask:
    """Bins that carry a value in nearly every frame and are not vanishing against the median bin."""
    typical = np.median(window.profiles, axis=0)
    present = (window.profiles > 0).mean(axis=0) >= 0.9
    steady = present & (typical >= 0.05 * np.median(typical[typical > 0]) if np.any(typical > 0) else present)
    return np.asarray(steady) if np.count_nonzero(steady) >= 3 else window.active


def _quiet(window: LinkWindow) -> QuietModel | None:
    """The per-frame meter's model; None when this link is too thin for one."""
    stretch = Window(times=window.times, profiles=window.profiles, levels=window.levels, rssi=window.rssi_dbm)
    try:
        return QuietModel.fit([stretch])
    except TrainingError:
        return None


def _shift(delta: Vector, noise: Matrix) -> Shift:
    """A deviation against the covariance it would have in the empty room."""
    return Shift(
        statistic=float(delta @ np.linalg.solve(noise, delta)) / len(delta),
        limit=chi_square.per_look_limit(DRIFT_QUANTILE),
        rms=float(np.sqrt(np.mean(delta**2))),
        delta=np.asarray(delta),
    )


def _slow_covariance(window: LinkWindow, logs: Matrix) -> tuple[Matrix, Vector, Matrix]:
    """Shrunk covariance of 5-s means with its eigenvalues and modes, from 1-s means.

    There are only a dozen 5-s means in a minute: the shape comes from the 1-s means, the size from how much
    less than 5-fold the variance falls when five of them are averaged (slow movement does not average out).
    """
    _, seconds = block_means(window.times, logs, 1.0)
    _, blocks = block_means(window.times, logs, BLOCK_S)
    if len(seconds) < 10 or len(blocks) < 3:
        raise TrainingError(f"{len(blocks)} blocks of {BLOCK_S:g} s, 3 needed")
    per_second = np.cov(seconds, rowvar=False)
    lazy = np.var(blocks, axis=0, ddof=1).mean() / max(np.trace(per_second) / len(per_second) / BLOCK_S, 1e-12)
    scaled = per_second / BLOCK_S * float(np.clip(lazy, 1.0, 5.0))
    shrunk = COVARIANCE_WEIGHT * scaled + (1 - COVARIANCE_WEIGHT) * np.diag(np.diag(scaled))
    centred = seconds - seconds.mean(axis=0)
    _, singular, modes = np.linalg.svd(centred, full_matrices=False)
    keep = min(N_MODES, len(singular))
    return shrunk, np.asarray(singular[:keep] ** 2 / (len(seconds) - 1)), np.asarray(modes[:keep])
