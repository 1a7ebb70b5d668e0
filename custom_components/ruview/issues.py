"""What is worth a repair, and when it is over. Nothing that a sleeping person or an empty house can cause."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from . import clock
from .const import DOCS_URL, DOMAIN
from .coordinator import RoomCoordinator
from .hub import RuViewHub
from .text import moment
from .view import SLOW_HZ

#: Origin: chosen; nothing here is younger than minutes.
EVERY: Final = timedelta(minutes=1)
#: Origin: spec, facts/homeassistant §7 `node_silent`; a weekend without power is news, a reboot is not.
SILENT_S: Final = 24 * 3600.0
#: Origin: upstream report §1.9: stalls of 473 s were seen and ended by themselves.
NO_CSI_S: Final = 600.0
#: Origin: spec, facts/homeassistant §7 `low_frame_rate`.
LOW_RATE_S: Final = 15 * 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong now. `kind` is its translation key and row in `KINDS`.

    words : placeholders of its texts. A finding that was put off comes back when they change, so those of a fixable
        kind say nothing that grows by itself
    """

    kind: str
    issue_id: str
    words: dict[str, str]
    room_id: str | None = None
    node: str | None = None


#: Kind → severity, and whether a guided fix exists (`repairs.py`). The others say what to do.
KINDS: Final = {
    "stale": (ir.IssueSeverity.WARNING, True),
    "contaminated_baseline": (ir.IssueSeverity.WARNING, True),
    "node_silent": (ir.IssueSeverity.WARNING, True),
    "no_csi": (ir.IssueSeverity.WARNING, False),
    "low_rate": (ir.IssueSeverity.WARNING, False),
    "duplicate_node": (ir.IssueSeverity.WARNING, False),
    "port_taken": (ir.IssueSeverity.ERROR, False),
    "corrupt_file": (ir.IssueSeverity.ERROR, False),
}


@callback
def async_raise(hass: HomeAssistant, entry_id: str, finding: Finding) -> None:
    """Show it, or bring it up to date."""
    severity, is_fixable = KINDS[finding.kind]
    ir.async_create_issue(
        hass,
        DOMAIN,
        finding.issue_id,
        data={"entry_id": entry_id, "room_id": finding.room_id, "node": finding.node, **finding.words},
        is_fixable=is_fixable,
        learn_more_url=f"{DOCS_URL}/blob/main/docs/troubleshooting.md",
        severity=severity,
        translation_key=finding.kind,
        translation_placeholders=finding.words,
    )


@callback
def async_raise_port_taken(hass: HomeAssistant, entry_id: str, words: dict[str, str]) -> None:
    """There is no hub yet that could be inspected."""
    async_raise(hass, entry_id, Finding(kind="port_taken", issue_id=_port_taken(entry_id), words=words))


@callback
def async_withdraw_port_taken(hass: HomeAssistant, entry_id: str) -> None:
    """The port is ours, or nobody wants it any more."""
    ir.async_delete_issue(hass, DOMAIN, _port_taken(entry_id))


def _port_taken(entry_id: str) -> str:
    return f"port_taken_{entry_id}"


