"""One line of a `.csi.jsonl` recording ⇄ one datagram.

The form is upstream's (report §1.12): `timestamp` (unix seconds), `node_id`, `magic`, `size`, and by `type` the fields
of raw CSI, vitals or features. Upstream's rows leave out most of the header, so what we write adds `source` and the
bytes themselves (`header_hex` before the I/Q of raw CSI, `datagram_hex` for all other packets) and is exact; what
upstream wrote is rebuilt with everything it does not say set to "not known".
"""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ..errors import FormatError, ShapeError
from ..wire import CsiFrame, EdgeVitals, FeatureVector, Packet, PacketKind, Undecodable, decode, encode

#: Names of packet kinds in the rows. Origin: spec, upstream report §1.12; other kinds keep their own name.
_TYPES: Final = {PacketKind.CSI: "raw_csi", PacketKind.VITALS: "vitals", PacketKind.FEATURE_VECTOR: "feature"}

#: What a board without an address is called; one per node id, so that nodes of a recording stay apart.
_SOURCE: Final = "recording"


class RecordedDatagram(NamedTuple):
    """What a socket would have given: seconds from the start of the recording, address, bytes."""

    at_s: float
    source: str
    datagram: bytes


class BadRow(FormatError, ValueError):
    """A row that is no datagram. The text is one of few fixed ones, so that rows can be counted by it."""


def encode_row(unix_s: float, source: str, datagram: bytes) -> str | None:
    """The line for one datagram, without its end; None when it is no packet of ours.

    >>> print(encode_row(0.5, "10.0.0.2", bytes.fromhex("010011c5020101000000000007000000d8a60000fd0c")))
    {"timestamp":0.5,"node_id":2,"magic":"0xC5110001","size":22,"type":"raw_csi","source":"10.0.0.2","rssi":-40,\
"subcarriers":1,"iq_hex":"fd0c","header_hex":"010011c5020101000000000007000000d8a60000"}
    """
    packet = decode(datagram)
    if isinstance(packet, Undecodable):
        return None
    row: dict[str, Any] = {
        "timestamp": round(unix_s, 6),
        "node_id": getattr(packet, "node_id", None),
        "magic": f"0x{int.from_bytes(datagram[:4], 'little'):08X}",
        "size": len(datagram),
        "type": _TYPES.get(packet.kind, packet.kind.value),
        "source": source,
    }
    row |= _readable(packet)
    if isinstance(packet, CsiFrame):
        row["header_hex"] = datagram[: len(datagram) - len(packet.iq)].hex()
    else:
        row["datagram_hex"] = datagram.hex()
    return json.dumps(row, separators=(",", ":"))


def _readable(packet: Packet) -> dict[str, Any]:
    """The fields upstream's own tools look for."""
    match packet:
        case CsiFrame():
            return {"rssi": packet.rssi_dbm, "subcarriers": packet.n_pairs, "iq_hex": packet.iq.hex()}
        case EdgeVitals():
            return {
                "rssi": packet.rssi_dbm,
                "flags": packet.flags,
                "breathing_bpm": packet.breathing_bpm,
                "heartrate_bpm": packet.heart_bpm,
                "n_persons": packet.n_persons,
                "motion_energy": packet.motion_energy,
                "presence_score": packet.presence_score,
            }
        case FeatureVector():
            return {"features": list(packet.values), "seq": packet.sequence}
        case _:
            return {}


