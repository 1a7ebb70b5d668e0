"""Values that are made anew for every frame."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import dataclass_transform


@dataclass_transform(frozen_default=True)
def frame_value[T](*, eq: bool = True) -> Callable[[type[T]], type[T]]:
    """Make a dataclass in slots that the type checker takes for frozen.

    Nobody may assign to its fields, and mypy refuses whoever does. It is not enforced at run time: a frozen dataclass
    sets every field through `object.__setattr__`, at three times the price, and the six values between a datagram and
    its snapshot have 50 fields. Values that are made more rarely are ordinary frozen dataclasses.

    Parameters
    ----------
    eq : False for values that hold arrays, which cannot be compared
    """
    return dataclass(slots=True, eq=eq)
