"""The seed's own latency fixture, reproduced: tap against the really run window path.

    python benchmarks/introspection_latency.py

200 frames of 0.05·sin(0.31 k), then a ramp 1…5 and 5 on, one 5-frame signature [1…5] (ADR-099 D8). The seed compared
with a constant of 16 frames; here the window path (16 frames or 1 s, motion after two windows) runs on the same frames
at all 16 positions of the onset inside a window.
"""

import json

import numpy as np

from ruview_engine.events.event_path import EventKind, EventPath
from ruview_engine.introspection.introspector import ChangeModel, IntrospectionSettings, Introspector
from ruview_engine.introspection.library import Library
from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import Sample

FS_HZ = 30.0
LINK = LinkId("1", "1", "a")


def samples(rows: np.ndarray) -> list[Sample]:
    """Scalars or vectors as samples at 30 Hz."""
    return [
        Sample(
            link=LINK,
            at_s=10.0 + i / FS_HZ,
            index=i,
            profile=row.astype(np.float32),
            level=1.0,
            rssi_dbm=None,
            gap_s=None if i == 0 else 1.0 / FS_HZ,
        )
        for i, row in enumerate(rows)
    ]


def library(dims: int) -> Library:
    """The seed's five-frame ramp."""
    text = json.dumps(
        {
            "id": "ramp",
            "label": "ramp",
            "captured_at": "2026-05-13T20:00:00Z",
            "feature_kind": "amplitude_l2_per_subcarrier",
            "length": 5,
            "dtw": {"window": 8, "step_pattern": "symmetric2"},
            "vectors": [[float(k)] * dims for k in range(1, 6)],
            "promotion_threshold": 0.70,
        }
    )
    return Library.load([("ramp", text)])


def tap(dims: int, guard: bool) -> tuple[int | None, int | None, bool]:
    """Frames to regime_changed and to identity; was the quiet quiet?"""
    warm = np.repeat(0.05 * np.sin(0.31 * np.arange(200))[:, None], dims, axis=1)
    motion = np.repeat(np.array([1, 2, 3, 4, 5, 5, 5, 5, 5, 5], dtype=float)[:, None], dims, axis=1)
    change = ChangeModel.fit([warm], fs_hz=FS_HZ, settings=IntrospectionSettings(glitch_guard=guard))
    introspector = Introspector(LINK, np.ones(dims, dtype=bool), change=change, library=library(dims), fs_hz=FS_HZ)
    shots = [introspector.update(s) for s in samples(np.concatenate([warm, motion]))]
    changed = [i + 1 for i, s in enumerate(shots[200:]) if s.regime_changed]
    named = [i + 1 for i, s in enumerate(shots[200:]) if s.top_k_similarity[0].above_threshold]
    early = any(s.regime_changed for s in shots[100:200])
    return (changed or [None])[0], (named or [None])[0], not early


def window_path() -> list[int]:
    """Frames to motion_detected, for every position of the onset in a window; the motion lasts."""
    out = []
    for offset in range(16):
        quiet = 0.05 * np.sin(0.31 * np.arange(200 + offset))
        motion = np.tile([1.0, 2, 3, 4, 5, 4, 3, 2], 10)
        path = EventPath()
        for i, s in enumerate(samples(np.concatenate([quiet, motion])[:, None])):
            if i >= 200 + offset and any(e.kind is EventKind.MOTION_DETECTED for e in path.update(s)):
                out.append(i - 200 - offset + 1)
                break
            if i < 200 + offset:
                path.update(s)
    return out


def main() -> None:
    windows = window_path()
    middle = float(np.median(windows))
    print(f"window path, motion_detected: median {middle:.0f} frames, {min(windows)}–{max(windows)} over its phase")
    print(
        f"{'dims':>4s} {'glitch guard':>13s} {'regime_changed':>15s} {'identity':>9s}  against window path   quiet kept"
    )
    for dims, guard in ((1, False), (1, True), (4, False), (4, True), (16, False)):
        changed, named, is_quiet = tap(dims, guard)
        ratio = f"{middle / changed:.1f}× / {middle / named:.1f}×" if changed and named else "–"
        print(f"{dims:4d} {guard!s:>13s} {changed!s:>15s} {named!s:>9s}  {ratio:>19s}   {is_quiet!s:>10s}")
    print("the seed's figures: identity 5 frames, regime_changed never in 10, window path taken to be 16")


if __name__ == "__main__":
    main()
