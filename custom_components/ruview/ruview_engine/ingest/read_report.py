"""What became of the rows of a recording."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class ReadReport:
    """Counts so far. `bad` by reason; `is_cut` = the last line was only half written."""

    n_rows: int = 0
    n_datagrams: int = 0
    n_backward: int = 0
    is_cut: bool = False
    bad: Counter[str] = field(default_factory=Counter)
