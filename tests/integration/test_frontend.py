"""The sources of panel and card, read as text: they parse, fit together, and never make markup of data."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from custom_components.ruview.panel import FILES, fingerprint

SOURCES = sorted(FILES.rglob("*.js"))
WORDS = FILES / "shared/words.js"
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


def test_every_sentence_is_in_the_table_and_used() -> None:
    table = set(re.findall(r'^ {2}"([^"]+)": "', text_of(WORDS), re.MULTILINE))
    everything = "\n".join(text_of(path) for path in SOURCES if path != WORDS)
    asked = set(re.findall(r'\bt\("([^"]+)"', everything))
    assert asked <= table
    quoted = set(re.findall(r'"([\w.]+)"', everything))
    patterns = [
        re.escape(made).replace(r"\$\{\}", r"[\w.]+")
        for made in (re.sub(r"\$\{[^}]*\}", "${}", made) for made in re.findall(r"\bt\(`([^`]+)`", everything))
    ]
    unused = {
        key
        for key in table
        if key not in quoted and not key.startswith("why.") and not any(re.fullmatch(p, key) for p in patterns)
    }
    assert unused == set()


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
