"""All signatures of an installation; reading the files is the caller's part."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from .signature import Signature, SignatureError, parse_signature

#: Signatures in one library. Origin: derived, 100 × 64 × 16 cost ≈ 85 µs per frame; beyond that a tap is not free.
MAX_SIGNATURES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Library:
    """What could be read, and what could not and why.

    signatures : by id, in file order
    files : id → name of the file it came from
    errors : file name → the named error; one bad file never hides the good ones
    """

    signatures: Mapping[str, Signature] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, SignatureError] = field(default_factory=dict)

    @classmethod
    def load(cls, files: Iterable[tuple[str, str]]) -> Self:
        """From (file name, text) pairs. A reload is simply a new library put in the old one's place."""
        signatures: dict[str, Signature] = {}
        origins: dict[str, str] = {}
        errors: dict[str, SignatureError] = {}
        for name, text in files:
            try:
                signature = parse_signature(text)
                if signature.id in signatures:
                    raise SignatureError("id", f"{signature.id!r} is used by another file")
                if len(signatures) >= MAX_SIGNATURES:
                    raise SignatureError("", f"a library holds at most {MAX_SIGNATURES} signatures")
            except SignatureError as error:
                errors[name] = error
            else:
                signatures[signature.id] = signature
                origins[signature.id] = name
        return cls(signatures=signatures, files=origins, errors=errors)

    def __len__(self) -> int:
        return len(self.signatures)
