"""Recordings one after the other on one clock."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ruview_engine.training.source import SESSION_GAP_S, Span, packets
from ruview_engine.training.triplets import NEGATIVE_BEYOND_S
from ruview_engine.wire import CsiFrame, MeshEnvelope, encode


def frame(node: int) -> bytes:
    return encode(
        CsiFrame(
            version=1, node_id=node, n_antennas=1, n_pairs=4, freq_mhz=2437, sequence=1, rssi_dbm=-50,
            noise_floor_dbm=-95, ppdu=0, flags=0, iq=bytes(8),
        )
    )  # fmt: skip


@dataclass
class Tape:
    rows: list[tuple[float, str, bytes]]
    started_unix_s: float | None = None

    def __iter__(self) -> Iterator[tuple[float, str, bytes]]:
        return iter(self.rows)


def test_recordings_follow_each_other_with_a_silence_that_no_pair_spans() -> None:
    spans: list[Span] = []
    tapes = [Tape([(0.0, "a", frame(1)), (5.0, "a", frame(2))], 1000.0), Tape([(0.0, "a", frame(1))])]
    found = list(packets(tapes, spans=spans))
    assert [(at, node) for at, node, _ in found] == [(0.0, 1), (5.0, 2), (5.0 + SESSION_GAP_S, 1)]
    assert SESSION_GAP_S > NEGATIVE_BEYOND_S
    assert [(span.start_s, span.end_s, span.unix_s) for span in spans] == [
        (0.0, 5.0, 1000.0),
        (5.0 + SESSION_GAP_S, 5.0 + SESSION_GAP_S, None),
    ]


def test_what_cannot_be_decoded_is_counted_by_reason() -> None:
    refused: Counter[str] = Counter()
    rows = [(0.0, "a", b""), (0.1, "a", b"nonsense"), (0.2, "a", frame(1)[:25]), (0.3, "a", frame(1))]
    assert len(list(packets([Tape(rows)], refused))) == 1
    assert sum(refused.values()) == 3
    assert all(isinstance(reason, str) for reason in refused)
    assert len(list(packets([Tape(rows)]))) == 1  # nobody has to count


def test_mesh_envelopes_name_no_node(monkeypatch) -> None:
    from ruview_engine.training import source

    monkeypatch.setattr(source, "decode", lambda _: MeshEnvelope.__new__(MeshEnvelope))
    assert list(packets([Tape([(0.0, "a", b"")])])) == []
