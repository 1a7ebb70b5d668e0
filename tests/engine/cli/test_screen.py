"""Views as text: aligned, bounded, and harmless to a terminal."""

import builtins
from typing import Any

import pytest

from ruview_engine.cli import screen as screen_module
from ruview_engine.cli.screen import Screen, View

VIEW = View(title="two nodes", columns=("node", "state"), rows=(("1", "ok"), ("12", "offline")), notes=("a note",))


def test_columns_are_aligned() -> None:
    assert VIEW.as_text().splitlines() == ["two nodes", "node  state", "1     ok", "12    offline", "a note"]


def test_control_characters_do_not_reach_the_terminal() -> None:
    view = View(title="\x1b[2J", columns=("a",), rows=(("x\x07\r\n",),), notes=("\x9b31m",))
    assert all(character.isprintable() or character == "\n" for character in view.as_text())


def test_plain_output_is_paced_and_ends_with_the_last(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 0.5, 1.0, 5.1, 5.6, 6.1])
    monkeypatch.setattr(screen_module.time, "monotonic", lambda: next(clock))
    with Screen(is_plain=True) as screen:
        for i in range(6):
            screen.show(View(title=f"view {i}"))
    assert capsys.readouterr().out.split() == ["view", "0", "view", "3", "view", "5"]


def test_without_rich_there_is_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    real = builtins.__import__

    def without_rich(name: str, *args: Any) -> Any:
        if name.startswith("rich"):
            raise ImportError(name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", without_rich)
    monkeypatch.setattr(screen_module.sys.stdout, "isatty", lambda: True, raising=False)
    with Screen() as screen:
        screen.show(VIEW)
    assert "two nodes" in capsys.readouterr().out


def test_at_a_terminal_the_last_view_stays(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("rich")
    monkeypatch.setattr(screen_module.sys.stdout, "isatty", lambda: True, raising=False)
    with Screen() as screen:
        screen.show(View(title="first"))
        screen.show(VIEW)
    assert "two nodes" in capsys.readouterr().out


def test_rich_draws_the_same_cells() -> None:
    console = pytest.importorskip("rich.console").Console(width=80, record=True, file=None, force_terminal=False)
    with console.capture() as captured:
        console.print(screen_module._rich(VIEW))
    words = captured.get().split()
    assert words == ["two", "nodes", "node", "state", "1", "ok", "12", "offline", "a", "note"]
