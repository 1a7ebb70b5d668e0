"""Random functions of time that can be asked at any moment and always answer the same.

Sums of sinusoids with drawn frequencies and phases: no state, so blocks of any length fit together.
"""

from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

type Times = NDArray[np.float64]

#: Enough for a sum to look Gaussian; fewer repeat visibly. Origin: chosen.
N_COMPONENTS: Final = 12


class Wobble:
    """`n` independent smooth random functions, zero mean, root mean square 1.

    Parameters
    ----------
    low_hz, high_hz : band; frequencies are spread evenly over its logarithm
    tilt : power falls like frequency^−tilt
    """

    def __init__(self, rng: np.random.Generator, n: int, low_hz: float, high_hz: float, tilt: float = 1.0) -> None:
        shape = (n, N_COMPONENTS)
        edges = np.linspace(0.0, 1.0, N_COMPONENTS + 1)[:-1]
        position = edges + rng.random(shape) / N_COMPONENTS
        self._frequency = low_hz * (high_hz / low_hz) ** position
        self._phase = rng.uniform(0.0, 2 * np.pi, shape)
        weight = self._frequency ** ((1.0 - tilt) / 2)
        self._weight = weight * np.sqrt(2.0) / np.linalg.norm(weight, axis=1, keepdims=True)

    def at(self, times: Times) -> NDArray[np.float64]:
        """(n, n_times) values."""
        angle = 2 * np.pi * self._frequency[:, :, None] * times + self._phase[:, :, None]
        return np.asarray(np.einsum("nc,nct->nt", self._weight, np.sin(angle)))


class Streams:
    """Independent generators by name, all from one seed; asking again starts again."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def generator(self, *name: str | int) -> np.random.Generator:
        """The generator called `name`."""
        parts = [part if isinstance(part, int) else int.from_bytes(part.encode(), "little") for part in name]
        return np.random.default_rng(np.random.SeedSequence([self._seed, *parts]))

    def child(self, *name: str | int) -> Self:
        """Another family of generators, independent of this one."""
        return type(self)(int(self.generator(*name).integers(0, 2**62)))
