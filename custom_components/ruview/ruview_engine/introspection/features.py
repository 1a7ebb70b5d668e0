"""From a sample to the vector that signatures are made of: one extractor per kind."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import ShapeError
from ..links.encoder import Encoder
from ..links.sample import Sample
from ..shapes import ActiveMask, Matrix, Vector
from .signature import FeatureKind

#: Width unless a signature asks otherwise. Origin: chosen; HT20 gives ≈ 3.5 independent looks, 16 tones lose none.
DEFAULT_DIMS: Final = 16
#: Distance of the differenced samples of `motion_energy`. Origin: measured, 100 ms separates motion from noise best.
LAG_S: Final = 0.1
#: Longest lag in samples. Origin: derived, 0.1 s at the fastest recording (143 Hz).
MAX_LAG: Final = 16
#: How fast the reference of `profile_delta` follows while nothing moves. Origin: chosen: a delta is measured from how
#: the room was just before, so that a door that opens gives the same delta whatever happened a minute ago.
REFERENCE_TAU_S: Final = 3.0
#: Added to an energy before its logarithm. Origin: derived, a hundredth of a quiet tone's squared jitter (0.02²).
ENERGY_FLOOR: Final = 4e-6


def band_matrix(active: ActiveMask, dims: int) -> Matrix:
    """(dims, n_pairs) averages over contiguous groups of active bins. Raises ShapeError for more dims than bins."""
    bins = np.flatnonzero(active)
    if not 1 <= dims <= len(bins):
        raise ShapeError(f"{dims} dims need as many active bins, found {len(bins)}")
    matrix = np.zeros((dims, len(active)))
    for row, group in enumerate(np.array_split(bins, dims)):
        matrix[row, group] = 1.0 / len(group)
    return matrix


class FeatureExtractor:
    """One link's samples to vectors of one kind and width.

    Parameters
    ----------
    kind, dims : as in the signature
    active : the link's mask
    fs_hz : measured rate, for the lag
    encoder : only for `vec128`

    `update` returns (dims,) float64 — the array is reused by the next call — or None while there is no past to compare
    with. Glitches and duplicates must not be given.
    """

    def __init__(
        self, kind: FeatureKind, dims: int, active: ActiveMask, fs_hz: float, encoder: Encoder | None = None
    ) -> None:
        self.kind = kind
        self.dims = dims
        self._encoder = encoder
        if kind is FeatureKind.EMBEDDING and (encoder is None or encoder.dims != dims):
            raise ShapeError(f"vec128 needs an encoder that gives {dims} numbers")
        self._embed = None if encoder is None else encoder.follow()
        self._bands: NDArray[np.float32] = np.zeros((0, 0), dtype=np.float32)
        if kind is not FeatureKind.EMBEDDING:
            self._bands = band_matrix(active, dims).astype(np.float32)
        self._lag = int(np.clip(round(LAG_S * fs_hz), 1, MAX_LAG))
        self._follow = 1.0 / max(REFERENCE_TAU_S * fs_hz, 1.0)
        self._seen = 0
        self._reference = np.zeros(dims)
        self._vector = np.zeros(dims)
        self._pull = np.zeros(dims)
        self._share = np.array(self._follow)
        self._past: list[NDArray[np.float32]] = []

    def reset(self) -> None:
        """Forget the past; equals new."""
        self._seen = 0
        self._reference[:] = 0.0
        self._past.clear()
        self._embed = None if self._encoder is None else self._encoder.follow()

    def break_window(self) -> None:
        """A silence: nothing before it may be compared with anything after it; the slow reference stays."""
        self._past.clear()

    def update(self, sample: Sample, *, is_still: bool) -> Vector | None:
        """Vector of this sample. `is_still`: the change detector sees nothing, so references may follow."""
        match self.kind:
            case FeatureKind.PROFILE_DELTA:
                return self._delta(self._bands.dot(sample.profile), is_still=is_still)
            case FeatureKind.AMPLITUDE:
                if self.dims == len(sample.profile) == 1:
                    self._vector[0] = sample.profile[0]
                    return self._vector
                np.sqrt(self._bands.dot(np.square(sample.profile)), out=self._vector)
                return self._vector
            case FeatureKind.MOTION_ENERGY:
                return self._energy(sample.profile)
            case FeatureKind.EMBEDDING:
                assert self._embed is not None
                return self._embed(sample)

    def _delta(self, bands: NDArray[np.float32], *, is_still: bool) -> Vector | None:
        self._seen += 1
        if self._seen == 1:
            self._reference[:] = bands
        np.subtract(bands, self._reference, self._vector)
        if is_still:
            # an array, because numpy takes as long to make one of a number as to multiply
            self._share[...] = max(1.0 / self._seen, self._follow)
            np.multiply(self._vector, self._share, self._pull)
            self._reference += self._pull
        return self._vector if self._seen > self._lag else None

    def _energy(self, profile: NDArray[np.float32]) -> Vector | None:
        past = self._past
        past.append(profile)
        if len(past) <= self._lag:
            return None
        energy = self._bands.dot(np.square(profile - past.pop(0)))
        np.log(energy + np.float32(ENERGY_FLOOR), out=self._vector)
        return self._vector
