"""Addresses inside names (of links, of boards kept apart), for what leaves the house: a number in place of each."""

import re
from typing import Any, Final

#: A transmitter at the end of a link's name, a board's address after `@`, and any radio address written with colons.
ADDRESSES: Final = re.compile(r"(?<=/)[0-9a-f]{12}(?![0-9a-f])|(?<=@)[^/\s]+|\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b")


class Pseudonyms:
    """The same address has the same number wherever it stands, so that links and boards can still be told apart."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def hide(self, value: Any) -> Any:
        """`value` with a number for every address in its texts, its keys included."""
        if isinstance(value, str):
            return ADDRESSES.sub(self._number, value)
        if isinstance(value, dict):
            return {self.hide(key): self.hide(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.hide(item) for item in value]
        return value

    def _number(self, found: re.Match[str]) -> str:
        return f"address-{self._numbers.setdefault(found[0], len(self._numbers) + 1)}"
