"""Addresses and given names inside what leaves the house: a number in place of each, so that they can be told apart."""

import re
from collections.abc import Collection
from typing import Any, Final

#: A transmitter at the end of a link's name, a board's address after `@`, any radio address written with colons.
ADDRESS: Final = re.compile(r"(?<=/)[0-9a-f]{12}(?![0-9a-f])|(?<=@)[^/\s]+|\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b")
#: The file of a signature is called as its owner called the signature.
GIVEN: Final = re.compile(r"(?<=\bsignatures/).+(?=\.json)")


class Pseudonyms:
    """The same address or name has the same number wherever it stands.

    names : keys whose values people made up
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = frozenset(names)
        self._numbers: dict[str, int] = {}

    def hide(self, value: Any) -> Any:
        """`value` with a number for every address and given name, in its texts and its keys."""
        if isinstance(value, str):
            found = ADDRESS.sub(lambda match: self._number("address", match[0]), value)
            return GIVEN.sub(lambda match: self._number("name", match[0]), found)
        if isinstance(value, dict):
            return {self.hide(key): self._hide_of(key, item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.hide(item) for item in value]
        return value

    def _hide_of(self, key: str, value: Any) -> Any:
        return self._number("name", value) if key in self._names and isinstance(value, str) else self.hide(value)

    def _number(self, kind: str, word: str) -> str:
        return f"{kind}-{self._numbers.setdefault(word, len(self._numbers) + 1)}"
