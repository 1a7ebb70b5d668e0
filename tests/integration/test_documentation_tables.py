"""The tables of the documentation say what the code says."""

import importlib.util
import re
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def make_docs() -> ModuleType:
    loader = SourceFileLoader("make_docs", str(ROOT / "script/make_docs"))
    spec = importlib.util.spec_from_loader("make_docs", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_every_table_is_current(make_docs: ModuleType) -> None:
    for page in make_docs.pages():
        text = page.read_text(encoding="utf-8")
        assert make_docs.renewed(text) == text, f"{page.relative_to(ROOT)} is out of date: run script/make_docs"


def test_every_table_is_shown_somewhere(make_docs: ModuleType) -> None:
    shown = {name for page in make_docs.pages() for name in make_docs.MARKED.findall(page.read_text(encoding="utf-8"))}
    assert shown == set(make_docs.TABLES)


def test_every_entity_has_its_sentence(make_docs: ModuleType) -> None:
    keys = {row.key for kind in ("room", "node", "hub") for _, row in make_docs.descriptions(kind)}
    assert keys == set(make_docs.SAYS)


def test_a_page_out_of_date_is_noticed(make_docs: ModuleType) -> None:
    page = "<!-- table: poses -->\n\n| old |\n\n<!-- end of table -->\n"
    fresh = make_docs.renewed(page)
    assert "| old |" not in fresh
    assert make_docs.renewed(fresh) == fresh
    assert len(re.findall(r"^\| \*\*", fresh, re.MULTILINE)) == 8
