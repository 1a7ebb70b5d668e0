"""Recordings as training reads them: (seconds, node id, packet), several files one after the other."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ..ingest.rows import RecordedDatagram
from ..wire import MeshEnvelope, Packet, Undecodable, decode

#: Silence between two recordings: further apart than any temporal negative, so that rows of two sessions never count as
#: "the same moment". Origin: derived, twice `triplets.NEGATIVE_BEYOND_S`.
SESSION_GAP_S: Final = 60.0


class Stretch(Protocol):
    """Anything that yields recorded datagrams in time order, e.g. a `Recording`."""

    def __iter__(self) -> Iterator[RecordedDatagram]:
        """From the start."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where one recording lies on the clock of the training, and when that was; `unix_s` None when nobody knows."""

    start_s: float
    end_s: float
    unix_s: float | None


def packets(
    recordings: Sequence[Stretch], refused: Counter[str] | None = None, spans: list[Span] | None = None
) -> Iterable[tuple[float, int, Packet]]:
    """All packets that name a node, on one clock; what cannot be decoded is counted in `refused` by reason.

    `spans` receives where each recording came to lie.
    """
    start_s = 0.0
    for recording in recordings:
        at_s = start_s
        for offset_s, _source, datagram in recording:
            at_s = start_s + offset_s
            packet = decode(datagram)
            if isinstance(packet, Undecodable):
                if refused is not None:
                    refused[packet.reason.value] += 1
            elif not isinstance(packet, MeshEnvelope):
                yield at_s, packet.node_id, packet
        if spans is not None:
            unix_s = getattr(recording, "started_unix_s", None)
            spans.append(Span(start_s=start_s, end_s=at_s, unix_s=unix_s))
        start_s = at_s + SESSION_GAP_S
