"""What quiet looks like on one link: learned from an empty stretch, used on every frame after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ..dsp.robust import inverse_root, location_scale, shrunk_covariance
from ..errors import Damaged, TrainingError
from ..shapes import Matrix, Profile, Vector
from .lag_energy import LagEnergy, coherence, undrifted
from .noise_floor import MAX_DEVIATION, QuietLevels
from .projection import block_means, ripples
from .rate import rate_of
from .ring import Window

#: Format of `to_dict`. Origin: chosen.
SCHEMA_VERSION: Final = 1
#: Frames needed per block of the whitening. Origin: measured, 20 · d frames with shrinkage keep the held-out energy
#: within 5 % of the in-sample energy; at 3 Hz that is 90 s, so slow links get fewer blocks instead.
FRAMES_PER_BLOCK: Final = 20
MIN_BLOCKS: Final = 4
#: Fewer frames than this say nothing about quiet. Origin: derived, MIN_BLOCKS × FRAMES_PER_BLOCK.
MIN_FRAMES: Final = MIN_BLOCKS * FRAMES_PER_BLOCK
#: How far the covariance is pulled to its diagonal. Origin: chosen, on other recordings of the same room the
#: neighbours' correlations hold only in part.
SHRINKAGE: Final = 0.8
#: A block's noise is taken to be at least and at most this multiple of the typical block's. Origin: chosen; a fade
#: moves between days, and a block trusted ten times as much as others then raises alarms.
NOISE_SPREAD: Final = 2.0
#: Parts the stretch is cut into; each is judged by a model of the others. Origin: chosen; 5 of 10 s are 2 s each.
N_FOLDS: Final = 5
#: Smallest scale of the log energy. Origin: derived, χ² with 3.5–14 looks has 0.4–0.8 in log; averaging 14 independent
#: blocks gives 0.38. Less than 0.25 is an artefact of integers.
MIN_SCALE: Final = 0.25
MAX_SCALE: Final = 0.6
#: Quiet energy over the noise cannot exceed this (log): more is not noise but something that moves. Origin: measured,
#: −0.5 to 0.2 on quiet recordings.
MAX_EXCESS: Final = 0.4
#: The mean coherence of quiet lies so far above the lower quarter of its parts of 20 frames. Origin: measured, parts
#: scatter by 0.2–0.3; in a capture with movement the mean lies 1.5 higher and gestures were missed.
COHERENCE_MARGIN: Final = 0.2
#: Held-out values kept. Origin: chosen, 60 s at 100 Hz.
MAX_HELD_OUT: Final = 6000
#: Variance of an amplitude that was rounded to integers, chip units². Origin: derived, 1/12.
ROUNDING_VARIANCE: Final = 1.0 / 12.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuietModel:
    """Quiet of one link.

    projection : (n_blocks, n_pairs) profile → whitened blocks (variance of one frame's noise ≈ 1)
    location, scale : of the log fast energy, judged on held-out parts
    noise_location : mean log of the frame-to-frame noise
    slow_location, slow_scale : of the mean log (slow energy / noise) over about a second
    spread : standard deviation of the log fast energy, the smaller of each two neighbours, wild frames clipped
    level, rssi_dbm, fs_hz : where this was learned; rssi_dbm None if unknown
    rounding_share : how much of the noise is rounding to integers, which grows as the level falls
    held_out : (n,) z of held-out frames in time order, for thresholds with a stated false-alarm rate
    held_out_block : (n,) which held-out part each value belongs to; neighbours within a part are dependent
    reference : (n_pairs,) median profile, 0 in inactive bins
    coherence : log of how much more the blocks change than the ripples; None in models of before this was kept
    n_frames, seconds : what it was learned from
    """

    projection: Matrix
    location: float
    scale: float
    noise_location: float
    slow_location: float
    slow_scale: float
    spread: float
    level: float
    rssi_dbm: float | None
    fs_hz: float
    rounding_share: float
    held_out: NDArray[np.float32]
    held_out_block: NDArray[np.int16]
    reference: Profile
    n_frames: int
    seconds: float
    coherence: float | None = None

    @classmethod
    def fit(cls, windows: Sequence[Window], active: NDArray[np.bool_] | None = None) -> Self:
        """Learn quiet from stretches of one link during which nobody moved.

        Parameters
        ----------
        windows : in time order, not overlapping; together ≥ 80 usable frames (10 s at 20 Hz give full resolution in
        14 s) active : (n_pairs,) bool; default: bins that are never all zero

        Raises
        ------
        TrainingError if there are too few frames

        Source
        ------
        docs/algorithms/links.md#quiet
        """
        windows = [window for window in windows if len(window)]
        n_frames = sum(len(window) for window in windows)
        if n_frames < MIN_FRAMES:
            raise TrainingError(f"a quiet model needs at least {MIN_FRAMES} frames, found {n_frames}")
        times = np.concatenate([window.times for window in windows])
        profiles = np.concatenate([window.profiles for window in windows])
        levels = np.concatenate([window.levels for window in windows])
        rssi = np.concatenate([window.rssi for window in windows])
        reference = np.median(profiles, axis=0).astype(np.float32)
        mask = (reference > 0) if active is None else (active & (reference > 0))
        if mask.sum() < MIN_BLOCKS:
            raise TrainingError(f"a quiet model needs at least {MIN_BLOCKS} live bins, found {int(mask.sum())}")
        blocks = block_means(mask, min(max(n_frames // FRAMES_PER_BLOCK, MIN_BLOCKS), 14))
        changes, ends = _differences(times, profiles @ blocks.T)
        if len(changes) < MIN_FRAMES // 2:
            raise TrainingError(f"only {len(changes)} frames follow another within 1 s; the stretch is full of holes")
        folds = np.minimum(np.arange(len(times)) * N_FOLDS // len(times), N_FOLDS - 1).astype(np.int16)
        fast: list[Vector] = []
        parts: list[NDArray[np.int16]] = []
        for fold in range(N_FOLDS):
            inside = folds == fold
            energies = _energies(
                LagEnergy(_whitening(changes[~inside[ends]]) @ blocks), times[inside], profiles[inside]
            )
            fast.append(np.log(energies[:, 0]))
            parts.append(np.full(len(energies), fold, dtype=np.int16))
        held_out = np.concatenate(fast)
        if held_out.size < MIN_FRAMES // 2:
            raise TrainingError(
                f"only {held_out.size} frames have a neighbour 0.3 s earlier; the stretch is full of holes"
            )
        location = float(np.median(held_out))
        scale = _lower_scale(held_out, location)
        projection = _whitening(changes) @ blocks
        energies = _energies(LagEnergy(projection, ripples(mask)), times, profiles)
        noise_location = float(np.log(energies[:, 2]).mean())
        location = min(location, noise_location + MAX_EXCESS)
        slow_location, slow_scale = _slow_ratio(energies)
        level = float(np.median(levels))
        keep = max(1, -(-held_out.size // MAX_HELD_OUT))
        z = np.clip((held_out - location) / scale, -8.0, 8.0).astype(np.float32)
        return cls(
            projection=projection,
            location=location,
            scale=scale,
            noise_location=noise_location,
            slow_location=slow_location,
            slow_scale=slow_scale,
            spread=_clipped_spread(np.log(np.minimum(energies[1:, 3], energies[:-1, 3]))),
            level=level,
            rssi_dbm=float(np.nanmedian(rssi)) if np.isfinite(rssi).any() else None,
            fs_hz=rate_of(times) or 0.0,
            rounding_share=_rounding_share(projection, level, noise_location),
            held_out=z[::keep],
            held_out_block=np.concatenate(parts)[::keep],
            reference=np.where(mask, reference, np.float32(0.0)).astype(np.float32),
            n_frames=n_frames,
            seconds=float(sum(window.times[-1] - window.times[0] for window in windows)),
            coherence=_quiet_coherence(energies[:, 4]),
        )

    @property
    def levels(self) -> QuietLevels:
        """What the noise floor stands on."""
        return QuietLevels(
            fast=self.location,
            scale=self.scale,
            noise=self.noise_location,
            slow=self.slow_location,
            spread=self.spread,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain types and numpy arrays."""
        return {"schema_version": SCHEMA_VERSION} | {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`; raises Damaged if a part is missing or not finite."""
        try:
            if data["schema_version"] != SCHEMA_VERSION:
                raise Damaged(f"quiet model of schema {data['schema_version']}, expected {SCHEMA_VERSION}")
            model = cls(
                projection=np.asarray(data["projection"], dtype=np.float64),
                held_out=np.asarray(data["held_out"], dtype=np.float32),
                held_out_block=np.asarray(data["held_out_block"], dtype=np.int16),
                reference=np.asarray(data["reference"], dtype=np.float32),
                rssi_dbm=None if data["rssi_dbm"] is None else float(data["rssi_dbm"]),
                n_frames=int(data["n_frames"]),
                coherence=None if data.get("coherence") is None else float(data["coherence"]),
                **{name: float(data[name]) for name in _NUMBERS},
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged(f"quiet model is incomplete: {error}") from error
        arrays = (model.projection, model.held_out, model.reference, np.array([getattr(model, n) for n in _NUMBERS]))
        if not all(np.isfinite(array).all() for array in arrays) or model.scale <= 0.0:
            raise Damaged("quiet model contains numbers that are not finite")
        if model.projection.ndim != 2 or model.projection.shape[1] != len(model.reference):
            raise Damaged(
                f"quiet model's projection {model.projection.shape} does not fit {len(model.reference)} pairs"
            )
        return model


_NUMBERS: Final = (
    "location",
    "scale",
    "noise_location",
    "slow_location",
    "slow_scale",
    "spread",
    "level",
    "fs_hz",
    "rounding_share",
    "seconds",
)


def _differences(times: Vector, blocks: Matrix) -> tuple[Matrix, NDArray[np.intp]]:
    """Frame-to-frame differences / √2 without those across holes or of wild frames, and the later frame of each."""
    ends = np.flatnonzero(np.diff(times) <= 1.0) + 1
    if not len(ends):
        return np.empty((0, blocks.shape[1])), ends
    steps = (blocks[ends] - blocks[ends - 1]) / np.sqrt(2.0)
    energy = (steps**2).mean(axis=1)
    keep = energy <= 8.0 * np.median(energy) + 1e-12
    return np.asarray(steps[keep]), ends[keep]


def _whitening(changes: Matrix) -> Matrix:
    """Inverse root of the shrunk covariance with every block's noise near the typical one's."""
    covariance = shrunk_covariance(changes, SHRINKAGE)
    deviation = np.sqrt(np.maximum(np.diag(covariance), 1e-12))
    typical = float(np.median(deviation))
    bounded = np.clip(deviation, typical / NOISE_SPREAD, typical * NOISE_SPREAD)
    factor = bounded / deviation
    return inverse_root(covariance * np.outer(factor, factor), 1e-3)


def _energies(meter: LagEnergy, times: Vector, profiles: NDArray[np.float32]) -> Matrix:
    """(n, 5) undrifted fast, slow, noise and fast energy and the coherence of every frame that has them."""
    rows = []
    for at_s, profile in zip(times.tolist(), profiles, strict=True):
        change = meter.update(at_s, profile)
        if change is not None:
            rows.append((undrifted(change), change.slow, change.noise, change.fast, coherence(change)))
    return np.asarray(rows, dtype=np.float64).reshape(-1, 5)


def _slow_ratio(energies: Matrix) -> tuple[float, float]:
    """Location and scale of the pooled log ratio slow / noise over parts of about 20 frames."""
    parts = np.array_split(energies, max(len(energies) // 20, 1))
    ratios = np.array([np.log(part[:, 1] / part[:, 2]).mean() for part in parts])
    location, scale = location_scale(ratios, 0.15)
    return min(location, MAX_EXCESS), scale


def _quiet_coherence(values: Vector) -> float:
    """Mean coherence, from the lower parts of about 20 frames if somebody moved during the others."""
    parts = np.array([part.mean() for part in np.array_split(values, max(len(values) // 20, 1))])
    return float(min(values.mean(), np.quantile(parts, 0.25) + COHERENCE_MARGIN))


def _clipped_spread(values: Vector) -> float:
    """Standard deviation as the running floor sees it."""
    return float(np.sqrt((np.clip(values - np.median(values), -MAX_DEVIATION, MAX_DEVIATION) ** 2).mean()))


def _lower_scale(values: Vector, location: float) -> float:
    """Scale from the lower half: somebody passing during the capture widens only the upper."""
    return float(min(max((location - np.quantile(values, 0.16)) * 0.85, MIN_SCALE), MAX_SCALE))


def _rounding_share(projection: Matrix, level: float, noise_location: float) -> float:
    """Share of the noise energy that rounding the amplitudes to integers explains, 0–1."""
    if level <= 0.0:
        return 0.0
    rounding = float((projection**2).sum(axis=1).mean()) * ROUNDING_VARIANCE / level**2
    return float(min(rounding / np.exp(noise_location), 1.0))
