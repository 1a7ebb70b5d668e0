"""Dispatch: lazily, and with errors a person can read."""

import subprocess
import sys
from pathlib import Path

import pytest

from ruview_engine.cli import commands


def test_every_listed_command_keeps_its_promise() -> None:
    names = commands.available()
    assert {"listen", "record", "replay"} <= set(names) <= set(commands.COMMANDS)
    for name in names:
        command = commands.load(name)
        assert isinstance(command.HELP, str)
        assert "\n" not in command.HELP
        assert callable(command.add_arguments)
        assert callable(command.run)


def test_a_command_whose_module_is_missing_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(commands.COMMANDS, "dance", "dance")  # type: ignore[misc]
    assert "dance" not in commands.available()


@pytest.mark.parametrize("name", ["listen", "record", "replay"])
def test_help_is_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        commands.main([name, "--help"])
    assert caught.value.code == 0
    assert commands.load(name).HELP in capsys.readouterr().out.replace("\n", " ")


def test_help_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        commands.main(["--help"])
    out = capsys.readouterr().out
    assert all(name in out for name in commands.available())


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        commands.main(["dance"])
    assert caught.value.code == 2
    assert "dance" in capsys.readouterr().err


def test_errors_are_one_line(capsys: pytest.CaptureFixture[str], tmp_path: object) -> None:
    assert commands.main(["replay", f"{tmp_path}/nothing.npz"]) == 1
    err = capsys.readouterr().err
    assert err == f"ruview_engine: {tmp_path}/nothing.npz: no such file or directory\n"


@pytest.mark.parametrize("value", ["0", "-1", "1e9", "nan"])
def test_a_budget_out_of_bounds_is_one_line(value: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ["evaluate", str(tmp_path / "none.csi.jsonl"), f"--false-alarms-per-day={value}"]
    assert commands.main(words) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("ruview_engine: --false-alarms-per-day ")


def test_ctrl_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands.load("replay"), "run", interrupted)
    assert commands.main(["replay", "x"]) == commands.INTERRUPTED


def test_it_runs_as_a_module() -> None:
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-m", "ruview_engine", "replay", "--help"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "--speed" in done.stdout


def test_one_command_does_not_import_the_others() -> None:
    for name in ("listen", "record", "replay"):
        sys.modules.pop(f"ruview_engine.cli.{name}", None)
    with pytest.raises(SystemExit):
        commands.main(["listen", "--help"])
    assert "ruview_engine.cli.listen" in sys.modules
    assert "ruview_engine.cli.replay" not in sys.modules
