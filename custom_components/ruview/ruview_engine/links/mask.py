"""Which pairs of a layout carry a channel value: learned from the frames themselves."""

from typing import Final

import numpy as np

from ..shapes import ActiveMask, Amplitude
from .layout import Layout

#: Frames looked at before the first sample. Origin: chosen; 0.1–5 s of a link, enough to tell a null bin (always 0)
#: from a weak one, and 1 % of the two-minute two-board recording.
LEARN_FRAMES: Final = 16
#: A bin that is zero more often than this is a null. Origin: measured, nulls of all recordings are zero in ≥ 99 % of
#: frames; live bins in ≤ 1 %, or up to a third where narrower frames of another transmitter are mixed in.
MAX_ZERO_SHARE: Final = 0.5
#: Islands of fewer live bins between nulls are status words, not channel. Origin: measured, ESP32 columns 0 and 1.
MIN_RUN: Final = 8
#: More inactive bins in a row than this are a guard band, not a carrier. Origin: spec, 802.11 leaves 1–3 bins at the
#: carrier.
MIN_GUARD: Final = 4
#: An edge bin below this share of its second neighbour is filter leakage. Origin: measured, ESP32 columns 1, 29 and 35
#: show 0.20–0.25 of their neighbours, band edges of live channels 0.7 or more.
LEAK_SHARE: Final = 0.35
#: A bin above this multiple of its segment's median is no channel value. Origin: measured, the ESP32 status word is at
#: 2.8–9 ×, STBC shift angles above 5 ×; multipath peaks stay below 2.
SPIKE: Final = 4.0
#: How far from an edge leakage and spikes are looked for. Origin: measured, one bin; chosen two for margin.
EDGE_BINS: Final = 2


class MaskLearner:
    """Collects the first frames of a layout and decides its active bins once.

    A fixed mask keeps profiles comparable for the life of a link; a bin that dies later becomes noise for the
    whitening to ignore. `None` until `LEARN_FRAMES` frames have been seen.
    """

    __slots__ = ("_frames", "_layout", "mask")

    def __init__(self, layout: Layout, mask: ActiveMask | None = None) -> None:
        self._layout = layout
        self._frames: list[Amplitude] = []
        self.mask = mask

    def reset(self) -> None:
        """Learn again."""
        self._frames.clear()
        self.mask = None

    def update(self, amplitude: Amplitude) -> ActiveMask | None:
        """Take one frame; the mask once there is one."""
        if self.mask is None:
            self._frames.append(amplitude)
            if len(self._frames) >= LEARN_FRAMES:
                mask = active_bins(np.stack(self._frames), self._layout)
                self._frames.clear()
                if mask.any():
                    self.mask = mask
        return self.mask


def active_bins(frames: Amplitude, layout: Layout) -> ActiveMask:
    """Active bins from a stack of frames.

    Parameters
    ----------
    frames : (n_frames, n_pairs) amplitudes
    layout : its segments are judged one by one

    Returns
    -------
    (n_pairs,) bool, new; all False if nothing looks like a channel
    """
    mask: ActiveMask = ((frames == 0).mean(axis=0) <= MAX_ZERO_SHARE) & ~layout.first_of_segments()
    typical = np.median(frames, axis=0)
    for start, stop in layout.segments:
        live = mask[start:stop]
        if not live.any():
            continue
        _drop_islands(live)
        _drop_edges(live, typical[start:stop])
        _drop_islands(live)
    return mask


def guard_edges(mask: ActiveMask) -> tuple[int, ...]:
    """The two active bins on each side of every guard band; empty if there is none.

    A frame that is zero in all of them is narrower than the layout (legacy among HT frames of equal size): another
    kind of frame, which must not be compared.
    """
    active = np.flatnonzero(mask)
    if len(active) < MIN_RUN:
        return ()
    gaps = np.diff(np.append(active, active[0] + len(mask)))
    edges: list[int] = []
    for after in np.flatnonzero(gaps > MIN_GUARD):
        edges += [int(active[(after + step) % len(active)]) for step in (-1, 0, 1, 2)]
    return tuple(dict.fromkeys(edges))


def _runs(live: ActiveMask) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], live, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _drop_islands(live: ActiveMask) -> None:
    for start, stop in _runs(live):
        if stop - start < MIN_RUN:
            live[start:stop] = False


def _drop_edges(live: ActiveMask, typical: Amplitude) -> None:
    """Clear leaking and spiking bins at the ends of each run, in place."""
    for start, stop in _runs(live):
        inner = float(np.median(typical[start:stop]))
        for edge, inward in ((start, 1), (stop - 1, -1)):
            at = edge
            for _ in range(EDGE_BINS):
                behind = typical[at + 2 * inward]
                if not (typical[at] < LEAK_SHARE * behind or typical[at] > SPIKE * inner):
                    break
                live[at] = False
                at += inward
