"""Does a body stand in the way, or has the empty room strayed? Likelihoods of one link's deviation from its reference.

Person    : near a pose that was taught, as far from it as the same pose lies another day, or anywhere at all
Nobody    : mostly where the reference is, sometimes astray, and the farther the longer nobody saw the room empty
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ...shapes import Matrix, Vector
from ..chi_square import LOOKS
from ..link_baseline import BLOCK_S, DRIFT_ALLOWANCE, LinkBaseline

#: Sizes of static shift an unknown person may cause, log units rms. Origin: measured, pulse_wifi_esp32 and simulation.
GENERIC_SHIFTS: Final = (0.03, 0.08, 0.16, 0.32)
#: How far an empty room's mean profile strays within minutes, mostly and sometimes, as changes of an average band
#: (`LinkBaseline.fade`). Origin: measured: simulation 0.002–0.006 log units rms, ialr_s3_amp 0.006–0.06 after somebody
#: walked through, on links whose fades make one and a half of one.
STRAY: Final = (0.004, 0.02)
#: And in the half hour from the baseline to the last anchor, in which nothing follows it. Origin: measured, simulated
#: links stray half as far again.
STRAY_UNFOLLOWED: Final = (0.006, 0.03)
#: Weights of the two. Origin: see `STRAY`.
MOSTLY: Final = 0.75
SOMETIMES: Final = 1.0 - MOSTLY
#: How far a reference that nothing followed wanders on, over its wander within the baseline's minute. Origin: derived,
#: 1/f noise. What STALE allows is more (`link_baseline.WANDER`): to call a person drift costs more than to wait.
UNFOLLOWED_WANDER: Final = 2.0
#: The variance of that wander grows with this time constant since the room was last seen empty. Origin: the time
#: `link_baseline.WANDER` was measured over.
WANDER_S: Final = 1800.0
#: A person in a place or pose that was not taught is this much less likely. Origin: chosen, e^−2 ≈ 1 in 7.
UNTAUGHT: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StaticShift:
    """Log-likelihoods of one deviation.

    person : of the best that somebody could be
    mostly, sometimes, drifted : lists, one value per place where the empty room was seen (its reference, and where it
        was last), of being as far from it as a minute brings it, or a step, or the time since then
    """

    person: float
    mostly: Sequence[float]
    sometimes: Sequence[float]
    drifted: Sequence[float]

    @property
    def aged(self) -> float:
        """A person against the empty room, seen as long ago as it was."""
        return self.person - _log_mix((MOSTLY, self.mostly), (SOMETIMES, self.drifted))

    @property
    def fresh(self) -> float:
        """The same, as if it had been seen a moment ago: what no time excuses."""
        return self.person - _log_mix((MOSTLY, self.mostly), (SOMETIMES, self.sometimes))

    @property
    def unfollowed(self) -> float:
        """The same after half an hour in which nothing followed the reference."""
        drifted = SOMETIMES * (1.0 - exp(-1.0))
        return self.person - _log_mix(
            (MOSTLY, self.mostly), (SOMETIMES - drifted, self.sometimes), (drifted, self.drifted)
        )

    @classmethod
    def of(
        cls,
        delta: Vector,
        known: LinkBaseline,
        *,
        prototypes: Matrix | None = None,
        placement: Matrix | None = None,
        since: Vector | None = None,
        age_s: float = np.inf,
        stray: tuple[float, float] = STRAY,
    ) -> Self:
        """Of a 5-s mean's deviation `delta` from the reference.

        Parameters
        ----------
        prototypes, placement : (n, n_bands) the shifts of poses that were taught, and how far they lie another day
        since : the deviation from where the empty room's profile was last seen; None where that is the reference
        age_s : since the room was last seen empty
        """
        n_bands = len(delta)
        if prototypes is None or placement is None:
            prototypes = placement = np.empty((0, n_bands))
        still, field = known.noise(BLOCK_S, 0.0), known.spread(1.0)
        near, astray = (still + size**2 * field for size in stray)
        grown = 1.0 - exp(-age_s / WANDER_S)
        allowance = max(DRIFT_ALLOWANCE, stray[1])
        gone = still + (stray[1] ** 2 + grown * (allowance**2 - stray[1] ** 2)) * field
        empty = [near, astray, gone + grown * UNFOLLOWED_WANDER**2 * known.block_covariance]
        deltas = [delta] if since is None else [delta, since]
        rows = [*(one for one in deltas for _ in empty), *(delta for _ in GENERIC_SHIFTS), *(delta - prototypes)]
        covariances = [
            *(empty * len(deltas)),
            *(near + size**2 * field for size in GENERIC_SHIFTS),
            *(near + np.diag(one**2) for one in placement),
        ]
        # Bands are not independent looks: everything is scaled to the looks that they carry.
        scaled = (_log_gauss(np.array(rows), np.stack(covariances)) * min(1.0, LOOKS / n_bands)).tolist()
        n_empty = len(empty) * len(deltas)
        absent, unknown = scaled[:n_empty], scaled[n_empty : n_empty + len(GENERIC_SHIFTS)]
        taught = scaled[n_empty + len(GENERIC_SHIFTS) :]
        person = log_mean_exp(unknown)
        if taught:
            person = max(log_mean_exp(taught), person - UNTAUGHT)
        return cls(person=person, mostly=absent[0::3], sometimes=absent[1::3], drifted=absent[2::3])


def log_mean_exp(values: Sequence[float]) -> float:
    """Log of the mean of likelihoods given by their logs."""
    top = max(values)
    return top + log(sum(exp(value - top) for value in values) / len(values))


def _log_mix(*parts: tuple[float, Sequence[float]]) -> float:
    """Log of a weighted sum of mean likelihoods."""
    weighted = [log_mean_exp(values) + log(weight) for weight, values in parts if weight > 0.0]
    top = max(weighted)
    return top + log(sum(exp(value - top) for value in weighted))


def _log_gauss(deltas: Matrix, covariances: NDArray[np.float64]) -> Vector:
    """Log densities of (n, n_bands) deviations under (n, n_bands, n_bands) normals, without the constant."""
    factors = np.linalg.cholesky(covariances)
    scaled = np.linalg.solve(factors, deltas[..., None])[..., 0]
    return np.asarray(-0.5 * (scaled**2).sum(axis=1) - np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1))
