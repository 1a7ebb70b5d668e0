"""What became of everything received: frozen snapshots for diagnostics."""

from dataclasses import dataclass

from ..wire.packet import PacketKind, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """An address that is no board: how much of what it sent was looked at, when last, why nothing came of it."""

    address: str
    n_datagrams: int
    last_seen_s: float
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Everything that ever came in, by what became of it. `n_received` is the sum of the others but the last two.

    rejected : by reason; `unsupported` and `unknown_magic` are ordinary neighbours, not errors
    accepted : by packet kind
    unknown_magics : the first sixteen, with their counts
    n_limited, n_limited_strangers : over the rate of known addresses, of strangers
    n_duplicates, n_late : frames that came twice, or out of order
    n_held : from a newcomer whose id is pinned elsewhere, until it is clear who it is
    n_refused : from a board for which there is no place
    n_unattributed : mesh packets from an address with no board, or several
    n_conflicts, n_moves : newcomers that turned out to be a second board, or the same board elsewhere
    """

    n_received: int
    accepted: tuple[tuple[PacketKind, int], ...]
    rejected: tuple[tuple[Reason, int], ...]
    unknown_magics: tuple[tuple[int, int], ...]
    n_limited: int
    n_limited_strangers: int
    n_duplicates: int
    n_late: int
    n_held: int
    n_refused: int
    n_unattributed: int
    n_conflicts: int
    n_moves: int

    @property
    def n_accepted(self) -> int:
        """Packets that became an `Arrival`."""
        return sum(n for _, n in self.accepted)

    @property
    def n_rejected(self) -> int:
        """Datagrams that are no packet of ours."""
        return sum(n for _, n in self.rejected)
