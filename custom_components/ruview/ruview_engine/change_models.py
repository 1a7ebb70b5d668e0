"""What introspection learnt of quiet, per link, as plain values and back: kept beside the baseline it came with."""

from collections.abc import Mapping
from typing import Any

from .dsp.cusum import CusumLimits
from .errors import Damaged, ShapeError
from .introspection.introspector import ChangeModel
from .introspection.shift import ShiftModel
from .links.link_id import LinkId


def to_dict(models: Mapping[LinkId, ChangeModel]) -> dict[str, Any]:
    """Plain types and arrays, for the room's codec."""
    return {
        str(link): {
            "shift": model.shift.to_dict(),
            "energy": None if model.energy is None else model.energy.to_dict(),
        }
        for link, model in models.items()
    }


def from_dict(stored: Mapping[str, Any]) -> dict[LinkId, ChangeModel]:
    """The inverse; raises Damaged on what cannot be a model."""
    try:
        return {
            LinkId.parse(name): ChangeModel(
                shift=ShiftModel.from_dict(one["shift"]),
                energy=None if one["energy"] is None else CusumLimits.from_dict(one["energy"]),
            )
            for name, one in stored.items()
        }
    except (KeyError, TypeError, ValueError, ShapeError) as error:
        raise Damaged(f"change models: {error}") from error
