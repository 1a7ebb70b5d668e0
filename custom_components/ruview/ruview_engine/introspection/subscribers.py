"""Who listens, and what happens when a listener is slow: bounded rings that drop the oldest and count it."""

from collections import deque
from typing import Final

from .snapshot import RoomSnapshot, Snapshot

#: Snapshots kept for a slow listener. Origin: spec, ADR-099 §5.
RING: Final = 32
#: Listeners at a time. Origin: chosen, a handful of browsers; a leak must not grow for ever.
MAX_SUBSCRIBERS: Final = 16


class Subscription:
    """One listener's ring. `take` hands out everything, `latest` the newest in place of everything.

    n_published : snapshots so far
    n_dropped : of these, fell out of the ring before anybody took them
    n_coalesced : of these, gave way to a newer one in `latest`
    """

    __slots__ = ("_ring", "n_coalesced", "n_dropped", "n_published")

    def __init__(self, size: int = RING) -> None:
        self.n_published = self.n_dropped = self.n_coalesced = 0
        self._ring: deque[Snapshot | RoomSnapshot] = deque(maxlen=size)

    def put(self, snapshot: Snapshot | RoomSnapshot) -> None:
        """Add one, dropping the oldest if full."""
        self.n_dropped += len(self._ring) == self._ring.maxlen
        self.n_published += 1
        self._ring.append(snapshot)

    def take(self) -> tuple[Snapshot | RoomSnapshot, ...]:
        """Everything waiting, oldest first."""
        waiting = tuple(self._ring)
        self._ring.clear()
        return waiting

    def latest(self) -> Snapshot | RoomSnapshot | None:
        """Only the newest; None when nothing is new."""
        if not self._ring:
            return None
        newest = self._ring.pop()
        self.n_coalesced += len(self._ring)
        self._ring.clear()
        return newest

    def __len__(self) -> int:
        return len(self._ring)


class Subscribers:
    """All listeners of one source."""

    __slots__ = ("_all",)

    def __init__(self) -> None:
        self._all: list[Subscription] = []

    def open(self) -> Subscription | None:
        """A new subscription, or None when there are too many."""
        if len(self._all) >= MAX_SUBSCRIBERS:
            return None
        subscription = Subscription()
        self._all.append(subscription)
        return subscription

    def close(self, subscription: Subscription) -> None:
        """Forget a listener; closing twice is harmless."""
        if subscription in self._all:
            self._all.remove(subscription)

    def publish(self, snapshot: Snapshot | RoomSnapshot) -> None:
        """To everybody; costs nothing while nobody listens."""
        for subscription in self._all:
            subscription.put(snapshot)

    def __len__(self) -> int:
        return len(self._all)
