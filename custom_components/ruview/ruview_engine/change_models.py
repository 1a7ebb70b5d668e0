"""What introspection learnt of quiet, per link, as plain values and back: kept beside the baseline it came with."""

from collections.abc import Mapping
from typing import Any

from .errors import MISSHAPEN, Damaged
from .introspection.introspector import ChangeModel
from .introspection.novelty import NoveltyModel
from .links.link_id import LinkId


def to_dict(models: Mapping[LinkId, ChangeModel]) -> dict[str, Any]:
    """Plain types and arrays, for the room's codec."""
    return {str(link): {"novelty": model.novelty.to_dict()} for link, model in models.items()}


def from_dict(stored: Mapping[str, Any]) -> dict[LinkId, ChangeModel]:
    """The inverse; raises Damaged on what cannot be a model."""
    try:
        return {
            LinkId.parse(name): ChangeModel(novelty=NoveltyModel.from_dict(one["novelty"]))
            for name, one in stored.items()
        }
    except MISSHAPEN as error:
        raise Damaged(f"change models: {error}") from error
