"""Which rows may be learnt from and which only reported on: whole blocks of time, never single rows."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import TrainingError
from ..shapes import Times

#: Length of a block. Origin: chosen; must exceed the longest feature memory (1 s) many times, and short recordings
#: (120 s) must still give several held-out blocks.
BLOCK_S: Final = 10.0

#: One block in so many is held out. Origin: chosen.
HOLD_OUT_EVERY: Final = 4

#: Rows this near to a block of the other kind belong to neither: neighbours in time are nearly copies.
#: Origin: derived, the temporal-positive reach of the triplets.
GUARD_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Boolean masks (n,) over rows; disjoint; guard rows are in neither."""

    train: NDArray[np.bool_]
    held_out: NDArray[np.bool_]

    @classmethod
    def by_block(cls, at_s: Times, block_s: float = BLOCK_S, every: int = HOLD_OUT_EVERY) -> Self:
        """Hold out every `every`-th block; raises TrainingError if either side would be empty."""
        if not len(at_s):
            raise TrainingError("no rows to split")
        position = (at_s - at_s[0]) / block_s
        block = np.floor(position).astype(np.int64)
        inside = (position - block) * block_s
        is_held = block % every == every // 2
        before_held = (block - 1) % every == every // 2
        after_held = (block + 1) % every == every // 2
        is_guard = ~is_held & ((before_held & (inside < GUARD_S)) | (after_held & (inside > block_s - GUARD_S)))
        split = cls(train=~is_held & ~is_guard, held_out=is_held)
        if not split.train.any() or not split.held_out.any():
            needed = block_s * (every // 2 + 1)
            raise TrainingError(f"{np.ptp(at_s):.0f} s hold no block to report on: {needed:.0f} s are needed")
        return split

    def take(self, rows: slice) -> Self:
        """The same split of a part of the rows."""
        return type(self)(train=self.train[rows], held_out=self.held_out[rows])

    @classmethod
    def by_session(cls, session: NDArray[np.int64], held_out: int) -> Self:
        """Hold out one session (leave-one-session-out)."""
        split = cls(train=session != held_out, held_out=session == held_out)
        if not split.train.any() or not split.held_out.any():
            raise TrainingError(f"session {held_out} cannot be held out of {sorted(set(session.tolist()))}")
        return split
