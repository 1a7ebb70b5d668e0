"""Options of the whole test tree."""

import pytest
from hypothesis import settings

#: Examples of a property that does not say otherwise; twenty times as many with --run-slow. None has a deadline: a busy
#: machine is no counterexample.
settings.register_profile("default", max_examples=100, deadline=None)
settings.register_profile("slow", max_examples=2000, deadline=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--run-slow` also runs what takes minutes."""
    parser.addoption("--run-slow", action="store_true", default=False, help="also run tests marked slow")


def pytest_configure(config: pytest.Config) -> None:
    """Before test modules are imported: their properties take the number of examples then."""
    settings.load_profile("slow" if config.getoption("--run-slow") else "default")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave slow tests out unless they are asked for."""
    if config.getoption("--run-slow"):
        return
    skip = pytest.mark.skip(reason="slow: run with --run-slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)
