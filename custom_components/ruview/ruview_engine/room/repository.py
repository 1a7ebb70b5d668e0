"""A room's files on disk. Kill the process at any moment: the former state still loads.

::

    <root>/<room_id>/room.json                current pointers; renaming it is the commit
                     baselines/<id>.json .npz
                     changes/<id>.json .npz   what introspection learnt of quiet with that baseline
                     adaptations/<id>.json .npz   how far references have followed slow drift since
                     captures/<label>.json .npz   what training can be repeated from
                     banks/<n>.json .npz
                     enrollment.jsonl         append-only
                     signatures/*.json        (introspection's)

Every write is whole or has not happened (`atomic_file`, `shelf`, `event_log`). A file that cannot be read is never
overwritten or deleted; it is reported, and what the pointers named before stays in use.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..atomic_file import write_atomically
from ..errors import Damaged, FormatError, NewerFormat, StoreError
from . import codec
from .adaptation import Adaptation
from .anchor import AnchorLabel
from .bank import Bank
from .baseline import Baseline
from .changes import AnchorJudged, BankTrained, BaselineCaptured, EnrolmentAppended, ReferenceFollowed
from .codec import Document, Kind
from .enrolment import EnrolmentEvent
from .event_log import EventLog
from .exchange import POINTERS, pack, unpack
from .shelf import Shelf
from .window import LinkWindow

#: Former banks and baselines kept for rollback. Origin: chosen.
KEEP: Final = 5
#: Documents that belong to a baseline, have its name, and go with it.
BESIDE: Final = ("changes", "adaptations")
#: Names that are safe as a folder on every system. Origin: chosen.
ROOM_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What could be loaded; `problems` names the files that could not, and why."""

    baseline: Baseline | None = None
    adaptation: Adaptation = field(default_factory=Adaptation)
    bank: Bank | None = None
    events: tuple[EnrolmentEvent, ...] = ()
    captures: dict[AnchorLabel, tuple[LinkWindow, ...]] = field(default_factory=dict)
    problems: tuple[tuple[str, str], ...] = ()


