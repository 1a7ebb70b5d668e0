"""The eight features of one frame, derived from its profile: what the encoder reads.

The firmware's own eight (ADR-069) hold two copies of one number and three constants on real boards (upstream §1.4), so
they are only kept as an alternative input. These eight are per link, causal, and free of gain.
"""

import math
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import numpy as np

from ..links.link_id import LinkId
from ..links.sample import Sample
from ..shapes import Profile, Vector
from .encoder import N_FEATURES

#: Bands of neighbouring active bins whose mean log amplitude is one feature each. Origin: derived, HT20 shows about 3.5
#: independent looks per link (peers §2a); five bands cover them with little overlap and leave three other features.
N_BANDS: Final = 5

#: Tone jitter is averaged over this time. Origin: chosen; a step of a walking person takes 0.5 s.
FAST_S: Final = 0.5

#: Deviations are from a mean this slow. Origin: chosen; it must outlive a 30-s negative of the triplets several times.
SLOW_S: Final = 180.0

#: Profiles are floored before the logarithm. Origin: derived, one int8 step at the usual level of 10–12 is 0.1 of the
#: mean.
PROFILE_FLOOR: Final = 0.05

#: Links followed at once; the longest silent makes room. Origin: chosen, more than any node's share of links.
MAX_LINKS: Final = 64


class FeatureSource(StrEnum):
    """Where a row's eight numbers come from; an encoder is only valid for the source it was trained on."""

    CSI = "csi-bands-1"
    FIRMWARE = "firmware-adr069"


FEATURE_NAMES: Final = (*(f"band_{k}" for k in range(N_BANDS)), "motion", "level", "spread")
assert len(FEATURE_NAMES) == N_FEATURES


class LinkFeatures:
    """Eight features per usable sample of one link; None until the slow mean has a second of material."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the link."""
        self._slow: Vector | None = None
        self._fast: Vector | None = None
        self._last: Profile | None = None
        self._first_s = 0.0
        self._last_s = 0.0
        # Which bins of a profile make which band: starts and sizes of the groups among the active ones.
        self._active = self._starts = self._sizes = np.zeros(0, dtype=np.int64)

    def update(self, sample: Sample) -> Vector | None:
        """(8,) float64, or None for samples that are unusable or too early."""
        if not sample.is_usable:
            return None
        return self.step(sample.profile, sample.level, sample.at_s, is_first=sample.gap_s is None)

    def step(self, profile: Profile, level: float, at_s: float, *, is_first: bool = False) -> Vector | None:
        """The same from the parts of a sample; (8,) or None in the first second of a link."""
        raw = self._describe(profile, level)
        if self._slow is None or self._fast is None or is_first:
            self._slow = self._fast = raw
            self._first_s = self._last_s = at_s
            return None
        step_s = max(at_s - self._last_s, 1e-3)
        self._last_s = at_s
        # While young, the slow mean is the plain mean of what was seen: an exponential one would keep the first frame.
        age_s = max(at_s - self._first_s, step_s)
        self._fast = self._fast + (raw - self._fast) * min(step_s / FAST_S, 1.0)
        self._slow = self._slow + (raw - self._slow) * min(step_s / min(age_s, SLOW_S), 1.0)
        if age_s < 1.0:
            return None
        features = self._fast - self._slow
        features[N_BANDS] = self._fast[N_BANDS]
        return features

    def _describe(self, profile: Profile, level: float) -> Vector:
        if self._last is None or self._last.shape != profile.shape:
            self._last = profile
            self._active = np.flatnonzero(profile > 0)
            groups = np.array_split(self._active, N_BANDS)
            self._starts = np.cumsum([0, *(len(group) for group in groups[:-1])])
            self._sizes = np.array([len(group) for group in groups])
        described = np.zeros(N_FEATURES)
        change = profile - self._last
        self._last = profile
        described[N_BANDS] = math.log(float(change.dot(change)) / len(profile) + 1e-5)
        described[N_BANDS + 1] = math.log(max(level, 1e-6))
        values = profile[self._active]
        if len(values) >= N_BANDS:
            logs = np.log(np.maximum(values, PROFILE_FLOOR))
            described[:N_BANDS] = np.add.reduceat(logs, self._starts) / self._sizes
            values -= values.mean()
            described[N_BANDS + 2] = math.sqrt(float(values.dot(values)) / len(values))
        return described


class FeatureExtractor:
    """Features of every link of every node; bounded."""

    def __init__(self) -> None:
        self._links: dict[LinkId, LinkFeatures] = {}

    def update(self, sample: Sample) -> Vector | None:
        """(8,) features of this sample's link, or None (see `LinkFeatures.update`)."""
        link = self._links.pop(sample.link, None)
        if link is None:
            link = LinkFeatures()
            if len(self._links) >= MAX_LINKS:
                del self._links[next(iter(self._links))]
        self._links[sample.link] = link  # re-inserted last: the first key is the longest silent link
        return link.update(sample)


def firmware_features(reported: Iterable[float]) -> Vector | None:
    """(8,) the board's own vector, or None when it is not eight finite numbers."""
    values = np.array(list(reported), dtype=np.float64)
    if values.shape != (N_FEATURES,) or not np.all(np.isfinite(values)):
        return None
    return values
