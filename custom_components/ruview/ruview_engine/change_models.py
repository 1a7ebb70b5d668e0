"""What introspection learns of quiet, per link, with a baseline; and as plain values and back, to be kept beside it."""

from collections.abc import Iterable, Mapping
from typing import Any

from .errors import MISSHAPEN, Damaged, ShapeError
from .introspection.introspector import ChangeModel, IntrospectionSettings
from .introspection.novelty import NoveltyModel
from .links.link_id import LinkId
from .room.baseline import Baseline
from .room.window import LinkWindow


def fit(
    windows: Iterable[LinkWindow],
    baseline: Baseline,
    settings: IntrospectionSettings,
    rates_hz: Mapping[LinkId, float | None],
) -> dict[LinkId, ChangeModel]:
    """From the capture of `baseline`; links that it does not know, or with too little material, are left out.

    rates_hz : as the links measure them; a window's own rate in the place of one that is unknown
    """
    models: dict[LinkId, ChangeModel] = {}
    for window in windows:
        fs_hz = rates_hz.get(window.link) or window.rate_hz
        if fs_hz is None or baseline.link(window.link) is None:
            continue
        try:
            models[window.link] = ChangeModel.fit([window.profiles], fs_hz=fs_hz, settings=settings)
        except ShapeError:
            continue
    return models


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
