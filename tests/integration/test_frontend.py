"""The sources of panel and card, read as text: they parse, fit together, and never make markup of data."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from custom_components.ruview.panel import FILES, fingerprint

SOURCES = sorted(FILES.rglob("*.js"))
TRANSLATIONS = FILES.parent / "translations"
SELECTOR = json.loads((TRANSLATIONS / "en.json").read_text(encoding="utf-8"))["selector"]
SENTENCES = set(SELECTOR["panel"]["options"])
#: Files beyond this are to be split. Origin: STYLE, rule 1 "talk at 400".
MAX_LINES = 400
#: What would turn text of strangers into markup or code.
DANGEROUS = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(FILES).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_source_parses(path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine to parse JavaScript with")
    command = [node, "--input-type=module", "--check"]
    done = subprocess.run(command, input=text_of(path), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_source_is_harmless_and_short(path: Path) -> None:
    text = text_of(path)
    assert text.startswith("/* "), "a file begins by saying what it is"
    assert not [word for word in DANGEROUS if word in text]
    assert len(text.splitlines()) <= MAX_LINES
    assert max(map(len, text.splitlines())) <= 160


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_exist_and_are_used(path: Path) -> None:
    text = text_of(path)
    for names, target in re.findall(r'^import \{([^}]+)\} from "([^"]+)";', text, re.MULTILINE):
        assert target.startswith("."), "nothing is fetched from elsewhere"
        exported = set(
            re.findall(r"^export (?:async )?(?:const|class|function) (\w+)", text_of(path.parent / target), re.M)
        )
        body = re.sub(r"^import .*$", "", text, flags=re.MULTILINE)
        for name in (name.strip() for name in names.split(",")):
            assert name in exported, f"{target} has no {name}"
            assert re.search(rf"\b{name}\b", body), f"{name} is imported and not used"


def test_every_sentence_is_translated_and_used() -> None:
    everything = "\n".join(text_of(path) for path in SOURCES)
    asked = set(re.findall(r'\bt\("([^"]+)"', everything))
    assert asked <= SENTENCES
    quoted = set(re.findall(r'"(\w+)"', everything))
    patterns = [re.sub(r"\$\{[^}]*\}", r"\\w+", made) for made in re.findall(r"\bt\(`([^`]+)`", everything)]
    unused = {key for key in SENTENCES - quoted if not any(re.fullmatch(pattern, key) for pattern in patterns)}
    assert unused == set()


def test_every_group_of_words_exists() -> None:
    everything = "\n".join(text_of(path) for path in SOURCES)
    asked = set(re.findall(r'\bword\("(\w+)"', everything))
    assert "why_not" in asked
    assert asked <= set(SELECTOR)


def test_what_the_panel_calls_like_something_elsewhere_is_called_alike() -> None:
    """Whoever is sent to a button must find it under that name."""
    for path in sorted(TRANSLATIONS.glob("*.json")):
        texts = json.loads(text_of(path))
        panel = texts["selector"]["panel"]["options"]
        door = texts["config_subentries"]["room"]["initiate_flow"]["reconfigure"]
        assert panel["calibration_teach"] == door, path.name
        assert door in panel["matches_none"], path.name
        assert panel["calibration_measure"] == texts["entity"]["button"]["capture_baseline"]["name"], path.name


def test_colours_come_from_the_theme() -> None:
    for path in SOURCES:
        if path.name != "colours.js":
            for line in text_of(path).splitlines():
                bare = re.sub(r"var\([^()]*\)", "", line)
                assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", bare), f"{path.name}: {line.strip()}"


def test_fingerprint_follows_contents(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(FILES, tmp_path / "frontend")
    monkeypatch.setattr("custom_components.ruview.panel.FILES", tmp_path / "frontend")
    before = fingerprint()
    with (tmp_path / "frontend/shared/ring.js").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert fingerprint() != before
