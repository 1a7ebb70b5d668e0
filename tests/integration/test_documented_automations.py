"""Every automation shown in the documentation is one that Home Assistant accepts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from homeassistant.components.automation.config import async_validate_config_item
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from .conftest import House

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def shown() -> Iterator[Any]:
    """YAML blocks that are an automation or a part of one, completed where a part is shown alone."""
    for page in PAGES:
        for number, block in enumerate(re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.M)):
            content = yaml.safe_load(block)
            if isinstance(content, list):
                key = "triggers" if "trigger" in content[0] else "conditions"
                content = {key: content}
            if isinstance(content, dict) and content.keys() & {"triggers", "conditions", "actions"}:
                yield pytest.param(content, id=f"{page.stem}-{number}")


CASES = list(shown())


def test_there_are_examples() -> None:
    assert len(CASES) >= 6


@pytest.mark.parametrize("part", CASES)
async def test_example_is_accepted(hass: HomeAssistant, house: House, part: dict[str, Any]) -> None:
    assert await async_setup_component(hass, "automation", {})
    trigger = {"trigger": "state", "entity_id": "input_boolean.any"}
    config = {"alias": "shown", "triggers": [trigger], "conditions": [], "actions": [], **part}
    validated = await async_validate_config_item(hass, "shown", config)
    assert validated is not None
    assert validated.validation_error is None, validated.validation_error
