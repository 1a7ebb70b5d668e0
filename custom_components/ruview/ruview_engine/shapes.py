"""Array aliases that say shape and unit. n_pairs counts I/Q pairs of one frame, null bins included."""

import numpy as np
from numpy.typing import NDArray

type Amplitude = NDArray[np.float32]
"""(n_pairs,) absolute value of the I/Q pairs, in the chip's units at an unknown gain."""

type Profile = NDArray[np.float32]
"""(n_pairs,) amplitude divided by its own mean over the active bins; 0 in inactive bins."""

type UnitShape = NDArray[np.float32]
"""(n_bins,) a profile at length 1: the product of two is their cosine."""

type ActiveMask = NDArray[np.bool_]
"""(n_pairs,) True where a bin carries a channel value."""

type Profiles = NDArray[np.float32]
"""(n_samples, n_pairs) profiles in time order."""

type Times = NDArray[np.float64]
"""(n_samples,) arrival in monotonic seconds, not decreasing."""

type Vector = NDArray[np.float64]
"""(n,) any real vector."""

type Matrix = NDArray[np.float64]
"""(n, m) any real matrix."""
