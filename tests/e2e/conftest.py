"""End-to-end tests run against a real Home Assistant process, never inside one."""

import shutil
import signal
from collections.abc import Iterator

import pytest

from .browser import executable
from .config_folder import ROOT, prepare
from .homeassistant_process import HomeAssistantProcess, free_port


def pytest_configure() -> None:
    """Being told to end is like Ctrl-C: what the tests have started is ended in order."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is end to end."""
    for item in items:
        if "/tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)


#: Lamps to be switched by automations, and a file for automations as the editor writes it.
HELPERS = """\
automation: !include automations.yaml
input_boolean:
  lamp:
  came:
  stirred:
  reminded:
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HomeAssistantProcess]:
    """A running Home Assistant with our component installed and nothing set up yet; one per test module."""
    folder = prepare(tmp_path_factory.mktemp("home") / "config", free_port(), more=HELPERS)
    (folder.path / "automations.yaml").write_text("[]\n", encoding="utf-8")
    shutil.copytree(ROOT / "blueprints", folder.path / "blueprints")
    with HomeAssistantProcess(folder) as process:
        yield process


@pytest.fixture(scope="session")
def browser() -> None:
    """Tests that ask for it need a browser on this machine."""
    if executable() is None:
        pytest.skip("no Chromium or Chrome here; set RUVIEW_CHROMIUM to run this test")
