"""How many datagrams whom: a flood from strangers must not cost a known board a single frame.

Known addresses have a reserve of their own and share a pool beyond it; strangers share a small budget, of which no
single one may take everything. All times are the caller's monotonic seconds.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class LimiterSettings:
    """Rates in datagrams per second; every burst is two seconds of its rate.

    reserve_per_s : what each known address always has. A board sends at most about 150 /s, so two boards and more fit
    pool_per_s : what all known addresses together may use beyond that (replay, simulation, many boards on one address)
    stranger_per_s : what one unknown address may offer for a look
    strangers_per_s : what all unknown addresses together may offer
    """

    reserve_per_s: float = 500.0
    pool_per_s: float = 25_000.0
    stranger_per_s: float = 20.0
    strangers_per_s: float = 400.0


#: Length of every burst. Origin: chosen; a stalled event loop delivers about so much at once, longer stalls lose frames
#: in the kernel's buffer anyway (peers report §3.4).
BURST_S: Final = 2.0

#: Strangers remembered one by one. Origin: chosen; beyond it the oldest is forgotten and may start again, which the
#: shared budget bounds.
MAX_STRANGERS: Final = 256


class TokenBucket:
    """`rate_per_s` tokens a second, at most `BURST_S` seconds of them; full at the start."""

    __slots__ = ("_at_s", "_burst", "_rate_per_s", "_tokens")

    def __init__(self, rate_per_s: float) -> None:
        self._rate_per_s = rate_per_s
        self._burst = max(1.0, rate_per_s * BURST_S)
        self._tokens = self._burst
        self._at_s: float | None = None

    def take(self, at_s: float) -> bool:
        """One token, if there is one. A clock that goes back grants nothing."""
        tokens = self._tokens
        if self._at_s is None:
            self._at_s = at_s
        elif at_s > self._at_s:
            tokens = min(self._burst, tokens + (at_s - self._at_s) * self._rate_per_s)
            self._at_s = at_s
        if tokens < 1.0:
            self._tokens = tokens
            return False
        self._tokens = tokens - 1.0
        return True


class Limiter:
    """The buckets of all sources. Bounded: known addresses by who calls `know`, strangers by `MAX_STRANGERS`."""

    def __init__(self, settings: LimiterSettings) -> None:
        self._settings = settings
        self._reserves: dict[str, TokenBucket] = {}
        self._pool = TokenBucket(settings.pool_per_s)
        self._strangers: OrderedDict[str, TokenBucket] = OrderedDict()
        self._shared = TokenBucket(settings.strangers_per_s)

    def knows(self, address: str) -> bool:
        """True for an address with a reserve."""
        return address in self._reserves

    def know(self, address: str) -> None:
        """Give an address its reserve."""
        if address not in self._reserves:
            self._reserves[address] = TokenBucket(self._settings.reserve_per_s)
            self._strangers.pop(address, None)

    def forget(self, address: str) -> None:
        """Take the reserve back; the address is a stranger again."""
        self._reserves.pop(address, None)

    def admit_known(self, address: str, at_s: float) -> bool:
        """May one more datagram of a known address be used? First from its reserve, then from the pool."""
        return self._reserves[address].take(at_s) or self._pool.take(at_s)

    def admit_stranger(self, address: str, at_s: float) -> bool:
        """May one more datagram of an unknown address be looked at?"""
        own = self._strangers.get(address)
        if own is None:
            if not self._shared.take(at_s):
                return False
            own = self._strangers[address] = TokenBucket(self._settings.stranger_per_s)
            if len(self._strangers) > MAX_STRANGERS:
                self._strangers.popitem(last=False)
            return own.take(at_s)
        self._strangers.move_to_end(address)
        return own.take(at_s) and self._shared.take(at_s)
