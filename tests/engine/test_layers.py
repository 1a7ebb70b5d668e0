"""The layers of docs/architecture.md, checked against the imports that are really there."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "custom_components/ruview/ruview_engine"

#: What turns told into asked: clocks, sockets, loops, and the house around the engine.
OUTSIDE = {
    "homeassistant",
    "voluptuous",
    "probatio",
    "asyncio",
    "socket",
    "select",
    "selectors",
    "time",
    "datetime",
    "threading",
    "subprocess",
    "logging",
}
#: Files may be touched where people hand us some, and nowhere else below the command line.
FILES = {"os", "pathlib", "tempfile", "shutil", "glob"}
MAY_TOUCH_FILES = {
    "atomic_file.py",
    "room/event_log.py",
    "room/exchange.py",
    "room/repository.py",
    "room/shelf.py",
    "ingest/arrays.py",
    "ingest/recording.py",
    "introspection/library.py",
    "introspection/signature.py",
    "training/backbone.py",
}
#: Heavy, and never needed for a frame: only inside the function that needs it.
SLOW = {"safetensors", "rich", "huggingface_hub"}


def ranks() -> dict[str, int]:
    """The table of docs/architecture.md: package or module → layer."""
    table = re.findall(
        r"^\| (\d) \| ([^|]*) \|", (ROOT / "docs/architecture.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    return {name: int(layer) for layer, names in table for name in re.findall(r"`(\w+)`", names)}


RANKS = ranks()
MODULES = sorted(path.relative_to(ENGINE).as_posix() for path in ENGINE.rglob("*.py"))
#: The front door gathers names from everywhere; nothing inside may import it.
FRONT_DOOR = "__init__.py"
#: `engine` and its neighbours, which may use each other.
TOP = 6


def room_of(module: str) -> str:
    """`links/ring.py` → `links`, `engine.py` → `engine`."""
    return module.split("/", 1)[0].removesuffix(".py")


def rank_of(room: str) -> int:
    """Its layer; modules beside the packages compose them and are the top, unless the table says otherwise."""
    return RANKS.get(room, TOP)


@cache
def imports(module: str) -> tuple[tuple[ast.Import | ast.ImportFrom, bool], ...]:
    """Every import statement, and whether it runs as soon as the module is imported."""

    def walk(node: ast.AST, at_import: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                yield child, at_import
            inside_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for_types_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            yield from walk(child, at_import and not inside_function and not for_types_only)

    return tuple(walk(ast.parse((ENGINE / module).read_text(encoding="utf-8")), True))


def outside_names(module: str) -> Iterator[tuple[str, bool]]:
    """Top-level packages a module imports absolutely."""
    for statement, at_import in imports(module):
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield alias.name.split(".")[0], at_import
        elif statement.level == 0:
            yield (statement.module or "").split(".")[0], at_import


def inside_rooms(module: str) -> Iterator[str]:
    """Rooms of the engine a module imports relatively; `.` is the front door."""
    folder = (ENGINE / module).parent.relative_to(ENGINE).parts
    for statement, _ in imports(module):
        if not isinstance(statement, ast.ImportFrom) or statement.level == 0:
            continue
        base = folder[: len(folder) - statement.level + 1]
        named = (statement.module or "").split(".") if statement.module else []
        paths = [[*base, *named]] if base or named else [[alias.name] for alias in statement.names]
        for path in paths:
            is_room = path[0] in RANKS or (ENGINE / path[0]).exists() or (ENGINE / f"{path[0]}.py").exists()
            yield path[0] if is_room else "."


def test_table_names_everything() -> None:
    missing = {room_of(module) for module in MODULES if "/" in module} - set(RANKS)
    assert not missing, f"docs/architecture.md gives no layer to {missing}"
    assert len(MODULES) > 20, "the engine was not found"


@pytest.mark.parametrize("module", [module for module in MODULES if module != FRONT_DOOR])
def test_imports_only_from_smaller_layers(module: str) -> None:
    own = room_of(module)
    for room in inside_rooms(module):
        assert room != ".", f"{module} imports the front door"
        mine, theirs = rank_of(own), rank_of(room)
        if room != own and not mine == theirs == TOP:
            assert theirs < mine, f"{module} (layer {mine}) imports {room} (layer {theirs})"


@pytest.mark.parametrize("module", MODULES)
def test_inner_imports_are_relative(module: str) -> None:
    """The engine has two absolute names, here and in Home Assistant; only relative imports mean the same under both."""
    names = {name for name, _ in outside_names(module)}
    assert not names & {"ruview_engine", "custom_components", "homeassistant"}


@pytest.mark.parametrize("module", [module for module in MODULES if rank_of(room_of(module)) < TOP])
def test_core_is_told_everything(module: str) -> None:
    names = {name for name, _ in outside_names(module)}
    assert not names & OUTSIDE, "clocks, sockets and threads live in cli/ and in the integration"
    if module not in MAY_TOUCH_FILES:
        assert not names & FILES, "files live in room/repository.py, cli/ and the integration"


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_imported_that_nobody_installs(module: str) -> None:
    """Numpy and safetensors are required; progress and downloads are optional and belong to commands and training."""
    foreign = {name for name, _ in outside_names(module)} - sys.stdlib_module_names
    assert foreign <= {"numpy"} | SLOW


@pytest.mark.parametrize("module", [module for module in MODULES if not module.startswith("cli/")])
def test_slow_libraries_load_on_first_use(module: str) -> None:
    at_import = {name for name, runs in outside_names(module) if runs}
    assert not at_import & SLOW, "import it inside the function that needs it"
