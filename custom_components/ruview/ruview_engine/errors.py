"""Every error the engine raises.

RuviewError
├─ ShapeError      the caller's array does not fit (also a ValueError)
├─ OrderError      not allowed in this state, e.g. training before a baseline exists
├─ StoreError      something stored cannot be used
│  ├─ Damaged      digest, shape or numbers are wrong: refused, the former file stays in use
│  └─ NewerFormat  written by a newer release: never overwritten by this one
├─ FormatError     a recording, signature or exchange file is not what it claims to be
└─ TrainingError   too little material, or only one class

What strangers send over UDP never raises: it becomes a counted `Undecodable` (see `wire.packet`).
"""

import tokenize
import zipfile
import zlib
from typing import Final


class RuviewError(Exception):
    """Base of everything the engine raises on purpose."""


class ShapeError(RuviewError, ValueError):
    """An array has the wrong shape or dtype; the message says which was expected."""


class OrderError(RuviewError):
    """The call is not allowed in the present state."""


class StoreError(RuviewError):
    """Stored state cannot be used."""


class Damaged(StoreError):
    """Digest, shape or numbers are wrong; nothing was loaded."""


class NewerFormat(StoreError):
    """Written by a newer release; refused and left untouched."""


class FormatError(RuviewError):
    """A file handed in by a person is not what it claims to be."""


class TrainingError(RuviewError):
    """Training cannot give an honest result from this material."""


#: What Python raises when plain values from outside are not of the form that is read out of them: a key that is not
#: there, a list for a number, a number too large for its place, nesting without end. Whoever reads such values turns
#: these into one of the errors above.
MISSHAPEN: Final = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)

#: What Python and numpy raise when an archive, with or without arrays, is damaged, locked, packed oddly or too large.
UNREADABLE: Final = (
    *MISSHAPEN,
    EOFError,
    MemoryError,
    RuntimeError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
