"""The file in which a room travels to another installation: a zip archive of what its folder holds.

It needs a `room.json`; everything else is optional, so that a release may add members. Members that this release does
not know are left out, whatever they are; names that lead out of the folder are an attack and refuse the archive.
"""

import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from ..atomic_file import sync_file
from ..errors import UNREADABLE, FormatError

#: What must be there.
POINTERS: Final = "room.json"
#: Largest archive accepted, unpacked. Origin: derived, see `codec.MAX_ARRAY_BYTES`.
MAX_EXCHANGE_BYTES: Final = 256 * 1024 * 1024
#: Members this release knows. Signatures are named by people, in any alphabet, the others by us.
MEMBER: Final = re.compile(
    r"(?:(?:adaptations|backbone|baselines|banks|captures|changes)/)?[A-Za-z0-9_][A-Za-z0-9_.-]*"
    r"|signatures/\w[\w .-]*\.json"
)


def pack(folder: Path, names: Iterable[str], archive: Path) -> None:
    """Put the files of `folder` that exist and may travel into an archive, which is whole or not there."""
    temporary = archive.with_name(archive.name + ".part")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            if MEMBER.fullmatch(name) and (folder / name).is_file():
                packed.write(folder / name, name)
    sync_file(temporary)
    temporary.replace(archive)


def unpack(archive: Path) -> Mapping[str, bytes]:
    """Name → content of the members that are known. Raises FormatError."""
    try:
        with zipfile.ZipFile(archive) as packed:
            members = [member for member in packed.infolist() if not member.is_dir()]
            for member in members:
                if not _stays_inside(member.filename):
                    raise FormatError(f"{member.filename!r} does not belong into a room's archive")
            known = [member for member in members if MEMBER.fullmatch(member.filename)]
            if sum(member.file_size for member in known) > MAX_EXCHANGE_BYTES:
                raise FormatError("the archive is larger than any room")
            contents = {member.filename: packed.read(member) for member in known}
    except FormatError:
        raise
    except (OSError, *UNREADABLE) as error:
        raise FormatError(f"not a room's archive: {error}") from error
    if POINTERS not in contents:
        raise FormatError(f"the archive has no {POINTERS}")
    return contents


def _stays_inside(name: str) -> bool:
    parts = name.split("/")
    return not any(part in {"", ".", ".."} or "\\" in part or ":" in part for part in parts)
