"""The shipped blueprints are valid, complete, and importable from where they say they are."""

from pathlib import Path

import pytest
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.util.yaml import load_yaml_dict

from custom_components.ruview.const import DOCS_URL

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "blueprints").rglob("*.yaml"))


def test_there_are_blueprints() -> None:
    assert len(FILES) >= 3


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_blueprint_is_valid(file: Path) -> None:
    blueprint = Blueprint(
        load_yaml_dict(file), path=file.name, expected_domain="automation", schema=AUTOMATION_BLUEPRINT_SCHEMA
    )
    assert blueprint.validate() is None  # of this Home Assistant's version
    assert blueprint.metadata["source_url"] == f"{DOCS_URL}/blob/main/{file.relative_to(ROOT).as_posix()}"
    for name, entry in blueprint.inputs.items():
        assert entry, name
        assert entry["name"], name
        assert entry["description"], name
        assert entry["selector"], name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_readme_imports_it(file: Path) -> None:
    address = f"{DOCS_URL}/blob/main/{file.relative_to(ROOT).as_posix()}".replace(":", "%3A").replace("/", "%2F")
    assert address in (ROOT / "README.md").read_text(encoding="utf-8")
