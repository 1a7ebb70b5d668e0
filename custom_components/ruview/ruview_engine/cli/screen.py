"""Tables and progress: with `rich` where it is installed and somebody looks, as plain text everywhere else."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from rich.live import Live

#: Seconds between plain reports; a log file is not a screen. Origin: chosen.
PLAIN_INTERVAL_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is to be seen: lines of text above a table. Cells are plain text."""

    title: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = ()

    def as_text(self) -> str:
        """Aligned columns; nothing that a terminal could misunderstand."""
        table = [[_clean(cell) for cell in row] for row in (self.columns, *self.rows)] if self.columns else []
        widths = [max(len(row[i]) for row in table) for i in range(len(self.columns))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table
        ]
        return "\n".join([_clean(self.title), *lines, *(_clean(note) for note in self.notes)])


class Screen:
    """Shows the newest view in place, or prints one every few seconds when nobody is at a terminal.

    with Screen() as screen: screen.show(view)
    """

    def __init__(self, *, is_plain: bool = False) -> None:
        self._live: Live | None = None if is_plain or not sys.stdout.isatty() else _live()
        self._printed_s: float | None = None
        self._pending: View | None = None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
        elif self._pending is not None:
            self._print(self._pending)

    def show(self, view: View) -> None:
        """The newest view; the last one always stays to be read."""
        if self._live is not None:
            self._live.update(_rich(view), refresh=True)
            return
        now_s = time.monotonic()
        if self._printed_s is None or now_s - self._printed_s >= PLAIN_INTERVAL_S:
            self._print(view)
            self._printed_s = now_s
        else:
            self._pending = view

    def _print(self, view: View) -> None:
        self._pending = None
        print(view.as_text(), flush=True)


def _live() -> Live | None:
    """A screen to draw on; None where `rich` is not installed."""
    try:
        from rich.live import Live
    except ImportError:
        return None
    return Live(auto_refresh=False)


def _rich(view: View) -> Any:
    """The view as `rich` draws it; only called when `rich` is there."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    parts: list[Any] = [Text(_clean(view.title), style="bold")]
    if view.columns:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for column in view.columns:
            table.add_column(column)
        for row in view.rows:
            table.add_row(*(Text(_clean(cell)) for cell in row))
        parts.append(table)
    parts += [Text(_clean(note), style="dim") for note in view.notes]
    return Group(*parts)


def _clean(text: str) -> str:
    """Printable characters only: some cells quote what came over the network or out of a file."""
    return "".join(character if character.isprintable() else "?" for character in text)
