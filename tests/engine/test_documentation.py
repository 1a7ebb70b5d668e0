"""Every page, heading, file and picture that the documentation or the code points to is there."""

import re
import subprocess
import sys
from contextlib import redirect_stdout, suppress
from functools import cache
from io import StringIO
from pathlib import Path

import pytest

from ruview_engine.cli.commands import main

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "blueprints").rglob("*.md"))
    if path.is_file()
)
CODE = [
    path
    for folder in ("custom_components", "tests", "benchmarks", "blueprints", "script")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file()
    and (path.suffix in {".py", ".yaml", ".json", ".js"} or (folder == "script" and not path.suffix))
    and "__pycache__" not in path.parts
]
ADDRESS = "https://github.com/ruview/ruview-home-assistant"
PICTURES_BYTES = 3_000_000
PICTURE_BYTES = 300_000


@cache
def prose(page: Path) -> str:
    """A page without its code: blocks and spans are no links."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors GitHub gives the headings of a page, and those written as HTML."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found: set[str] = set(re.findall(r'<a (?:id|name)="([^"]+)"', text))
    for heading in re.findall(r"^#+ +(.+?)\s*$", text, flags=re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        number = 0
        while (unique := slug if number == 0 else f"{slug}-{number}") in found:
            number += 1
        found.add(unique)
    return frozenset(found)


def problem(base: Path, target: str) -> str | None:
    """What is wrong with a relative link from a page, if anything."""
    path, _, anchor = target.partition("#")
    page = (base.parent / path).resolve() if path else base
    if not page.exists():
        return f"{target}: no such file"
    if not page.is_relative_to(ROOT):
        return f"{target}: outside the repository"
    if anchor and page.suffix == ".md" and anchor not in anchors(page):
        return f"{target}: no such heading"
    return None


def links(page: Path) -> list[str]:
    """Targets of a page's links and pictures, in Markdown and in HTML."""
    text = prose(page)
    return re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href|srcset)="([^"]+)"', text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    wrong = []
    for target in links(page):
        if target.startswith(f"{ADDRESS}/blob/main/"):
            found = problem(ROOT / "README.md", target.removeprefix(f"{ADDRESS}/blob/main/"))
        elif re.match(r"[a-z]+:", target):
            continue
        else:
            found = problem(page, target)
        if found:
            wrong.append(found)
    assert not wrong


def test_what_the_code_says_about_pages_is_true() -> None:
    wrong, seen = [], 0
    for file in CODE:
        if file == Path(__file__):
            continue
        for target in re.findall(r"\bdocs/[\w/-]+\.md(?:#[\w-]+)?", file.read_text(encoding="utf-8")):
            seen += 1
            if found := problem(ROOT / "README.md", target):
                wrong.append(f"{file.relative_to(ROOT)}: {found}")
    assert seen > 20
    assert not wrong, "\n".join(wrong)


def test_files_named_in_pages_are_there() -> None:
    """Paths in code spans that begin with a folder of ours."""
    wrong = []
    for page in PAGES:
        for path in re.findall(
            r"`((?:tests|benchmarks|script|docs|blueprints|custom_components|signatures)/[\w./-]+)`",
            page.read_text("utf-8"),
        ):
            if not (ROOT / path).exists():
                wrong.append(f"{page.relative_to(ROOT)}: {path}")
    assert not wrong, "\n".join(wrong)


def test_modules_named_in_pages_are_there() -> None:
    """`room/gate.py` may mean the engine's, the integration's or a file from the top."""
    homes = (ROOT, ROOT / "custom_components/ruview", ROOT / "custom_components/ruview/ruview_engine")
    wrong, seen = [], 0
    for page in PAGES:
        for path in re.findall(r"`([\w-]+/[\w/-]+\.(?:py|js))`", page.read_text("utf-8")):
            seen += 1
            if not any((home / path).is_file() for home in homes):
                wrong.append(f"{page.relative_to(ROOT)}: {path}")
    assert seen > 50
    assert not wrong, "\n".join(wrong)


#: Where figures are repeated: rows and points with a link to the page that they come from.
REPEATED = (ROOT / "README.md", ROOT / "docs/known-limits.md", ROOT / "CHANGELOG.md")
FIGURE = re.compile(r"(?<![\w.–-])\d+(?:\.\d+)?(?![\w.]*\d|-)")


def figures(text: str) -> set[str]:
    """Numbers of a text, those of links, code and dates apart."""
    plain = re.sub(r"\]\([^)]*\)|`[^`\n]*`|\d{4}-\d\d-\d\d", " ", text)
    return set(FIGURE.findall(plain))