class IssueBoard:
    """Compares what is wrong now with what is shown, once a minute, and removes what is over."""

    def __init__(self, hass: HomeAssistant, hub: RuViewHub) -> None:
        self._hass = hass
        self._hub = hub
        self._shown: dict[str, Finding] = {}
        self._since: dict[str, float] = {}

    @callback
    def async_inspect(self, now: datetime) -> None:
        """Look at everything."""
        now_s = clock.now_s()
        found = {finding.issue_id: finding for finding in self._findings(now_s)}
        for issue_id, finding in found.items():
            if self._shown.get(issue_id) != finding:
                async_raise(self._hass, self._hub.entry_id, finding)
        for issue_id in self._leftovers() - set(found):
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        self._shown = found

    @callback
    def async_clear(self) -> None:
        """The entry is being unloaded; what is still wrong will be found again."""
        for issue_id in self._leftovers():
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        self._shown = {}

    def _leftovers(self) -> set[str]:
        """Ids of all our issues of this entry, also those of an earlier run."""
        return {
            issue.issue_id
            for (domain, _), issue in ir.async_get(self._hass).issues.items()
            if domain == DOMAIN and issue.data and issue.data.get("entry_id") == self._hub.entry_id
        }

    def _findings(self, now_s: float) -> Iterator[Finding]:
        for room in self._hub.rooms.values():
            for watch in (self._stale, self._refused, self._nodes, self._slow, self._files):
                yield from watch(room, now_s)
        yield from self._duplicates()

    def _lasts(self, key: str, is_so: bool, now_s: float, patience_s: float) -> bool:
        """Whether `is_so` has held without a break for `patience_s`."""
        if not is_so:
            self._since.pop(key, None)
            return False
        return now_s - self._since.setdefault(key, now_s) >= patience_s

    def _stale(self, room: RoomCoordinator, now_s: float) -> Iterator[Finding]:
        causes = room.stale_causes
        if causes and room.teacher.banks:
            first, since = causes[0]
            yield Finding(
                kind="stale",
                issue_id=f"stale_{room.room_id}",
                words={"room": room.title, "reason": first.reason.value, "since": moment(since)},
                room_id=room.room_id,
            )

    def _refused(self, room: RoomCoordinator, now_s: float) -> Iterator[Finding]:
        reason = room.teacher.contamination
        if reason is not None:
            yield Finding(
                kind="contaminated_baseline",
                issue_id=f"contaminated_baseline_{room.room_id}",
                words={"room": room.title, "reason": reason},
                room_id=room.room_id,
            )

    def _nodes(self, room: RoomCoordinator, now_s: float) -> Iterator[Finding]:
        for key in room.nodes:
            node = self._hub.nodes.get(key)
            heard_s = self._hub.last_heard_s(key)
            if now_s - heard_s >= SILENT_S:
                since = moment(self._hub.at(heard_s))
                yield Finding(
                    kind="node_silent",
                    issue_id=f"node_silent_{room.room_id}_{key}",
                    words={"room": room.title, "node": key, "since": since},
                    room_id=room.room_id,
                    node=key,
                )
            is_mute = node is not None and node.is_online and not node.sends_csi
            if self._lasts(f"no_csi_{key}", is_mute, now_s, NO_CSI_S):
                yield Finding(
                    kind="no_csi",
                    issue_id=f"no_csi_{room.room_id}_{key}",
                    words={"room": room.title, "node": key, "minutes": f"{NO_CSI_S / 60:.0f}"},
                    room_id=room.room_id,
                    node=key,
                )

    def _slow(self, room: RoomCoordinator, now_s: float) -> Iterator[Finding]:
        nodes = [self._hub.nodes[key].status for key in room.nodes if key in self._hub.nodes]
        rates = [node.csi_rate_hz for node in nodes if node.csi_rate_hz is not None]
        best = max(rates, default=None)
        is_slow = room.data.is_fresh and best is not None and best < SLOW_HZ
        if self._lasts(f"low_rate_{room.room_id}", is_slow, now_s, LOW_RATE_S):
            yield Finding(
                kind="low_rate",
                issue_id=f"low_rate_{room.room_id}",
                words={"room": room.title, "limit": f"{SLOW_HZ:.0f}", "rate": f"{best:.0f}"},
                room_id=room.room_id,
            )

    def _files(self, room: RoomCoordinator, now_s: float) -> Iterator[Finding]:
        for file, _ in room.teacher.store.refused:  # what was found is in the log, in words for whoever mends it
            yield Finding(
                kind="corrupt_file",
                issue_id=f"corrupt_file_{room.room_id}_{file}",
                words={"room": room.title, "file": file},
                room_id=room.room_id,
            )

    def _duplicates(self) -> Iterator[Finding]:
        for key, node in self._hub.nodes.items():
            number, apart, address = key.partition("@")
            if apart and node.is_online and (first := self._hub.nodes.get(number)) is not None:
                yield Finding(
                    kind="duplicate_node",
                    issue_id=f"duplicate_node_{self._hub.entry_id}_{key}",
                    words={"node": number, "first": first.status.address, "second": address, "kept": key},
                    node=key,
                )