class RoomRepository:
    """One room's folder. Not for two processes at once."""

    def __init__(self, root: Path, room_id: str) -> None:
        if not ROOM_ID.fullmatch(room_id):
            raise FormatError(f"a room's name may have letters, digits, - and _, at most 64: {room_id!r}")
        self.room_id = room_id
        self.folder = root / room_id
        self.events = EventLog(self.folder / "enrollment.jsonl")
        self._shelf = Shelf(self.folder)

    # --- writing ------------------------------------------------------------------------------------

    def save(self, changes: Iterable[object]) -> None:
        """Whatever a room's changes ask to be stored, in their order."""
        for change in changes:
            match change:
                case BaselineCaptured():
                    self.save_baseline(change.baseline, change.captures)
                case AnchorJudged() if change.captures:
                    self.save_capture(change.verdict.label, change.captures)
                case EnrolmentAppended():
                    self.events.append(change.event)
                case ReferenceFollowed():
                    self.save_adaptation(change.baseline_id, change.adaptation)
                case BankTrained():
                    self.save_bank(change.bank)
                case _:
                    pass

    def save_baseline(self, baseline: Baseline, captures: tuple[LinkWindow, ...]) -> None:
        """Store a baseline with its capture and make it current."""
        self._shelf.write("captures", AnchorLabel.EMPTY.value, codec.encode_capture(captures))
        self._shelf.write("baselines", baseline.id, codec.encode_baseline(baseline))
        self._point(baseline=baseline.id)

    def save_change(self, baseline_id: str, models: Mapping[str, Any]) -> None:
        """Keep what introspection learnt of quiet together with a baseline (`change_models.to_dict`)."""
        self._shelf.write("changes", baseline_id, codec.encode(Kind.CHANGE, models))

    def save_adaptation(self, baseline_id: str, adaptation: Adaptation) -> None:
        """Keep how far a baseline's references have followed slow drift: a restart goes on from there."""
        self._shelf.write("adaptations", baseline_id, codec.encode_adaptation(adaptation))

    def save_capture(self, label: AnchorLabel, captures: tuple[LinkWindow, ...]) -> None:
        """Keep an accepted anchor's capture; the former one of this label is replaced."""
        self._shelf.write("captures", label.value, codec.encode_capture(captures))

    def save_bank(self, bank: Bank) -> None:
        """Store a bank under its version and make it current; a version that exists is never overwritten."""
        if self._shelf.has("banks", str(bank.version)):
            raise FormatError(f"bank {bank.version} of {self.room_id} exists already")
        self._shelf.write("banks", str(bank.version), codec.encode_bank(bank))
        self._point(bank=bank.version)

    def use_bank(self, version: int) -> Bank:
        """Make a former bank current again (rollback); raises Damaged or NewerFormat when it cannot be used."""
        bank = self.bank(version)
        self._point(bank=version)
        return bank

    def prune(self, keep: int = KEEP) -> tuple[str, ...]:
        """Delete the oldest banks and baselines beyond `keep`, never what is current. Returns what went."""
        pointers = self._pointers()
        gone = []
        for kind, current in (("banks", str(pointers.get("bank"))), ("baselines", str(pointers.get("baseline")))):
            known = self._shelf.oldest_first(kind)
            old = [name for name in known if name != current]
            for name in old[: max(0, len(known) - keep)]:
                for place in (kind, *BESIDE) if kind == "baselines" else (kind,):
                    self._shelf.drop(place, name)
                gone.append(f"{kind}/{name}")
        return tuple(gone)

    def save_status(self, status: dict[str, Any]) -> None:
        """What the last watch saw, for `room-status`; nothing depends on it."""
        write_atomically(self.folder / "status.json", codec.encode(Kind.STATUS, status).text)

    # --- reading ------------------------------------------------------------------------------------

    def load(self) -> Stored:
        """Everything that is current and sound."""
        problems: list[tuple[str, str]] = []
        try:
            pointers = self._pointers()
        except StoreError as error:
            problems.append(("room.json", str(error)))
            pointers = {}
        baseline = bank = None
        adaptation = Adaptation()
        if (name := pointers.get("baseline")) is not None:
            try:
                baseline = codec.decode_baseline(self._shelf.read("baselines", str(name)))
                adaptation = self._adaptation(baseline, problems)
            except StoreError as error:
                problems.append((f"baselines/{name}", str(error)))
        if (version := pointers.get("bank")) is not None:
            try:
                bank = self.bank(int(version))
            except StoreError as error:
                problems.append((f"banks/{version}", str(error)))
                bank = self._former_bank(int(version), problems)
        events, bad = self.events.read()
        problems.extend(bad)
        captures = {}
        for label in self._shelf.names("captures"):
            try:
                captures[AnchorLabel(label)] = codec.decode_capture(self._shelf.read("captures", label))
            except (StoreError, ValueError) as error:
                problems.append((f"captures/{label}", str(error)))
        return Stored(
            baseline=baseline,
            adaptation=adaptation,
            bank=bank,
            events=events,
            captures=captures,
            problems=tuple(problems),
        )

    def load_status(self) -> dict[str, Any] | None:
        """What the last watch saw; None when there is nothing that can be read."""
        try:
            text = (self.folder / "status.json").read_bytes()
            return codec.decode(Kind.STATUS, Document(text=text, arrays=None))
        except OSError, StoreError:
            return None

    def load_change(self, baseline_id: str) -> dict[str, Any] | None:
        """What `save_change` kept; None when there is none. Raises StoreError when it cannot be used."""
        if not self._shelf.has("changes", baseline_id):
            return None
        return codec.decode(Kind.CHANGE, self._shelf.read("changes", baseline_id))

    def banks(self) -> tuple[int, ...]:
        """Versions on disk, ascending."""
        return tuple(sorted(int(name) for name in self._shelf.names("banks") if name.isdigit()))

    def bank(self, version: int) -> Bank:
        """One bank; raises Damaged or NewerFormat."""
        return codec.decode_bank(self._shelf.read("banks", str(version)))

    def _adaptation(self, baseline: Baseline, problems: list[tuple[str, str]]) -> Adaptation:
        """Where the baseline's references were last; where they were captured when that cannot be used."""
        if not self._shelf.has("adaptations", baseline.id):
            return Adaptation()
        try:
            found = codec.decode_adaptation(self._shelf.read("adaptations", baseline.id))
            found.must_fit(baseline)
        except StoreError as error:
            problems.append((f"adaptations/{baseline.id}", str(error)))
            return Adaptation()
        return found

    def _former_bank(self, version: int, problems: list[tuple[str, str]]) -> Bank | None:
        """The newest older bank that loads."""
        for older in reversed([number for number in self.banks() if number < version]):
            try:
                return self.bank(older)
            except StoreError as error:
                problems.append((f"banks/{older}", str(error)))
        return None

    # --- exchange -----------------------------------------------------------------------------------

    def export(self, path: Path) -> None:
        """One archive with everything current; private: it holds the room's fingerprint and its person's."""
        pointers = self._pointers()
        documents = [f"baselines/{pointers.get('baseline')}", f"banks/{pointers.get('bank')}"]
        documents += [f"{beside}/{pointers.get('baseline')}" for beside in BESIDE]
        documents += [f"captures/{label}" for label in self._shelf.names("captures")]
        names = ["room.json", "enrollment.jsonl"]
        for document in documents:
            self._shelf.settle(document)
            names += [f"{document}.json", f"{document}.npz"]
        # A specialist that looks through the room's encoder means nothing without it.
        names += ["backbone/model.safetensors", "backbone/config.json"]
        names += [f"signatures/{found.name}" for found in sorted((self.folder / "signatures").glob("*.json"))]
        pack(self.folder, names, path)

    def import_(self, path: Path) -> None:
        """Take an exported room into an empty folder; everything is validated before anything becomes current.

        Signatures are validated by whoever reads them: a bad one never hides the others.
        """
        if (self.folder / POINTERS).exists():
            raise FormatError(f"{self.room_id} exists already; import under another name")
        contents = dict(unpack(path))
        pointer = contents.pop(POINTERS)
        codec.decode(Kind.ROOM, Document(text=pointer, arrays=None))
        for name, data in contents.items():
            write_atomically(self.folder / name, data)
        write_atomically(self.folder / POINTERS, pointer)
        problems = self.load().problems
        if problems:
            (self.folder / POINTERS).unlink()
            raise FormatError(f"the archive is damaged: {problems[0][0]}: {problems[0][1]}")

    # --- inside -------------------------------------------------------------------------------------

    def _pointers(self) -> dict[str, Any]:
        path = self.folder / "room.json"
        if not path.is_file():
            return {}
        found = codec.decode(Kind.ROOM, Document(text=path.read_bytes(), arrays=None))
        baseline, bank = found.get("baseline"), found.get("bank")
        if not (baseline is None or (isinstance(baseline, str) and ROOM_ID.fullmatch(baseline))):
            raise Damaged("the baseline's id is none")
        if not (bank is None or type(bank) is int):
            raise Damaged("the bank's version is none")
        return found

    def _point(self, **changes: Any) -> None:
        """Raises NewerFormat rather than overwriting what a newer release wrote."""
        try:
            pointers = self._pointers()
        except NewerFormat:
            raise
        except Damaged:
            pointers = {}  # unreadable pointers name nothing that could be kept
        document = codec.encode(Kind.ROOM, {**pointers, "room_id": self.room_id, **changes})
        write_atomically(self.folder / "room.json", document.text)
