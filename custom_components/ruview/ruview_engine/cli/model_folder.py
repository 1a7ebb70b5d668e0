"""A model folder on the disk: the former one or the whole new one."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from ..errors import FormatError


def must_be_replaceable(target: Path) -> None:
    """Raises FormatError rather than let a folder be replaced that no training run wrote."""
    if target.exists() and not (target.is_dir() and ((target / "config.json").is_file() or not any(target.iterdir()))):
        raise FormatError(f"{target} exists and is not a model folder; choose another or remove it")


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """All files or none: written beside `target`, then renamed over it; a former run's folder is replaced as a whole.

    Raises FormatError as `must_be_replaceable` does.
    """
    must_be_replaceable(target)
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    former = target.with_name(f".{target.name}.{os.getpid()}.old")
    try:
        for name, data in files.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        if target.exists():
            target.rename(former)
        beside.rename(target)
    except OSError:
        if former.exists() and not target.exists():
            former.rename(target)
        raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)
