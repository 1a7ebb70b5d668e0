"""`train-room`: from accepted anchors to a bank of specialists, and how well each separates."""

import argparse
import time
from typing import Any

from ..errors import FormatError
from ..room.changes import BankTrained, TrainingFailed
from ..room.repository import RoomRepository
from ..room.room import Room
from ..room.sensitivity import SensitivityReport, SpecialistReport
from ..room.specialist import SpecialistKind
from ..training.backbone import Backbone
from .room_session import add_room_arguments, write_json

HELP = "train the room's specialists from what was enrolled"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which room, which specialists."""
    add_room_arguments(parser, live=False)
    kinds = ",".join(kind.value for kind in SpecialistKind)
    parser.add_argument("--specialists", type=_kinds, metavar="LIST", help=f"train only these again ({kinds})")
    parser.add_argument("--rollback", type=int, metavar="N", help="use the former bank N instead of training")
    parser.add_argument("--keep", type=int, default=5, metavar="N", help="former banks and baselines to keep (5)")


def run(arguments: argparse.Namespace) -> int:
    """0 when a bank is in force, 3 when nothing could be trained."""
    repository = RoomRepository(arguments.data_dir, arguments.room)
    if arguments.rollback is not None:
        if arguments.rollback not in repository.banks():
            raise FormatError(f"{arguments.room} has no bank {arguments.rollback}; there are {repository.banks()}")
        bank = repository.use_bank(arguments.rollback)
        if arguments.json:
            write_json({"bank": bank.version, "specialists": list(bank.kinds)})
        else:
            print(f"bank {bank.version} is in force: {', '.join(bank.kinds)}")
        return 0
    stored = repository.load()
    room = Room(arguments.room, unix_offset_s=time.time())
    former = stored.bank
    newest = max(repository.banks(), default=0)
    room.load(baseline=stored.baseline, events=stored.events, captures=stored.captures, bank=former)
    room.encoder = Backbone.of_room(repository.folder)
    changes = room.train(0.0, kinds=arguments.specialists, first_version=newest + 1)
    repository.save(changes)
    repository.prune(max(1, arguments.keep))
    for change in changes:
        if isinstance(change, BankTrained):
            _show(change.bank.version, change.report, as_json=arguments.json)
            return 0
        if isinstance(change, TrainingFailed):
            _show(None, change.report, as_json=arguments.json)
    return 3


def _kinds(text: str) -> list[SpecialistKind]:
    try:
        return [SpecialistKind(word.strip()) for word in text.split(",") if word.strip()]
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _show(version: int | None, report: SensitivityReport, *, as_json: bool) -> None:
    if as_json:
        write_json({"bank": version, "specialists": [_as_dict(one) for one in report.specialists]})
        return
    print("nothing trained" if version is None else f"bank {version}")
    for one in report.specialists:
        mark = "✓" if one.is_accepted else "✗"
        detail = f"{one.measure} {one.score:.2f} on {one.n_blocks} held-out blocks"
        print(f"  {one.kind.value:<13}{mark} {one.reason or detail}")


def _as_dict(one: SpecialistReport) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "accepted": one.is_accepted,
        "measure": one.measure,
        "score": round(one.score, 4),
        "n_blocks": one.n_blocks,
        "d_prime": one.d_prime,
        "confusion": [list(row) for row in one.confusion],
        "reason": None if one.reason is None else one.reason.why.value,
        "detail": None if one.reason is None else one.reason.detail,
    }
