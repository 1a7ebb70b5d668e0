"""Documents in a folder: JSON and arrays in two files that count as one, whatever moment the process is killed at.

Arrays are written first and wait beside the old ones until the JSON that names their digest is in place. Whoever reads
takes the arrays that the JSON names: the old file, or the new one whose renaming was missed.
"""

import contextlib
from pathlib import Path

from ..atomic_file import sync_folder, write_atomically
from ..errors import Damaged, StoreError
from . import codec
from .codec import Document


class Shelf:
    """`<folder>/<kind>/<name>.json` and `.npz`. Names are the caller's to check. Not for two processes at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, kind: str, name: str, document: Document) -> None:
        """Put a document in the place of the former one of that name. Raises OSError."""
        path = self._place(f"{kind}/{name}")
        self.settle(f"{kind}/{name}")
        if document.arrays is not None:
            write_atomically(_waiting(path), document.arrays)
        write_atomically(path, document.text)
        if document.arrays is not None:
            _waiting(path).replace(path.with_suffix(".npz"))
        else:
            path.with_suffix(".npz").unlink(missing_ok=True)
        sync_folder(path.parent)

    def read(self, kind: str, name: str) -> Document:
        """A document as it is; whether it is sound is for `codec` to say. Raises Damaged when there is no JSON."""
        path = self._place(f"{kind}/{name}")
        try:
            text = path.read_bytes()
        except OSError as error:
            raise Damaged(f"cannot be read: {error.strerror}") from error
        found = Document(text=text, arrays=None)
        if codec.has_arrays(found):
            return found
        for candidate in (path.with_suffix(".npz"), _waiting(path)):
            if candidate.is_file():
                found = Document(text=text, arrays=candidate.read_bytes())
                if codec.has_arrays(found):
                    return found
        return found

    def has(self, kind: str, name: str) -> bool:
        """Whether there is such a document, sound or not."""
        return self._place(f"{kind}/{name}").exists()

    def names(self, kind: str) -> list[str]:
        """All documents of one kind, in the order of their names."""
        return sorted(path.stem for path in (self._folder / kind).glob("*.json"))

    def oldest_first(self, kind: str) -> list[str]:
        """All documents of one kind, by when they were written."""
        found = sorted((self._folder / kind).glob("*.json"), key=lambda path: path.stat().st_mtime)
        return [path.stem for path in found]

    def drop(self, kind: str, name: str) -> None:
        """Delete a document, if it is there."""
        path = self._place(f"{kind}/{name}")
        path.unlink(missing_ok=True)
        path.with_suffix(".npz").unlink(missing_ok=True)

    def settle(self, place: str) -> None:
        """Finish a renaming that a crash prevented: what `kind/name` names must not be taken for newer arrays."""
        path = self._place(place)
        waiting = _waiting(path)
        if not waiting.is_file():
            return
        with contextlib.suppress(OSError, StoreError):
            if codec.has_arrays(Document(text=path.read_bytes(), arrays=waiting.read_bytes())):
                waiting.replace(path.with_suffix(".npz"))
                sync_folder(path.parent)

    def _place(self, place: str) -> Path:
        return self._folder / f"{place}.json"


def _waiting(path: Path) -> Path:
    """Where new arrays wait for the JSON that names them."""
    return path.with_suffix(".npz.new")
