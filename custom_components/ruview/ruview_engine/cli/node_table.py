"""The nodes as a table: who lives, how fast, how loud, what is lost."""

from collections.abc import Iterable
from typing import Final

from ..ingest import Counters, NodeStatus
from ..wire import PacketKind
from .screen import View

COLUMNS: Final = ("node", "address", "state", "CSI/s", "vitals/s", "RSSI", "frames", "loss", "jitter", "seen")


def node_view(title: str, nodes: Iterable[NodeStatus], counters: Counters, notes: Iterable[str] = ()) -> View:
    """Everything `listen` shows."""
    rows = [_row(node) for node in nodes]
    return View(title=title, columns=COLUMNS if rows else (), rows=rows, notes=(*_drops(counters), *notes))


def _row(node: NodeStatus) -> tuple[str, ...]:
    rates = dict(node.rates_hz)
    vitals = rates.get(PacketKind.VITALS, rates.get(PacketKind.FUSED_VITALS))
    mix = " ".join(f"{kind.n_pairs}:{share:.0%}" for kind, share in node.frame_mix[:4])
    return (
        node.key,
        node.address,
        _state(node),
        _number(node.csi_rate_hz, ".1f"),
        _number(vitals, ".1f"),
        _number(node.rssi_dbm, ".0f") + ("" if node.rssi_spread_db is None else f" ±{node.rssi_spread_db / 2:.0f}"),
        mix or "–",
        _number(node.loss, ".1%"),
        "–" if node.jitter_s is None else f"{node.jitter_s * 1000:.0f} ms",
        f"{node.age_s:.0f} s ago",
    )


def _state(node: NodeStatus) -> str:
    if not node.is_online:
        return "offline"
    if node.csi_age_s is None:
        return "no CSI yet"
    if node.is_csi_stalled:
        return f"CSI stalled {node.csi_age_s:.0f} s"
    return "conflict" if "@" in node.key or node.n_conflicts else "ok"


def _drops(counters: Counters) -> Iterable[str]:
    """What did not become a packet, and why; only what happened."""
    yield f"{counters.n_received:,} datagrams, {counters.n_accepted:,} packets accepted"
    dropped = [(reason.value.replace("_", " "), n) for reason, n in counters.rejected]
    dropped += [
        ("duplicate", counters.n_duplicates),
        ("late", counters.n_late),
        ("over the limit", counters.n_limited),
        ("from strangers over the limit", counters.n_limited_strangers),
        ("held: id in use elsewhere", counters.n_held),
        ("refused: too many nodes", counters.n_refused),
        ("mesh without node", counters.n_unattributed),
    ]
    text = ", ".join(f"{n:,} {name}" for name, n in dropped if n)
    if text:
        yield f"not used: {text}"
    if counters.n_conflicts:
        yield f"{counters.n_conflicts} boards use a node id that is already taken: give each board its own id"


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
