"""Which of the live links is which of the baseline's, when shapes alone name them.

Frames without a transmitter address are told apart by the shape of their spectrum. A person who sits down or breathes
in the line of sight changes that shape as much as another transmitter would, and labels change hands. What a person
does not change is how often a transmitter sends, and its signal strength only by a few dB. So every few seconds the
frames of one node and layout are sorted anew: by groups of signal strength where those are apart, else by label.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..links.link_id import LinkId
from .baseline import Baseline
from .link_baseline import LinkBaseline
from .window import LinkWindow

#: Length of the stretches that are matched. Origin: chosen; 13 Hz links have 50 ± 7 frames in it.
CHUNK_S: Final = 4.0
#: dB that weigh as much as a factor e in rate. Origin: derived; a body costs up to 7 dB, transmitters are 10–15 apart.
RSSI_SCALE_DB: Final = 8.0
#: Cost of a change of name. Origin: chosen; must exceed the scatter of rate and RSSI of one transmitter (0.2).
RENAME: Final = 0.4
#: Transmitters are taken apart where sorted signal strengths leave a gap of this. Origin: derived; one transmitter
#: scatters by 1–2 dB within seconds, so 200 frames of it leave no such gap.
GAP_DB: Final = 3.5
#: A group that is faster than the link it shall be holds more than one transmitter. Origin: chosen, Poisson + 3 σ.
MAX_RATE_RATIO: Final = 1.35
#: Worse than this and it is another transmitter. Origin: derived: half the rate and 10 dB less.
MAX_COST: Final = 2.0
#: Labels of one node and layout that are matched; the weakest beyond it keep their names. Origin: `shape_clusters`.
MAX_LABELS: Final = 5


def associate(windows: Sequence[LinkWindow], baseline: Baseline) -> tuple[LinkWindow, ...]:
    """The same frames under the names of the baseline; links named by address are never renamed."""
    groups: dict[tuple[str, str], list[LinkWindow]] = {}
    for window in windows:
        groups.setdefault((window.link.node, window.link.layout), []).append(window)
    matched: list[LinkWindow] = []
    for (node, layout), members in groups.items():
        known = [one for one in baseline.links if (one.link.node, one.link.layout) == (node, layout)]
        if not known or any(_is_address(one.link.transmitter) for one in known) or _is_at_home(members, known):
            matched.extend(members)
        else:
            matched.extend(_match(members, known))
    return tuple(matched)


def _is_at_home(members: list[LinkWindow], known: list[LinkBaseline]) -> bool:
    """Every known link is there at its usual rate throughout: nothing to do."""
    by_link = {window.link: window for window in members}
    newest = max((float(window.times[-1]) for window in members if len(window)), default=0.0)
    oldest = min((float(window.times[0]) for window in members if len(window)), default=0.0)
    edges = np.arange(newest, oldest, -CHUNK_S)[::-1]
    for one in known:
        window = by_link.get(one.link)
        if window is None or not len(window):
            return False
        counts = np.diff(np.searchsorted(window.times, edges)) / CHUNK_S
        if len(counts) and counts[1:].min(initial=np.inf) < 0.75 * one.rate_hz:
            return False
    return True


def _match(members: list[LinkWindow], known: list[LinkBaseline]) -> list[LinkWindow]:
    """Cut into chunks, name each label's part of each chunk, and put the parts together again."""
    filled = sorted((window for window in members if len(window)), key=len, reverse=True)
    candidates, others = filled[:MAX_LABELS], filled[MAX_LABELS:]
    if not candidates:
        return members
    newest = max(float(window.times[-1]) for window in candidates)
    oldest = min(float(window.times[0]) for window in candidates)
    parts: dict[LinkId, list[LinkWindow]] = {}
    end = newest
    while end > oldest - 1e-9:
        pieces = [window.between(np.nextafter(end - CHUNK_S, np.inf), end) for window in candidates]
        pieces = [piece for piece in pieces if len(piece)]
        pieces = _by_strength(pieces, known)
        for piece, link in zip(pieces, _names(pieces, known), strict=True):
            parts.setdefault(link, []).append(piece)
        end -= CHUNK_S
    return [_joined(link, pieces) for link, pieces in parts.items()] + others


