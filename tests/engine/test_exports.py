"""The front door: what importing the engine costs, and what it raises."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import ruview_engine
from ruview_engine.errors import RuviewError


def engine_modules() -> list[str]:
    """Every importable module of the engine, except the one that runs it."""
    return [
        module.name
        for module in pkgutil.walk_packages(ruview_engine.__path__, "ruview_engine.")
        if not module.name.endswith("__main__")
    ]


def test_every_error_is_a_ruview_error() -> None:
    found = []
    for name in engine_modules():
        for _, thing in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if issubclass(thing, BaseException) and thing.__module__.startswith("ruview_engine"):
                found.append(thing)
                assert issubclass(thing, RuviewError), f"{thing} does not derive from RuviewError"
    assert len(set(found)) >= 7, "the error tree was not found"


def test_exported_names_exist() -> None:
    for name in ["ruview_engine", *engine_modules()]:
        module = importlib.import_module(name)
        exported = getattr(module, "__all__", [])
        assert len(exported) == len(set(exported)), f"{name}.__all__ names something twice"
        for entry in exported:
            assert hasattr(module, entry), f"{name}.__all__ promises {entry}"


def test_importing_the_engine_loads_nothing_heavy() -> None:
    """Home Assistant imports the engine at start; each of these would cost it time on a small host."""
    loaded = loaded_after("import ruview_engine")
    assert "ruview_engine" in loaded
    assert not loaded & {"scipy", "safetensors", "rich", "asyncio", "socket", "homeassistant"}


def test_engine_needs_no_home_assistant() -> None:
    """Every module imports although `homeassistant` cannot be imported."""
    loaded = loaded_after(
        "import sys; sys.modules['homeassistant'] = None; sys.modules['voluptuous'] = None\n"
        "import importlib, pkgutil, ruview_engine\n"
        "for module in pkgutil.walk_packages(ruview_engine.__path__, 'ruview_engine.'):\n"
        "    if not module.name.endswith('__main__'): importlib.import_module(module.name)"
    )
    assert "ruview_engine.wire.packet" in loaded


def loaded_after(code: str) -> set[str]:
    """Names in `sys.modules` of a fresh interpreter that ran `code`."""
    printing = f"{code}\nimport sys; print([name for name, module in sys.modules.items() if module])"
    result = subprocess.run(
        [sys.executable, "-c", printing],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    return set(ast.literal_eval(result.stdout.splitlines()[-1]))