class RowReader:
    """Lines of one recording → datagrams. Rebuilds what upstream's rows leave out, so it must see them in order."""

    def __init__(self) -> None:
        self._sequences: dict[int, int] = {}
        self._start_s: float | None = None

    def read(self, line: bytes) -> tuple[float, str, bytes]:
        """Unix seconds, source and datagram of one line. Raises BadRow with a countable reason."""
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadRow("not_json") from error
        if not isinstance(row, dict):
            raise BadRow("not_an_object")
        unix_s = row.get("timestamp")
        if not isinstance(unix_s, int | float) or isinstance(unix_s, bool) or not 0 <= unix_s < _LAST_S:
            raise BadRow("no_timestamp")
        try:
            datagram = self._datagram(row, float(unix_s))
        except BadRow:
            raise
        except (KeyError, TypeError, ValueError, OverflowError, ShapeError) as error:
            raise BadRow("bad_field") from error
        if isinstance(decode(datagram), Undecodable):
            raise BadRow("not_a_packet")
        source = row.get("source")
        if not isinstance(source, str) or not 0 < len(source) <= _MAX_SOURCE or not source.isprintable():
            source = f"{_SOURCE}-{row.get('node_id')}" if isinstance(row.get("node_id"), int) else _SOURCE
        return float(unix_s), source, datagram

    def _datagram(self, row: Mapping[str, Any], unix_s: float) -> bytes:
        if "datagram_hex" in row:
            return bytes.fromhex(row["datagram_hex"])
        if "header_hex" in row:
            return bytes.fromhex(row["header_hex"]) + bytes.fromhex(row["iq_hex"])
        kind = row.get("type")
        if kind == "raw_csi":
            return encode(self._frame(row))
        if kind == "vitals":
            return encode(_vitals(row, self._uptime_s(unix_s)))
        if kind == "feature":
            return encode(_features(row, self._uptime_s(unix_s)))
        if "iq_hex" not in row and isinstance(row.get("subcarriers"), list):
            raise BadRow("amplitudes_only")
        raise BadRow("no_payload")

    def _uptime_s(self, unix_s: float) -> float:
        """The recorder's clock in place of the board's, which rows do not hold: seconds since the first such row."""
        if self._start_s is None:
            self._start_s = unix_s
        return max(0.0, unix_s - self._start_s)

    def _frame(self, row: Mapping[str, Any]) -> CsiFrame:
        node_id = row["node_id"]
        iq = bytes.fromhex(row["iq_hex"])
        if not iq:
            raise BadRow("empty_csi")
        if len(iq) != 2 * row["subcarriers"]:
            raise BadRow("wrong_length")
        sequence = self._sequences.get(node_id, 0)
        frame = CsiFrame(
            version=1,
            node_id=node_id,
            n_antennas=1,
            n_pairs=len(iq) // 2,
            freq_mhz=0,
            sequence=sequence,
            rssi_dbm=_rssi(row),
            noise_floor_dbm=0,
            ppdu=0,
            flags=0,
            iq=iq,
        )
        self._sequences[node_id] = (sequence + 1) % (1 << 32)
        return frame


def _rssi(row: Mapping[str, Any]) -> int:
    """Received power; 0 = not known. Upstream's recorder stored another byte, so its raw rows always say 1."""
    rssi = row.get("rssi")
    return rssi if isinstance(rssi, int) and -128 <= rssi < 0 else 0


def _vitals(row: Mapping[str, Any], uptime_s: float) -> EdgeVitals:
    return EdgeVitals(
        node_id=row["node_id"],
        flags=row["flags"],
        breathing_bpm=float(row["breathing_bpm"]),
        heart_bpm=float(row["heartrate_bpm"]),
        rssi_dbm=_rssi(row),
        n_persons=row["n_persons"],
        motion_energy=float(row["motion_energy"]),
        presence_score=float(row["presence_score"]),
        uptime_ms=int(uptime_s * 1000) % (1 << 32),
    )


def _features(row: Mapping[str, Any], uptime_s: float) -> FeatureVector:
    return FeatureVector(
        node_id=row["node_id"],
        sequence=row["seq"],
        uptime_us=int(uptime_s * 1_000_000),
        values=tuple(float(value) for value in row["features"]),
    )


#: Recordings are younger than this. Origin: chosen, the year 2255; beyond it microseconds no longer fit a float.
_LAST_S: Final = 9e9

#: An address is not longer. Origin: chosen; IPv6 with a zone is at most 55 characters.
_MAX_SOURCE: Final = 64
