"""From an accepted anchor to labelled records: the bridge of ADR-151 §2.3, every group with its source.

| group of the seed | here | source |
|---|---|---|
| amplitude mean, variance | `blocks`, `variance` | `log_profile`, minus `link_baseline.log_reference` |
| phase | absent | ESP32 common phase is uniform noise (docs/algorithms; upstream §1.13) |
| Doppler, micro-Doppler | `doppler_spread_hz` | spectrum of the log-profile's movement |
| micro-motion | `motion_z`, `micro_growths`, `excursion` | `motion_energy`, `micro_motion`, `sway` |
| periodicity | `line_db`, `rate_bpm` | `micro_motion` |
| long-window variance | `variance` | variance of 1-s means over the anchor |
| timing | `rate_hz`, `longest_gap_s` | arrival times |
| field eigenmodes | `eigen_coefficients` | `link_baseline.modes` (ADR-030) |
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Self

import numpy as np

from ..errors import Damaged
from ..links.link_id import LinkId
from ..shapes import Matrix, Vector
from .anchor import AnchorLabel
from .link_baseline import BLOCK_S, LinkBaseline
from .log_profile import block_means, resample
from .micro_motion import measure_windows
from .motion_energy import lag_difference, neighbour_coherence
from .sway import WAITS, Sway, excursion
from .window import LinkWindow

#: Time after the lead-in that still belongs to settling. Origin: chosen.
SETTLE_S: Final = 2.0
#: Flat fields of a `LinkFeature`.
VECTORS: Final = (
    "motion_z", "micro_growths", "line_db", "rates_bpm", "second_db", "agreements", "excursion", "variance",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkFeature:
    """One link during one anchor.

    blocks : (n_blocks, n_bands) mean log-profile of each 5 s minus the baseline's
    eigen_coefficients : (n_blocks, k)
    motion_z : (n_seconds,) mean standardised log motion energy of each second
    micro_growths, line_db, rates_bpm, second_db : (n_windows,) slow movement every 5 s over up to 30 s
    excursion : (n_waits,) how far the shape gets from itself (see `sway`); empty when that cannot be said
    variance : (n_bands,) of 1-s means
    coherence : neighbouring bands' correlation of quick changes (see `motion_energy`)
    doppler_spread_hz : width of the movement's spectrum up to 5 Hz
    """

    link: LinkId
    blocks: Matrix
    eigen_coefficients: Matrix
    motion_z: Vector
    micro_growths: Vector
    line_db: Vector
    rates_bpm: Vector
    second_db: Vector
    agreements: Vector
    excursion: Vector
    variance: Vector
    coherence: float
    doppler_spread_hz: float
    rate_hz: float
    longest_gap_s: float
    n_frames: int

    def to_dict(self) -> dict[str, Any]:
        """Plain types and arrays."""
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"link": str(self.link)}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """The inverse; raises Damaged on impossible shapes or numbers."""
        try:
            # Enrolments stored before sway was looked at have none.
            stored = {"excursion": np.empty(0), **stored}
            values: dict[str, Any] = {field.name: stored[field.name] for field in fields(cls)}
            values["link"] = LinkId.parse(stored["link"])
            for name in VECTORS:
                values[name] = np.asarray(values[name], np.float64).reshape(-1)
            if len(values["excursion"]) not in (0, len(WAITS)):
                raise Damaged(f"anchor feature: {len(values['excursion'])} excursions, expected {len(WAITS)}")
            n_bands = len(values["variance"])
            values["blocks"] = np.asarray(values["blocks"], np.float64).reshape(-1, n_bands)
            n_blocks = len(values["blocks"])
            coefficients = np.asarray(values["eigen_coefficients"], np.float64)
            values["eigen_coefficients"] = coefficients.reshape(n_blocks, coefficients.size // max(n_blocks, 1))
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged(f"anchor feature: {error}") from error
        built = cls(**values)
        if not all(np.isfinite(value).all() for value in values.values() if isinstance(value, np.ndarray)):
            raise Damaged(f"anchor feature of {built.link}: a number is not finite")
        return built


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnchorFeature:
    """One accepted anchor of one room, all links. `embedding` is the backbone's, when one is installed."""

    room_id: str
    label: AnchorLabel
    t_epoch_us: int
    baseline_id: str
    links: tuple[LinkFeature, ...]
    embedding: tuple[float, ...] | None = None

    def link(self, link: LinkId) -> LinkFeature | None:
        """What one link saw."""
        return next((one for one in self.links if one.link == link), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain types and arrays."""
        return {
            "room_id": self.room_id,
            "label": self.label.value,
            "t_epoch_us": self.t_epoch_us,
            "baseline_id": self.baseline_id,
            "links": [link.to_dict() for link in self.links],
            "embedding": None if self.embedding is None else list(self.embedding),
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """The inverse; raises Damaged."""
        try:
            embedding = stored.get("embedding")
            return cls(
                room_id=str(stored["room_id"]),
                label=AnchorLabel(stored["label"]),
                t_epoch_us=int(stored["t_epoch_us"]),
                baseline_id=str(stored["baseline_id"]),
                links=tuple(LinkFeature.from_dict(link) for link in stored["links"]),
                embedding=None if embedding is None else tuple(map(float, embedding)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged(f"anchor feature: {error}") from error


def sway_of(features: Sequence[LinkFeature]) -> Sway | None:
    """What all links together show of wandering during an anchor; None when none can say."""
    return Sway.of([one.excursion for one in features if len(one.excursion)])


def extract(window: LinkWindow, known: LinkBaseline) -> LinkFeature | None:
    """Everything one link can teach from one anchor; None when it was too thin or of another layout."""
    window = window.cleaned()
    if len(window) < 20 or not known.accepts(window):
        return None
    window = window.between(float(window.times[0]) + SETTLE_S, float(window.times[-1]))
    if len(window) < 20 or window.rate_hz is None:
        return None
    logs = known.bands.log(window.profiles)
    _, blocks = block_means(window.times, logs, BLOCK_S)
    _, seconds = block_means(window.times, logs, 1.0, min_samples=2)
    if not len(blocks) or len(seconds) < 5:
        return None
    deltas = blocks - known.log_reference
    micro = measure_windows(window, known.bands)
    wandered = excursion(window.times, logs, np.diag(known.block_covariance))
    return LinkFeature(
        link=window.link,
        blocks=deltas,
        eigen_coefficients=np.array([known.eigenmode_coefficients(delta) for delta in deltas]),
        motion_z=motion_per_second(known.motion.measured(window, logs)),
        micro_growths=np.array([one.log_ratio - known.micro_location for one in micro]),
        line_db=np.array([one.line_db for one in micro]),
        rates_bpm=np.array([one.rate_bpm for one in micro]),
        second_db=np.array([one.second_db for one in micro]),
        agreements=np.array([one.agreement for one in micro]),
        excursion=np.empty(0) if wandered is None else wandered,
        variance=np.var(seconds, axis=0),
        coherence=neighbour_coherence(lag_difference(window.times, logs)[1]),
        doppler_spread_hz=_doppler_spread(window, known),
        rate_hz=window.rate_hz,
        longest_gap_s=window.longest_gap_s,
        n_frames=len(window),
    )


def motion_per_second(window: LinkWindow) -> Vector:
    """(n_seconds,) mean z of a measured window."""
    assert window.motion_z is not None
    measured = np.isfinite(window.motion_z)
    if not measured.any():
        return np.empty(0)
    return block_means(window.times[measured], window.motion_z[measured, None], 1.0, min_samples=2)[1][:, 0]


def _doppler_spread(window: LinkWindow, known: LinkBaseline) -> float:
    """Root mean square frequency of the log-profile's movement, on a 10 Hz grid or the link's own rate."""
    grid_hz = min(10.0, window.rate_hz or 10.0)
    series = resample(window.times, known.bands.log(window.profiles), grid_hz)
    power = (np.abs(np.fft.rfft(np.diff(series, axis=0), axis=0)) ** 2).mean(axis=1)
    hertz = np.fft.rfftfreq(len(series) - 1, 1.0 / grid_hz)
    return float(np.sqrt((hertz**2 * power).sum() / power.sum())) if power.sum() > 0 else 0.0
