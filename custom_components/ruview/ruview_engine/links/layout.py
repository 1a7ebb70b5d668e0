"""What the pairs of a frame mean, by frame size: names, segments and where no channel value can be."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from ..shapes import ActiveMask
from ..wire.packet import CsiFrame, Ppdu

type Segment = tuple[int, int]
"""First pair and one past the last pair of one training field."""

#: Pair count → the training fields it is made of. HT-LTF is about 4× LLTF in amplitude, so each is normalised alone.
#: Origin: spec, ESP-IDF Wi-Fi guide "Wi-Fi Channel State Information"; 57/117/245 C5/C6 (ESP-IDF 5.4); measured for
#: 64, 128, 192.
_SEGMENTS: Final[dict[int, tuple[int, ...]]] = {
    128: (64, 64),
    188: (64, 62, 62),
    190: (64, 63, 63),
    192: (64, 64, 64),
    306: (64, 121, 121),
}
#: Names for what byte 18 says about the modulation; legacy has none. Origin: spec, ADR-110.
_PPDU_NAME: Final = {Ppdu.HE_SU: "he", Ppdu.HE_MU: "hemu", Ppdu.HE_TB: "hetb"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One frame size with what distinguishes equal sizes."""

    name: str
    n_pairs: int
    segments: tuple[Segment, ...]

    def first_of_segments(self) -> ActiveMask:
        """(n_pairs,) True at the first pair of each 64-pair field: DC or a cyclic-shift angle, never a channel value.

        Fields whose DC lies in the middle have a guard bin there instead, so nothing is lost by leaving it out.
        """
        first = np.zeros(self.n_pairs, dtype=np.bool_)
        for start, stop in self.segments:
            if stop - start in (62, 63, 64, 121) and self.n_pairs >= 64:
                first[start] = True
        return first


def layout_of(frame: CsiFrame) -> Layout:
    """The layout a frame announces."""
    return _layout(frame.n_pairs, frame.ppdu, frame.flags & 0x05)


@lru_cache(maxsize=256)
def _layout(n_pairs: int, ppdu: int, wide_and_stbc: int) -> Layout:
    """Cached: a board uses three or four layouts; strangers can only push each other out."""
    name = str(n_pairs)
    if wide_and_stbc & 0x01:
        name += "-40"
    if wide_and_stbc & 0x04:
        name += "-stbc"
    if ppdu in _PPDU_NAME:
        name += f"-{_PPDU_NAME[Ppdu(ppdu)]}"
    return layout_named(name, n_pairs)


def layout_named(name: str, n_pairs: int) -> Layout:
    """The layout behind a stored name."""
    return Layout(name=name, n_pairs=n_pairs, segments=_segments(n_pairs))


def _segments(n_pairs: int) -> tuple[Segment, ...]:
    edges = np.concatenate([[0], np.cumsum(_SEGMENTS.get(n_pairs, (n_pairs,)))]).tolist()
    return tuple((int(a), int(b)) for a, b in pairwise(edges))
