"""I/Q bytes of one layout to a comparable profile: mask, and gain removal per training field."""

import numpy as np
from numpy.typing import NDArray

from ..shapes import ActiveMask, Amplitude, Profile
from .layout import Layout


class FrontEnd:
    """Divides each training field of a frame by its own mean over the active bins.

    Automatic gain control multiplies whole frames, and HT-LTF is about 4 × LLTF; a ratio to the field's own mean is
    free of both. Sixteen frames later than `MaskLearner`, it costs 2 µs.
    """

    __slots__ = ("_expand", "_mean", "_only", "active", "n_active")

    def __init__(self, layout: Layout, active: ActiveMask) -> None:
        self.active = active
        self.n_active = int(active.sum())
        fields = [(start, stop) for start, stop in layout.segments if active[start:stop].any()]
        expand = np.zeros((len(fields), layout.n_pairs), dtype=np.float32)
        for row, (start, stop) in enumerate(fields):
            expand[row, start:stop] = active[start:stop]
        self._expand: NDArray[np.float32] = expand
        self._mean: NDArray[np.float32] = expand / expand.sum(axis=1, keepdims=True)
        self._only: NDArray[np.float32] | None = expand[0] if len(fields) == 1 else None

    def update(self, amplitude: Amplitude) -> tuple[Profile, float] | None:
        """Profile and level of one frame; None if a field is silent.

        Returns
        -------
        profile : (n_pairs,) float32, mean 1 over the active bins of each field, 0 elsewhere; read-only
        level : mean amplitude over the active bins, fields weighted equally
        """
        means = self._mean.dot(amplitude)
        if self._only is not None:
            level = means.item()
            if level <= 0.0:
                return None
            profile = self._only * amplitude
            profile *= 1.0 / level
        else:
            each = means.tolist()
            if min(each) <= 0.0:
                return None
            level = sum(each) / len(each)
            profile = np.reciprocal(means, means).dot(self._expand)
            profile *= amplitude
        profile.setflags(write=False)
        return profile, level