def _by_strength(pieces: list[LinkWindow], known: list[LinkBaseline]) -> list[LinkWindow]:
    """The frames of one chunk regrouped by signal strength; the labels' own pieces when strengths do not tell."""
    if len(pieces) < 2:
        return pieces
    together = _joined(pieces[0].link, pieces)
    order = np.argsort(together.times, kind="stable")
    together = _taken(together, order)
    rssi = together.rssi_dbm
    if not np.isfinite(rssi).all():
        return pieces
    ranked = np.sort(rssi)
    cuts = ranked[1:][np.diff(ranked) >= GAP_DB] - GAP_DB / 2
    groups = np.searchsorted(cuts, rssi)
    fastest = max(one.rate_hz for one in known)
    regrouped = []
    for group in range(len(cuts) + 1):
        members = np.flatnonzero(groups == group)
        if len(members) / CHUNK_S > MAX_RATE_RATIO * fastest + 1.0:
            return pieces
        labels = [piece.link for piece in pieces]
        likely = labels[min(group, len(labels) - 1)]
        regrouped.append(replace(_taken(together, members), link=replace(likely, transmitter=f"rssi{group}")))
    return [piece for piece in regrouped if len(piece)]


def _taken(window: LinkWindow, rows: NDArray[np.intp]) -> LinkWindow:
    """Some rows of a window."""
    return replace(
        window,
        times=window.times[rows],
        profiles=window.profiles[rows],
        levels=window.levels[rows],
        rssi_dbm=window.rssi_dbm[rows],
        motion_z=None if window.motion_z is None else window.motion_z[rows],
    )


def _names(pieces: list[LinkWindow], known: list[LinkBaseline]) -> list[LinkId]:
    """The cheapest assignment of known links to the labels of one chunk; the rest keep their labels, or lend them."""
    costs = [[_cost(piece, one) for one in known] for piece in pieces]
    slots = [*range(len(pieces)), *([-1] * len(known))]
    best, choice = np.inf, tuple([-1] * len(known))
    for assignment in set(permutations(slots, len(known))):
        total = sum(MAX_COST if row < 0 else costs[row][k] for k, row in enumerate(assignment))
        if total < best:
            best, choice = total, assignment
    names = [piece.link for piece in pieces]
    taken = {known[k].link for k, row in enumerate(choice) if row >= 0}
    for row, piece in enumerate(pieces):
        if piece.link in taken or any(piece.link == one.link for one in known):
            # A stranger that carries a known name must not be taken for it.
            names[row] = replace(piece.link, transmitter=f"{piece.link.transmitter}?")
    for k, row in enumerate(choice):
        if row >= 0:
            names[row] = known[k].link
    return names


def _cost(piece: LinkWindow, one: LinkBaseline) -> float:
    rate = len(piece) / CHUNK_S
    cost = abs(log((rate + 0.5) / (one.rate_hz + 0.5)))
    rssi = piece.rssi_dbm[np.isfinite(piece.rssi_dbm)]
    if len(rssi) and one.rssi_dbm is not None:
        cost += abs(float(np.median(rssi)) - one.rssi_dbm) / RSSI_SCALE_DB
    return cost + (0.0 if piece.link == one.link else RENAME)


def _joined(link: LinkId, pieces: list[LinkWindow]) -> LinkWindow:
    """Parts of one transmitter, oldest first."""
    pieces.sort(key=lambda piece: float(piece.times[0]))
    newest = pieces[-1]
    zs = [piece.motion_z for piece in pieces]
    return replace(
        newest,
        link=link,
        times=np.concatenate([piece.times for piece in pieces]),
        profiles=np.concatenate([piece.profiles for piece in pieces]),
        levels=np.concatenate([piece.levels for piece in pieces]),
        rssi_dbm=np.concatenate([piece.rssi_dbm for piece in pieces]),
        motion_z=np.concatenate([z for z in zs if z is not None]) if all(z is not None for z in zs) else None,
    )


def _is_address(transmitter: str) -> bool:
    return len(transmitter) == 12
