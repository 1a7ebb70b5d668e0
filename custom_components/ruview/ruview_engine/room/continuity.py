"""Which of the live links is which of the baseline's, when shapes alone name them.

Frames without a transmitter address are told apart by the shape of their spectrum. A person who sits down or breathes
in the line of sight changes that shape as much as another transmitter would, and labels change hands. What a person
does not change is how often a transmitter sends, and its signal strength only by a few dB. So every few seconds the
frames of one node and layout are sorted anew: each label's frames, cut where signal strengths are apart, are given to
the links whose rate and strength they fit.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise, product
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
#: Worse than this and it is another transmitter. Origin: derived: half the rate and 10 dB less.
MAX_COST: Final = 2.0
#: A known link has lost its label when another holds this share of the frames it is due. Origin: chosen,
#: twice the scatter of a 13 Hz link's count.
MISSING: Final = 0.25
#: Labels of one node and layout that are matched; the weakest beyond it are nobody's. Origin: chosen; every sharing
#: among the known links is tried, (known + 1)^labels of them.
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
    """No known link misses frames that another label could hold: nothing to do, however weak or silent it is."""
    newest = max((float(window.times[-1]) for window in members if len(window)), default=0.0)
    oldest = min((float(window.times[0]) for window in members if len(window)), default=0.0)
    edges = np.arange(newest, oldest, -CHUNK_S)[::-1]
    due = {one.link: one.rate_hz * CHUNK_S for one in known}
    counts = {window.link: np.diff(np.searchsorted(window.times, edges)) for window in members}
    nobody = np.zeros(max(len(edges) - 1, 0))
    foreign = sum((np.maximum(count - due.get(link, 0.0), 0.0) for link, count in counts.items()), nobody)
    return all(
        np.minimum(frames - counts.get(link, nobody), foreign)[1:].max(initial=0.0) <= MISSING * frames
        for link, frames in due.items()
    )


def _match(members: list[LinkWindow], known: list[LinkBaseline]) -> list[LinkWindow]:
    """Cut into chunks, name each label's part of each chunk, and put the parts together again."""
    filled = sorted((window for window in members if len(window)), key=len, reverse=True)
    # What is left of a known link's own label may be among the others, while all its frames go by another.
    candidates, others = filled[:MAX_LABELS], filled[MAX_LABELS:]
    if not candidates:
        return members
    newest = max(float(window.times[-1]) for window in candidates)
    oldest = min(float(window.times[0]) for window in candidates)
    parts: dict[LinkId, list[LinkWindow]] = {}
    n_chunks = max(1, round((newest - oldest) / CHUNK_S))
    edges = np.linspace(oldest, np.nextafter(newest, np.inf), n_chunks + 1)
    for begin, end in pairwise(edges.tolist()):
        pieces = [window.between(begin, np.nextafter(end, -np.inf)) for window in candidates]
        pieces = sorted(_by_strength([piece for piece in pieces if len(piece)]), key=len, reverse=True)
        names = _names(pieces[:MAX_LABELS], known, max(end - begin, 1.0))
        names += [_stranger(piece.link, known) for piece in pieces[MAX_LABELS:]]
        for piece, link in zip(pieces, names, strict=True):
            parts.setdefault(link, []).append(piece)
    for window in others:
        parts.setdefault(_stranger(window.link, known), []).append(window)
    return [_joined(link, pieces) for link, pieces in parts.items()]


def _by_strength(pieces: list[LinkWindow]) -> list[LinkWindow]:
    """Each label's frames of a chunk, cut where the strengths of all leave a gap: it may hold two transmitters."""
    strengths = np.sort(np.concatenate([piece.rssi_dbm for piece in pieces])) if pieces else np.empty(0)
    if not len(strengths) or not np.isfinite(strengths).all():
        return pieces
    cuts = strengths[1:][np.diff(strengths) >= GAP_DB] - GAP_DB / 2
    if not len(cuts):
        return pieces
    cut = []
    for piece in pieces:
        groups = np.searchsorted(cuts, piece.rssi_dbm)
        cut += [_taken(piece, np.flatnonzero(groups == group)) for group in np.unique(groups)]
    return cut


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


def _names(pieces: list[LinkWindow], known: list[LinkBaseline], seconds: float) -> list[LinkId]:
    """Whose each label of one chunk is: the cheapest way to share the labels out among the known links and strangers.

    One transmitter may hold several labels while its shape is changing; what tells is how often each should be heard.
    """
    counts = np.array([len(piece) for piece in pieces], np.float64)
    strengths = np.array([_strength(piece) for piece in pieces])
    owners = _sharings(len(pieces), len(known))
    cost = np.zeros(len(owners))
    for k, one in enumerate(known):
        is_mine = owners == k
        n_frames = is_mine @ counts
        found = np.abs(np.log((n_frames / seconds + 0.5) / (one.rate_hz + 0.5)))
        found += RENAME * (is_mine @ np.array([float(piece.link != one.link) for piece in pieces]))
        if one.rssi_dbm is not None and np.isfinite(strengths).all():
            off = is_mine @ (counts * (strengths - one.rssi_dbm) ** 2) / np.maximum(n_frames, 1.0)
            found += np.sqrt(off) / RSSI_SCALE_DB
        cost += np.where(n_frames > 0, found, MAX_COST)
    best = owners[int(np.argmin(cost))].tolist()
    return [
        known[owner].link if owner >= 0 else _stranger(piece.link, known)
        for owner, piece in zip(best, pieces, strict=True)
    ]


def _stranger(label: LinkId, known: list[LinkBaseline]) -> LinkId:
    """A name for frames of nobody known: one that carries a known label must not be taken for it."""
    is_taken = any(label == one.link for one in known)
    return label._replace(transmitter=f"{label.transmitter}?") if is_taken else label


@lru_cache(maxsize=32)
def _sharings(n_labels: int, n_known: int) -> NDArray[np.intp]:
    """((n_known + 1)^n_labels, n_labels) every way to give each label to one known link, or to nobody (−1)."""
    return np.array(list(product(range(-1, n_known), repeat=n_labels)), np.intp)


def _strength(piece: LinkWindow) -> float:
    """Median signal strength; NaN where the board does not tell."""
    rssi = piece.rssi_dbm[np.isfinite(piece.rssi_dbm)]
    return float(np.median(rssi)) if len(rssi) else np.nan


def _joined(link: LinkId, pieces: list[LinkWindow]) -> LinkWindow:
    """Parts of one transmitter, oldest first."""
    pieces.sort(key=lambda piece: float(piece.times[0]))
    zs = [piece.motion_z for piece in pieces]
    joined = replace(
        pieces[-1],
        link=link,
        times=np.concatenate([piece.times for piece in pieces]),
        profiles=np.concatenate([piece.profiles for piece in pieces]),
        levels=np.concatenate([piece.levels for piece in pieces]),
        rssi_dbm=np.concatenate([piece.rssi_dbm for piece in pieces]),
        motion_z=np.concatenate([z for z in zs if z is not None]) if all(z is not None for z in zs) else None,
    )
    # Labels of one chunk interleave.
    return joined if np.all(np.diff(joined.times) >= 0) else _taken(joined, np.argsort(joined.times, kind="stable"))


def _is_address(transmitter: str) -> bool:
    return len(transmitter) == 12
