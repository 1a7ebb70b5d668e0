"""Why calibrated answers must not be believed any more."""

from dataclasses import dataclass
from enum import StrEnum


class StaleReason(StrEnum):
    """Closed: every reason has a watcher, a text for people and a test."""

    BASELINE_MISMATCH = "baseline_mismatch"
    DRIFT = "drift"
    LINK_GONE = "link_gone"
    CHANNEL_CHANGED = "channel_changed"
    LAYOUT_CHANGED = "layout_changed"
    ACCESS_POINT_CHANGED = "access_point_changed"
    RSSI_STEP = "rssi_step"
    GAIN_REGIME = "gain_regime"
    RATE_TOO_LOW = "rate_too_low"
    BANK_VERSION = "bank_version"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleCause:
    """One reason, since when (monotonic seconds), how far over its limit, and on which link if on one."""

    reason: StaleReason
    since_s: float
    value: float
    limit: float
    link: str | None = None
