"""The name of a link: one transmitter heard by one node in one layout."""

from typing import NamedTuple, Self


class LinkId(NamedTuple):
    """Only frames with the same `LinkId` may ever be compared with each other.

    node : the node's key, e.g. "1"
    layout : pair count with what distinguishes equal counts, e.g. "64", "192-40", "256-he"
    transmitter : MAC as 12 hex digits when the frame names it, else a shape label "a", "b", …

    A tuple, because several tables are asked for it at every frame, and tuples are hashed in C.
    """

    node: str
    layout: str
    transmitter: str

    def __str__(self) -> str:
        return f"{self.node}/{self.layout}/{self.transmitter}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of `str()`; raises ValueError for anything else."""
        node, layout, transmitter = text.split("/")
        return cls(node, layout, transmitter)
