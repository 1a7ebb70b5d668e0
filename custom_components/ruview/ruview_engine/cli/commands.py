"""The table of commands, and how one is run.

A command is a module with `HELP` (one line), `add_arguments(parser)` and `run(arguments) -> int` (the exit code). It is
imported when it is asked for; a command whose module is not there is not listed.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Final, Protocol, cast

from ..errors import RuviewError

#: Name → module of this package.
COMMANDS: Final = {
    "listen": "listen",
    "record": "record",
    "replay": "replay",
    "simulate": "simulate",
    "evaluate": "evaluate",
    "calibrate": "calibrate",
    "enroll": "enroll",
    "train-room": "train_room",
    "room-status": "room_status",
    "room-watch": "room_watch",
    "capture-signature": "capture_signature",
    "train": "train",
    "seed": "seed",
    "federate": "federate",
}

#: What a shell reports after Ctrl-C. Origin: spec, POSIX: 128 + SIGINT.
INTERRUPTED: Final = 130


class Command(Protocol):
    """What a command module offers."""

    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's own arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; 0 when all went well."""


def available() -> tuple[str, ...]:
    """Commands whose modules are there, in the order of the table."""
    return tuple(name for name, module in COMMANDS.items() if find_spec(f".{module}", __package__) is not None)


def load(name: str) -> Command:
    """The module of a command."""
    return cast("Command", import_module(f".{COMMANDS[name]}", __package__))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Errors that a person can mend are one line on stderr and exit code 1."""
    words = list(sys.argv[1:] if argv is None else argv)
    names = available()
    wanted = next((word for word in words if not word.startswith("-")), None)
    parser = argparse.ArgumentParser(prog="ruview_engine", description="Wi-Fi sensing from ESP32 CSI, at a terminal.")
    commands = parser.add_subparsers(metavar="command", required=True)
    for name in (wanted,) if wanted in names else names:
        command = load(name)
        sub = commands.add_parser(name, help=command.HELP, description=command.HELP)
        command.add_arguments(sub)
        sub.set_defaults(run=command.run)
    arguments = parser.parse_args(words)
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
    except (RuviewError, OSError) as error:
        print(f"ruview_engine: {describe(error)}", file=sys.stderr)
        return 1


def describe(error: Exception) -> str:
    """An error in a person's words: of the system's, which file and what of it, without number and quotes.

    >>> describe(FileNotFoundError(2, "No such file or directory", "walk.npz"))
    'walk.npz: no such file or directory'
    """
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    what = error.strerror[0].lower() + error.strerror[1:]
    name = error.filename2 or error.filename
    return what if name is None else f"{name}: {what}"
