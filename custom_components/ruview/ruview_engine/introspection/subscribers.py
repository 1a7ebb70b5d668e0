"""Who listens, and what happens when a listener is slow: bounded rings that drop the oldest and say so."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from .snapshot import RoomSnapshot, Snapshot

#: Snapshots kept for a slow listener. Origin: spec, ADR-099 §5.
RING: Final = 32
#: A warning is due once per so many drops. Origin: chosen, ≈ 10 s of a stalled client at 20 Hz.
WARN_EVERY: Final = 200
#: Listeners at a time. Origin: chosen, a handful of browsers; a leak must not grow for ever.
MAX_SUBSCRIBERS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DropWarning:
    """A listener has lost `n_dropped` snapshots so far; the caller decides how to say it."""

    subscriber: int
    n_dropped: int


class Subscription:
    """One listener's ring. `take` empties it; `latest` coalesces to the newest."""

    def __init__(self, number: int, size: int = RING) -> None:
        self.number = number
        self.n_dropped = 0
        self._ring: deque[Snapshot | RoomSnapshot] = deque(maxlen=size)

    def put(self, snapshot: Snapshot | RoomSnapshot) -> DropWarning | None:
        """Add one, dropping the oldest if full; a warning once per `WARN_EVERY` drops."""
        is_full = len(self._ring) == self._ring.maxlen
        self._ring.append(snapshot)
        if not is_full:
            return None
        self.n_dropped += 1
        if self.n_dropped % WARN_EVERY != 1:
            return None
        return DropWarning(subscriber=self.number, n_dropped=self.n_dropped)

    def take(self) -> tuple[Snapshot | RoomSnapshot, ...]:
        """Everything waiting, oldest first."""
        waiting = tuple(self._ring)
        self._ring.clear()
        return waiting

    def latest(self) -> Snapshot | RoomSnapshot | None:
        """Only the newest; the older ones count as coalesced, not dropped."""
        newest = self._ring[-1] if self._ring else None
        self._ring.clear()
        return newest

    def __len__(self) -> int:
        return len(self._ring)


class Subscribers:
    """All listeners of one source."""

    def __init__(self) -> None:
        self._next = 1
        self._all: dict[int, Subscription] = {}

    def open(self) -> Subscription | None:
        """A new subscription, or None when there are too many."""
        if len(self._all) >= MAX_SUBSCRIBERS:
            return None
        subscription = Subscription(self._next)
        self._all[self._next] = subscription
        self._next += 1
        return subscription

    def close(self, subscription: Subscription) -> None:
        """Forget a listener; closing twice is harmless."""
        self._all.pop(subscription.number, None)

    def publish(self, snapshot: Snapshot | RoomSnapshot) -> tuple[DropWarning, ...]:
        """To everybody; costs nothing while nobody listens."""
        if not self._all:
            return ()
        warnings = [s.put(snapshot) for s in self._all.values()]
        return tuple(w for w in warnings if w is not None)

    def __len__(self) -> int:
        return len(self._all)
