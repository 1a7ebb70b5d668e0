"""What all engine tests share: where recordings are, and the seed."""

import os
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real recordings; tests that need it are skipped where it is absent."""
    path = Path(os.environ.get("RUVIEW_DATA", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"no recordings at {path}; set RUVIEW_DATA to run this test")
    return path


@pytest.fixture
def rng() -> np.random.Generator:
    """Fixed seed: a failing test fails again."""
    return np.random.default_rng(20260403)