@pytest.mark.parametrize("page", REPEATED, ids=lambda page: page.name)
def test_figures_repeated_are_those_of_the_page_they_come_from(page: Path) -> None:
    wrong, seen = [], 0
    for passage in re.split(r"\n(?=[|*-])|\n\n", page.read_text(encoding="utf-8")):
        sources = {
            target.partition("#")[0] for target in re.findall(r"\]\(([^)]*benchmarks/[\w-]+\.md[^)]*)\)", passage)
        }
        if not sources:
            continue
        known = set().union(
            *(figures((page.parent / source).read_text("utf-8").replace("/", " ")) for source in sources)
        )
        # smaller ones are seconds, factors and counts in prose, which a page may put in other words
        told = {one for one in figures(passage) if float(one) >= 10}
        seen += len(told)
        if missing := told - known:
            wrong.append(f"{sorted(missing)} are not in {sorted(sources)}: {passage[:70]}")
    assert seen
    assert not wrong, "\n".join(wrong)


def test_pictures_are_used_and_small() -> None:
    pictures = sorted(path for path in (ROOT / "docs/images").iterdir() if path.is_file())
    assert pictures
    used = {
        (page.parent / target).resolve() for page in PAGES for target in links(page) if not re.match(r"[a-z]+:", target)
    }
    for picture in pictures:
        assert picture.resolve() in used, f"{picture.name} is shown nowhere"
        assert picture.stat().st_size <= PICTURE_BYTES, f"{picture.name} is too large"
    assert sum(picture.stat().st_size for picture in pictures) <= PICTURES_BYTES


def test_every_picture_says_what_it_shows() -> None:
    for page in PAGES:
        for alternative in re.findall(r"!\[([^\]]*)\]\((?!https?:)", prose(page)):
            assert len(alternative) > 10, f"{page.name}: a picture without words"
        for image in re.findall(r"<img [^>]*>", prose(page)):
            assert re.search(r'alt="[^"]{11,}"', image), f"{page.name}: {image}"


def test_a_dead_link_would_be_found(tmp_path: Path) -> None:
    readme = ROOT / "README.md"
    assert problem(readme, "docs/nowhere.md") is not None
    assert problem(readme, "docs/wire-format.md#no-such-heading") is not None
    assert problem(readme, "docs/wire-format.md#raw-csi") is None


def test_architecture_has_a_place_for_every_file_of_the_integration() -> None:
    """Named once, in the table that says in which part of the house one is."""
    table = re.search(
        r"^### the integration$.*?^## ", (ROOT / "docs/architecture.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert table
    named = re.findall(r"`(\w+\.py)`", table[0])
    assert sorted(named) == sorted(path.name for path in (ROOT / "custom_components/ruview").glob("*.py"))


#: A command in a page: the engine's and its words, a benchmark, or a script; then what is given to it.
CALLS = re.compile(r"(?:python -m ([\w.]+)|(script/[\w-]+))((?: [^\n`]*)?)")


def test_options_of_commands_shown_exist() -> None:
    wrong, seen = [], 0
    for page in PAGES:
        for module, script, given in CALLS.findall(page.read_text(encoding="utf-8")):
            options = set(re.findall(r"--[a-z][a-z-]+", given)) - {"--help"}
            if not options:
                continue
            if module == "ruview_engine":
                words = re.findall(r" ([a-z][a-z-]*)(?= )", given.partition(" --")[0] + " ")
                known = help_of(*words)
            else:
                place = ROOT / (script or f"{module.replace('.', '/')}.py")
                known = place.read_text(encoding="utf-8")
            seen += len(options)
            wrong += [
                f"{page.name}: no {one} in {module}{script}" for one in options if not re.search(rf"{one}\b", known)
            ]
    assert seen > 20
    assert not wrong, "\n".join(wrong)


@cache
def help_of(*words: str) -> str:
    """What a command of the engine says about itself."""
    said = StringIO()
    with redirect_stdout(said), suppress(SystemExit):
        main([*words, "--help"])
    return said.getvalue()


def test_commands_shown_exist() -> None:
    """`python -m ruview_engine COMMAND` in any page."""
    shown = {
        command
        for page in PAGES
        for command in re.findall(r"python -m ruview_engine ([a-z][a-z-]+)", page.read_text(encoding="utf-8"))
    }
    listing = subprocess.run(
        [sys.executable, "-m", "ruview_engine", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert shown
    for command in shown:
        assert re.search(rf"\b{command}\b", listing), f"no command {command}"
