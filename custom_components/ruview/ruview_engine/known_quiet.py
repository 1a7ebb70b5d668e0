"""What is known of a room's quiet, link by link, and what a link that is new may borrow of it."""

from collections.abc import Mapping

from .introspection.introspector import ChangeModel
from .links.link_id import LinkId
from .links.quiet import QuietModel
from .room.room import Room


class KnownQuiet:
    """The models of `room`'s baseline first, then those that `learn` was told of. Belongs to one `LiveRoom`."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._quiet: dict[LinkId, QuietModel] = {}
        self._change: dict[LinkId, ChangeModel] = {}

    @property
    def is_calibrated(self) -> bool:
        """Whether any link is known at all."""
        return self._room.baseline is not None or bool(self._quiet)

    @property
    def change(self) -> Mapping[LinkId, ChangeModel]:
        """What introspection stands on, link by link."""
        return self._change

    def learn(
        self, quiet: Mapping[LinkId, QuietModel] | None = None, change: Mapping[LinkId, ChangeModel] | None = None
    ) -> None:
        """Put these in the place of the former ones; None leaves what is known."""
        if quiet is not None:
            self._quiet = dict(quiet)
        if change is not None:
            self._change = dict(change)

    def own(self, link: LinkId) -> QuietModel | None:
        """The model of this very link; None when nobody has seen its quiet."""
        baseline = self._room.baseline
        known = None if baseline is None else baseline.link(link)
        return self._quiet.get(link) if known is None or known.quiet is None else known.quiet

    def quiet_of(self, link: LinkId) -> QuietModel | None:
        """The link's own model, else that of its best known sibling: transmitters may have changed their labels."""
        own = self.own(link)
        if own is not None:
            return own
        baseline = self._room.baseline
        links = set(self._quiet) | ({known.link for known in baseline.links} if baseline is not None else set())
        siblings = [self.own(other) for other in links if _are_siblings(other, link)]
        return max((model for model in siblings if model is not None), key=lambda model: model.n_frames, default=None)

    def change_of(self, link: LinkId) -> ChangeModel | None:
        """As `quiet_of`: a state of the channel may be taken for a transmitter of its own."""
        siblings = [model for other, model in self._change.items() if _are_siblings(other, link)]
        best = max(siblings, key=lambda model: model.novelty.n_samples, default=None)
        return self._change.get(link, best)


def _are_siblings(one: LinkId, other: LinkId) -> bool:
    """Heard by the same board in the same layout."""
    return (one.node, one.layout) == (other.node, other.layout)
