"""How strongly the recent past speaks for each signature of one kind and width, in nats.

Two rivals explain the very same samples: *idle* (the link's own quiet spread) and *something else* (a broad Gaussian as
large as the signatures themselves). What the better rival would pay for a sample is taken off the cost of every path
that uses it, so that the streaming DTW finds the likeliest alignment and its cost is the negative log-likelihood ratio.
What is published is the best prefix: which signature, how far in, and by how many nats.

Source: prefix posterior after Tormene et al. (2009, open-end DTW) and the matrix sequential probability ratio test
(Dragalin, Tartakovsky, Veeravalli 1999); docs/algorithms/introspection.md#signatures
"""

import math
from typing import Final

import numpy as np

from ..dsp.spring import SpringBank, packed
from ..shapes import Matrix, Vector
from .signature import Role, Signature

#: Independent looks one link gives, however many tones. Origin: measured (ESPectre), coherence over ≈ 10 tones of HT20;
#: counting every dimension in full would claim certainty that is not there.
LOOKS: Final = 3.5
#: Spread of a true repetition relative to the signature's own size, when the file names none. Origin: chosen; takes of
#: one gesture on the recordings differ by 0.1–0.5 of their size, and a capture always names its own.
DEFAULT_SPREAD: Final = 0.1
#: Samples before the idle hypothesis has a location and a scale. Origin: chosen, σ of a scale from 20 samples is 16 %.
WARM_UP: Final = 20
#: How fast location and scale of idle follow. Origin: chosen, slower than a gesture, faster than thermal drift.
IDLE_TAU_S: Final = 30.0
#: Nats that one sample may bring for a signature. Origin: chosen; two samples then clear the prior of ln 64, and one
#: foreign frame, which can look like anything, does not.
MAX_NATS: Final = 5.0
#: Margins are followed to within this, nats. Origin: derived, a thousand samples of fixed point lose a thousandth.
NEAR_NATS: Final = 1e-3
#: Relative change of a cost scale that is worth new tables. Origin: chosen, 20 % of a cost is well inside the spread.
REBUILD_RATIO: Final = 1.2


