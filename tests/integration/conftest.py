"""Fixtures of the integration's tests: the real engine, frames of our own making, no mocks of our own code."""

# Before the test plugin's own `custom_components` can take the name.
import custom_components.ruview  # isort: skip

import pytest


@pytest.fixture(autouse=True)
def _ours(enable_custom_integrations: None) -> None:
    """Let Home Assistant load this integration."""
    assert custom_components.ruview.DOMAIN == "ruview"
    return
