"""The signature files of one room: written by us, edited by anybody, read again when one has changed."""

from collections.abc import Iterator
from pathlib import Path

from .ruview_engine.atomic_file import write_atomically
from .ruview_engine.introspection.library import Library
from .ruview_engine.introspection.signature import Signature


class SignatureFolder:
    """`library` is what the files said when they were last looked at. Everything here is for the executor."""

    def __init__(self, folder: Path) -> None:
        self.library = Library()
        self._folder = folder
        self._stamps: dict[str, tuple[int, int]] = {}

    def look(self) -> bool:
        """Read all files again if any was written, added or removed since the last look; says whether that was so.

        What cannot be read is in `library.errors` and hides nothing else.
        """
        stamps = dict(self._look_around())
        if stamps == self._stamps:
            return False
        self._stamps = stamps
        self.library = Library.load((name, _text(self._folder / name)) for name in sorted(stamps))
        return True

    def write(self, signature: Signature) -> None:
        """Store one, in place of that of the same id whatever its file is called."""
        write_atomically(self._file(signature.id), signature.to_text().encode())
        self.look()

    def delete(self, signature_id: str) -> None:
        """Forget one."""
        self._file(signature_id).unlink(missing_ok=True)
        self.look()

    def _file(self, signature_id: str) -> Path:
        return self._folder / self.library.files.get(signature_id, f"{signature_id}.json")

    def _look_around(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Name, and what changes whenever the content does."""
        for path in self._folder.glob("*.json"):
            try:
                status = path.stat()
            except OSError:  # removed in this very moment
                continue
            yield path.name, (status.st_mtime_ns, status.st_size)


def _text(path: Path) -> str:
    """What is not text, or cannot be opened, will not be JSON either and is named for that."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return f"cannot be read: {error.strerror}"