class EvidenceBank:
    """All signatures of one feature kind and width on one link.

    Parameters
    ----------
    signatures, templates : and each one's vectors at the link's rate
    floors : (n,) nats that `log_odds` must exceed for `update` to say that there is something to see; 0 by default

    Attributes
    ----------
    is_event : (n,) bool, False for those that are the background itself
    """

    def __init__(
        self, signatures: list[Signature], templates: list[Matrix], fs_hz: float, floors: Vector | None = None
    ) -> None:
        self.signatures = signatures
        floors = np.zeros(len(signatures)) if floors is None else floors
        self._limits = packed(-floors)
        #: Nats that a path beginning now is away from being heard; never more than it is.
        self._fresh_margin = float(floors.min())
        self._templates = templates
        self._follow = 1.0 / max(IDLE_TAU_S * fs_hz, 1.0)
        self._dims = templates[0].shape[1]
        self._temper = min(1.0, LOOKS / self._dims)
        n = len(signatures)
        self.is_event = np.array([s.role is Role.EVENT for s in signatures])
        self._has_idle_role = not bool(self.is_event.all())
        #: The same as numbers to add up odds with.
        self.event_weights = self.is_event.astype(np.float64)
        self._lengths = [len(t) for t in templates]
        self._n = n
        self._step = np.zeros(self._dims)
        self._pull = np.array(0.0)
        self.reset()

    def reset(self) -> None:
        """Forget idle and every alignment; equals new."""
        self._n_idle = 0
        self._location = np.zeros(self._dims)
        self._variance = 0.0
        self._bank: SpringBank | None = None
        self._forget_paths()

    def _forget_paths(self) -> None:
        if self._bank is not None:
            self._bank.reset()
        self._margin = 0.0

    def break_window(self) -> None:
        """A silence: no alignment may span it."""
        self._forget_paths()

    @property
    def is_ready(self) -> bool:
        """Idle is known, so evidence has something to be weighed against."""
        return self._bank is not None

    @property
    def log_odds(self) -> Vector:
        """(n,) nats of the best prefix against the better rival, before any prior; −inf before the first sample."""
        bank = self._bank
        if bank is None or bank.time < 0:
            return np.full(self._n, -np.inf)
        return -bank.cheapest()

    def progress(self, k: int) -> float:
        """0–1, how far into signature number `k` that prefix reaches."""
        bank = self._bank
        return 0.0 if bank is None or bank.time < 0 else (bank.cheapest_ends().item(k) + 1) / self._lengths[k]

    def update(self, vector: Vector, *, is_still: bool) -> bool:
        """Take one feature vector, (dims,); True if any signature's evidence is above its floor."""
        deviation = np.subtract(vector, self._location, out=self._step)
        energy = float(deviation.dot(deviation))
        if is_still:
            energy *= self._learn_idle(deviation, energy / self._dims)
        bank = self._bank
        if bank is None:
            return False
        energy *= 0.5 * self._temper
        other = min(energy / self._other_variance + self._other_norm, self._most)
        null = min(energy / self._idle_variance + self._idle_norm, other)
        bank.update(vector, np.where(self.is_event, null, other) if self._has_idle_role else null)
        # No path has become cheaper by more than it was paid over its toll: while none can be loud, none is looked for.
        gain = max((other if self._has_idle_role else null) - self._least_toll, 0.0)
        margin: float = min(self._margin, self._fresh_margin) - gain
        if margin <= NEAR_NATS:
            margin = bank.nearest(self._limits)
        self._margin = margin
        return margin < 0.0

    def _learn_idle(self, deviation: Vector, squared: float) -> float:
        """Follow a quiet sample, `deviation` off the location; the share of its energy that is left afterwards."""
        self._n_idle += 1
        step = pull = max(1.0 / self._n_idle, self._follow)
        if self._n_idle > WARM_UP:
            # an outlier may pull as hard as three standard deviations, not harder
            limit = 9.0 * self._variance
            if squared > limit:
                pull *= math.sqrt(limit / squared)
                squared = limit
        # an array, because numpy takes as long to make one of a number as to multiply
        self._pull[...] = pull
        deviation *= self._pull
        self._location += deviation
        if self._n_idle > 1:
            self._variance += step * (squared * (1.0 - step) - self._variance)
        if self._bank is None:
            if self._n_idle >= WARM_UP:
                self._build()
        elif self._n_idle % 64 == 0 and not self._least_variance <= self._variance <= self._most_variance:
            self._build()
        return (1.0 - pull) ** 2

    def _build(self) -> None:
        """Tables for the present idle spread; alignments begin anew."""
        sizes = np.array([float(np.mean((t - self._location) ** 2)) for t in self._templates])
        other = max(float(sizes[self.is_event].mean()) if self.is_event.any() else float(sizes.mean()), 1e-12)
        self._variance = max(self._variance, 1e-6 * other)
        self._idle_variance = self._variance
        self._other_variance = other + self._variance
        given = [s.spread for s in self.signatures]
        spreads = np.array(
            [
                DEFAULT_SPREAD**2 * size if spread is None else spread**2
                for spread, size in zip(given, sizes, strict=True)
            ]
        )
        self._scales = scales = spreads + self._variance
        # while the idle spread stays between these, no cost scale has moved by more than REBUILD_RATIO
        self._least_variance = float((scales / REBUILD_RATIO - spreads).max())
        self._most_variance = float((scales * REBUILD_RATIO - spreads).min())
        width = 0.5 * self._temper * self._dims
        self._idle_norm = width * float(np.log(self._idle_variance))
        self._other_norm = width * float(np.log(self._other_variance))
        norms = width * np.log(scales)
        self._least_toll = float(norms.min())
        self._most = self._least_toll + MAX_NATS
        self._bank = SpringBank(
            self._templates,
            bands=[s.window for s in self.signatures],
            # symmetric2 weighs a path of n samples and n elements 2n times
            scales=list(0.25 * self._temper / scales),
            tolls=norms,
        )
        self._forget_paths()
