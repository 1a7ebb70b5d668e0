"""What the repository says about itself in several places must be one thing."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPONENT = ROOT / "custom_components/ruview"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
#: The one place that states the address.
ADDRESS = PROJECT["urls"]["Repository"]


def tracked() -> list[Path]:
    """Files of the repository as git knows them; without git, all but what tools leave behind."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode == 0:
        return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    left_behind = {".git", ".venv", ".python", ".cache", ".demo", "node_modules"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not left_behind & set(path.relative_to(ROOT).parts)]


def texts() -> list[tuple[str, str]]:
    """Name and content of every tracked text file."""
    found = []
    for path in tracked():
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            if b"\0" not in data:
                found.append((path.relative_to(ROOT).as_posix(), data.decode("utf-8", errors="replace")))
    return found


TEXTS = texts()


def test_repository_was_read() -> None:
    names = {name for name, _ in TEXTS}
    assert {"pyproject.toml", "README.md", "hacs.json", "custom_components/ruview/manifest.json"} <= names


def test_address_is_the_same_everywhere() -> None:
    owner_and_name = ADDRESS.removeprefix("https://github.com/")
    name = owner_and_name.split("/")[1]
    mentions = 0
    for file, text in TEXTS:
        for found in re.findall(r"([\w.-]+)/" + re.escape(name), text):
            mentions += 1
            assert f"{found}/{name}" == owner_and_name, f"{file} names another owner: {found}/{name}"
        # Redirect links carry owner and repository as separate parameters.
        for owner, repository in re.findall(r"[?&]owner=([\w.-]+)&(?:amp;)?repository=([\w.-]+)", text):
            assert f"{owner}/{repository}" == owner_and_name, f"{file} links to {owner}/{repository}"
    assert mentions >= 4, "README, manifest and pyproject must name the address"


def test_manifest_agrees_with_project() -> None:
    manifest = json.loads((COMPONENT / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["version"] == PROJECT["version"]
    assert manifest["documentation"].startswith(ADDRESS)
    assert manifest["issue_tracker"] == f"{ADDRESS}/issues"
    assert manifest["domain"] == COMPONENT.name
    assert sorted(manifest["requirements"]) == sorted(PROJECT["dependencies"])
    assert list(manifest)[:2] == ["domain", "name"]
    assert list(manifest)[2:] == sorted(list(manifest)[2:]), "hassfest wants domain, name, then the alphabet"


def test_hacs_installs_one_self_contained_folder() -> None:
    folders = [
        path.name for path in (ROOT / "custom_components").iterdir() if path.is_dir() and path.name != "__pycache__"
    ]
    assert folders == ["ruview"], "HACS takes every folder that begins with the domain"
    links = [path for path in COMPONENT.rglob("*") if path.is_symlink()]
    assert not links, f"links arrive as text files: {links}"
    assert (COMPONENT / "ruview_engine/__init__.py").is_file()
    known = "name homeassistant hide_default_branch content_in_root country filename hacs persistent_directory"
    settings = json.loads((ROOT / "hacs.json").read_text(encoding="utf-8"))
    assert set(settings) <= {*known.split(), "render_readme", "zip_release"}, "HACS refuses keys it does not know"


def test_link_at_the_top_is_a_signpost() -> None:
    link = ROOT / "ruview_engine"
    if link.is_symlink():  # a download as zip has a text file instead, and must work all the same
        assert link.resolve() == (COMPONENT / "ruview_engine").resolve()


@pytest.mark.parametrize("file", sorted(path.name for path in (ROOT / "requirements").glob("*.txt")))
def test_requirements_are_pinned_without_addresses(file: str) -> None:
    lines = [
        line
        for line in (ROOT / "requirements" / file).read_text(encoding="utf-8").splitlines()
        if line and line[0] not in "# "
    ]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[\w,]+\])?==[^\s;]+( ;[^#]*)?(\s*#.*)?", line), (
            f"not a plain pin: {line}"
        )
        assert "://" not in line


@pytest.mark.parametrize("name", ["script/setup", "script/test", "script/lint", "script/demo", ".ci/run"])
def test_commands_can_be_run(name: str) -> None:
    path = ROOT / name
    assert path.stat().st_mode & 0o111, f"{name} is not executable"
    assert "set -euo pipefail" in path.read_text(encoding="utf-8")


def test_no_machine_of_ours_shows() -> None:
    """No absolute path of the machine something was written on, and no address of a package registry."""
    paths = re.compile(r"(?<![\w.])/(?:work|home/\w+|Users/\w+)/(?!\.\.)\w")
    registries = re.compile(r"https?://[\w.-]*(?:pypi|pythonhosted|npmjs|debian)\.\w+", re.IGNORECASE)
    for file, text in TEXTS:
        if file != "tests/engine/test_repository.py":
            assert not paths.search(text), f"{file}: {paths.search(text)}"
            assert not registries.search(text), f"{file}: {registries.search(text)}"


def test_release_notes_refuse_other_versions() -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "script/release-notes", "v999.0.0"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "999.0.0" in result.stderr
    assert not result.stdout
