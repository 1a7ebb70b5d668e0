"""Splits the frames of one node into links: by layout, by transmitter address where there is one, else by shape."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..shapes import ActiveMask, Profile
from ..wire.packet import CsiFrame
from .amplitude import amplitudes
from .front_end import FrontEnd
from .layout import Layout, layout_named, layout_of
from .link import Link
from .link_id import LinkId
from .mask import MaskLearner, guard_edges
from .sample import Sample
from .shape_clusters import Fit, ShapeClusters

#: Groups (layout × address) of one node. Origin: chosen; 4 layouts × 8 neighbours; the longest silent makes room.
MAX_GROUPS: Final = 32
#: Links of one node; the longest silent makes room. Origin: chosen, 24 × 1.8 MB is the most a node can hold.
MAX_LINKS: Final = 24
#: Bins used to tell shapes apart. Origin: derived, motion and transmitters differ over ≈ 10 bins; 64 lose nothing.
MAX_SHAPE_BINS: Final = 64
#: Frames with fewer pairs carry no shape. Origin: chosen, below the smallest real layout (52).
MIN_PAIRS: Final = 8
#: RSSI outside this range is a recorder's or firmware's mistake, not a level. Origin: spec, IEEE 802.11 receivers
#: report −100…−10 dBm; measured, the two-board recording says 1 throughout.
RSSI_RANGE_DBM: Final = (-110, -1)


class _Group:
    """Frames that share layout and address."""

    __slots__ = (
        "bins",
        "clusters",
        "edges",
        "front_end",
        "last_iq",
        "last_s",
        "layout",
        "learner",
        "links",
        "may_split",
        "seeds",
    )

    def __init__(self, layout: Layout, *, may_split: bool) -> None:
        self.layout = layout
        self.may_split = may_split
        self.learner = MaskLearner(layout)
        self.front_end: FrontEnd | None = None
        self.clusters: ShapeClusters | None = None
        self.edges: tuple[int, ...] = ()
        self.bins: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self.last_iq = b""
        self.last_s = 0.0
        self.seeds: dict[str, Profile] = {}
        self.links: dict[str, Link] = {}

    def restart(self, mask: ActiveMask) -> None:
        """Hear everything anew, under the names of the seeds."""
        self.learner.mask = mask
        self.front_end = None
        self.clusters = None
        self.links = {}

    def start(self, at_s: float) -> FrontEnd | None:
        """Called once the mask is known."""
        mask = self.learner.mask
        if mask is None:
            return None
        self.front_end = FrontEnd(self.layout, mask)
        active = np.flatnonzero(mask)
        pick = np.linspace(0, len(active) - 1, min(len(active), MAX_SHAPE_BINS)).round().astype(np.intp)
        self.bins = active[pick]
        self.clusters = ShapeClusters(len(self.bins), may_split=self.may_split)
        for label, reference in self.seeds.items():
            self.clusters.seed(label, reference[self.bins])
        if len(self.layout.segments) == 1:
            self.edges = guard_edges(mask)
        return self.front_end


class Demux:
    """One node's frames in, samples out. Nothing is shared between links but the mask of their layout.

    Counters: `n_learning` frames used to learn a mask, `n_silent` frames without amplitude, `n_refused` frames too
    small.
    """

    def __init__(self, node_key: str) -> None:
        self.node_key = node_key
        self._groups: dict[tuple[str, str], _Group] = {}
        self._links: dict[LinkId, Link] = {}
        self.n_learning = 0
        self.n_silent = 0
        self.n_refused = 0

    @property
    def links(self) -> Mapping[LinkId, Link]:
        """Every link heard so far and not forgotten; a live read-only view."""
        return MappingProxyType(self._links)

    def seed(self, link_id: LinkId, reference: Profile) -> None:
        """Make a link keep its name over a restart. Frames heard before under other names are forgotten.

        Parameters
        ----------
        link_id : as stored with the baseline; ignored for links named by address, which name themselves
        reference : (n_pairs,) the baseline's mean profile; zeros are its inactive bins and become the mask
        """
        if _is_address(link_id.transmitter):
            return
        key = (link_id.layout, "")
        group = self._groups.get(key)
        if group is None:
            layout = layout_named(link_id.layout, len(reference))
            group = self._groups[key] = _Group(layout, may_split=True)
        group.seeds[link_id.transmitter] = np.asarray(reference, dtype=np.float32)
        mask, known, clusters = reference > 0, group.learner.mask, group.clusters
        if clusters is None or known is None:
            group.learner.mask = mask
            return
        shape = reference[group.bins]
        if np.array_equal(mask, known) and not clusters.contradicts(link_id.transmitter, shape):
            clusters.seed(link_id.transmitter, shape)
            return
        for link in group.links.values():
            self._links.pop(link.id, None)
        group.restart(mask)

    def feed(self, frame: CsiFrame, at_s: float) -> Sample | None:
        """One frame to one sample; None while a mask is learnt and for frames without content."""
        n_pairs = frame.n_pairs
        if n_pairs < MIN_PAIRS or len(frame.iq) < 2 * n_pairs:
            self.n_refused += 1
            return None
        layout = layout_of(frame)
        address = frame.transmitter.hex() if frame.transmitter else ""
        group = self._groups.get((layout.name, address))
        if group is None or group.layout.n_pairs != n_pairs:
            group = self._open(layout, address)
        group.last_s = at_s
        amplitude = amplitudes(frame.iq, n_pairs)
        edges = group.edges
        if edges and not any(amplitude.item(bin_) for bin_ in edges):
            if not amplitude.any():
                self.n_silent += 1
                return None
            group = self._narrow(group, address)
            group.last_s = at_s
        front_end = group.front_end
        if front_end is None:
            if group.learner.update(amplitude) is None:
                self.n_learning += 1
                return None
            front_end = group.start(at_s)
        if front_end is None or group.clusters is None:
            return None
        result = front_end.update(amplitude)
        if result is None:
            self.n_silent += 1
            return None
        profile, level = result
        label, fit = group.clusters.assign(profile[group.bins], at_s)
        link = group.links.get(label)
        if link is None:
            link = self._name(group, address or label, label)
        is_duplicate = frame.iq == group.last_iq
        group.last_iq = frame.iq
        rssi = frame.rssi_dbm
        return link.accept(
            profile,
            level,
            rssi if RSSI_RANGE_DBM[0] <= rssi <= RSSI_RANGE_DBM[1] else None,
            at_s,
            is_glitch=fit is Fit.FOREIGN,
            is_duplicate=is_duplicate,
        )

    def _open(self, layout: Layout, address: str) -> _Group:
        if len(self._groups) >= MAX_GROUPS:
            oldest = min(self._groups, key=lambda key: self._groups[key].last_s)
            for link in self._groups.pop(oldest).links.values():
                self._links.pop(link.id, None)
        group = self._groups[layout.name, address] = _Group(layout, may_split=not address)
        return group

    def _narrow(self, group: _Group, address: str) -> _Group:
        """The group for frames that fill less of the band than their size promises."""
        layout = layout_named(f"{group.layout.name}-narrow", group.layout.n_pairs)
        return self._groups.get((layout.name, address)) or self._open(layout, address)

    def _name(self, group: _Group, transmitter: str, label: str) -> Link:
        if len(self._links) >= MAX_LINKS:
            oldest = min(self._links.values(), key=lambda link: link.last_s or 0.0)
            del self._links[oldest.id]
            for other in self._groups.values():
                other.links = {name: link for name, link in other.links.items() if link is not oldest}
        link_id = LinkId(self.node_key, group.layout.name, transmitter)
        mask = group.learner.mask
        assert mask is not None
        link = Link(link_id, group.layout, mask)
        group.links[label] = link
        self._links[link_id] = link
        return link


def _is_address(transmitter: str) -> bool:
    return len(transmitter) == 12
