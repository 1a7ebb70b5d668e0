"""What the simulated person is asked to do, as it is written by somebody else at the same time."""

import json
import os
import sys
from pathlib import Path

import pytest

from ruview_engine.cli.prompts import Prompts


def do(what: str) -> str:
    return json.dumps({"do": what}) + "\n"


def test_without_a_file_nobody_asks() -> None:
    with Prompts(None) as prompts:
        assert list(prompts.new()) == []


def test_a_file_is_waited_for_and_lines_are_taken_whole(tmp_path: Path) -> None:
    path = tmp_path / "prompts.jsonl"
    with Prompts(str(path)) as prompts:
        assert list(prompts.new()) == []
        path.write_text(do("walk") + do("sit") + do("lie")[:8])
        assert list(prompts.new()) == ["walk", "sit"]
        assert prompts.note == "told: sit"
        with path.open("a") as file:
            file.write(do("lie")[8:])
        assert list(prompts.new()) == ["lie"]
        assert list(prompts.new()) == []


def test_a_pose_is_taken_up_from_enroll(tmp_path: Path) -> None:
    path = tmp_path / "prompts.jsonl"
    path.write_text(json.dumps({"anchor": "sit", "phase": "lead_in"}) + "\nnot a prompt { }\n")
    with Prompts(str(path)) as prompts:
        assert next(iter(prompts.new())) == "sit"


def test_stdin_is_read_without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, os.fdopen(writing, "wb", buffering=0) as typed:
        monkeypatch.setattr(sys, "stdin", stdin)
        with Prompts("-") as prompts:
            assert list(prompts.new()) == []
            typed.write((do("walk") + do("leave")[:5]).encode())
            assert list(prompts.new()) == ["walk"]
            typed.write(do("leave")[5:].encode())
            typed.close()
            assert list(prompts.new()) == ["leave"]
            assert list(prompts.new()) == [], "nor does the end of it end anything"
