"""Delay from quiet to movement on recordings of five chips: introspection, window path, moving variance.

    python benchmarks/onset_delay.py [--starts 36] [--rate 20]

Every pair is (quiet, movement) of the same room. The quiet recording is cut: its first part is the baseline, its rest
is what precedes every start; nothing of the rest has been seen by a threshold. Starts are random frames of the
movement recording. Everything passes through the real link layer at the given rate.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from recordings import Player, Recording, data_dir, espectre_pairs, load

from ruview_engine.events.event_path import EventKind, EventPath
from ruview_engine.introspection.introspector import ChangeModel, Introspector
from ruview_engine.links.link_id import LinkId
from ruview_engine.links.motion import MotionMeter
from ruview_engine.links.quiet import QuietModel
from ruview_engine.links.ring import Window
from ruview_engine.links.sample import Sample

#: Frames after a start within which it counts as found: 2 s at 20 Hz.
HORIZON_S = 2.0
NEVER = 10_000
ALREADY = -1


class MovingVariance:
    """The plain detector: variance over 0.75 s of each frame's spread; threshold 1.1 × the quiet's 95th percentile."""

    def __init__(self, rate_hz: float) -> None:
        self.size = max(round(0.75 * rate_hz), 4)
        self.values: list[float] = []
        self.threshold = math.inf

    def score(self, sample: Sample) -> float:
        """Variance after this sample, 0 until the window is full."""
        active = sample.profile[sample.profile > 0]
        self.values.append(float(active.std()))
        self.values = self.values[-self.size :]
        return float(np.var(self.values)) if len(self.values) == self.size else 0.0


@dataclass
class Calibration:
    """What the baseline of one pair has taught."""

    name: str
    models: dict[LinkId, tuple[ChangeModel, QuietModel]] = field(default_factory=dict)
    variance: dict[LinkId, float] = field(default_factory=dict)


def calibrate(name: str, parts: Sequence[Recording], rate_hz: float) -> Calibration:
    """Baseline of every link that has enough of it."""
    player = Player()
    found: dict[LinkId, list[list[Sample]]] = {}
    for part in parts:
        piece: dict[LinkId, list[Sample]] = {}
        for sample in player.play(part):
            if sample is not None and sample.is_usable:
                piece.setdefault(sample.link, []).append(sample)
        for link, samples in piece.items():
            found.setdefault(link, []).append(samples)
    out = Calibration(name=name)
    for link, pieces in found.items():
        if sum(map(len, pieces)) < 110:
            continue
        windows = [
            Window(
                times=np.array([s.at_s for s in p]),
                profiles=np.stack([s.profile for s in p]),
                levels=np.array([s.level for s in p]),
                rssi=np.array([math.nan if s.rssi_dbm is None else s.rssi_dbm for s in p], dtype=np.float64),
            )
            for p in pieces
        ]
        quiet = QuietModel.fit(windows)
        change = ChangeModel.fit([w.profiles for w in windows], fs_hz=rate_hz)
        out.models[link] = change, quiet
        plain = MovingVariance(rate_hz)
        scores = [plain.score(s) for p in pieces for s in p]
        out.variance[link] = 1.1 * float(np.quantile(scores, 0.95))
    return out


class Bench:
    """All detectors of one node, link by link."""

    def __init__(self, calibration: Calibration, player: Player, rate_hz: float) -> None:
        self.calibration = calibration
        self.player = player
        self.rate_hz = rate_hz
        self.taps: dict[LinkId, tuple[Introspector, MotionMeter]] = {}
        self.windows: dict[LinkId, EventPath] = {}
        self.plain: dict[LinkId, MovingVariance] = {}
        self.plain_on: dict[LinkId, bool] = {}
        self.n_changes = 0

    def on(self) -> list[bool]:
        """Which detectors are alarmed now."""
        return [
            any(tap.is_alarmed for tap, _ in self.taps.values()),
            any(path.is_moving for path in self.windows.values()),
            any(self.plain_on.values()),
        ]

    def frame(self, sample: Sample | None) -> tuple[bool, bool, bool]:
        """(introspection, window path, moving variance) alarms at this frame."""
        if sample is None:
            return False, False, False
        window = self.windows.setdefault(sample.link, EventPath())
        is_window = any(e.kind is EventKind.MOTION_DETECTED for e in window.update(sample))
        known = self.calibration.models.get(sample.link)
        if known is None:
            return False, is_window, False
        tap = self.taps.get(sample.link)
        if tap is None:
            active = self.player.demux.links[sample.link].active
            tap = Introspector(sample.link, active, change=known[0], fs_hz=self.rate_hz), MotionMeter(known[1])
            self.taps[sample.link] = tap
        introspector, meter = tap
        if sample.index % round(self.rate_hz) == 0 and (job := introspector.job()) is not None:
            introspector.take(job())
        before = introspector.is_alarmed
        self.n_changes += introspector.update(sample, meter.update(sample)).regime_changed
        fired = introspector.is_alarmed and not before
        plain = self.plain.setdefault(sample.link, MovingVariance(self.rate_hz))
        if not sample.is_usable:
            return fired, is_window, False
        is_plain = plain.score(sample) > self.calibration.variance[sample.link]
        rises = is_plain and not self.plain_on.get(sample.link, False)
        self.plain_on[sample.link] = is_plain
        return fired, is_window, rises


def phases(recording: Recording, rate_hz: float, n: int) -> list[Recording]:
    """The recording at the rate, n interleaved versions."""
    return [recording.at_rate(rate_hz, k / n) for k in range(n)]


def run_pair(
    quiet: Recording, moving: Recording, *, rate_hz: float, n_starts: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, float]:
    """Delays (n_starts, 3) in frames, false alarms (3,), held-out quiet seconds."""
    seconds = quiet.times[-1] - quiet.times[0]
    cut = quiet.times[0] + 0.6 * seconds
    # short baselines are used at three phases, as three shorter stretches of the same quiet
    parts = phases(quiet.select(quiet.times < cut), rate_hz, 3 if seconds < 30 else 1)
    calibration = calibrate(quiet.name, parts, rate_hz)
    rest = quiet.select(quiet.times >= cut)
    delays = np.full((n_starts, 3), NEVER)
    alarms = np.zeros(3)
    heard = 0.0
    horizon = round(HORIZON_S * rate_hz)
    for start in range(n_starts):
        player = Player()
        bench = Bench(calibration, player, rate_hz)
        for sample in player.play(parts[0]):
            bench.frame(sample)
        before = rest.at_rate(rate_hz, (start % 6) / 6)
        for sample in player.play(before):
            alarms += bench.frame(sample)
        heard += before.seconds
        # whoever is alarmed already cannot have a delay; its alarm has been counted as false
        delays[start, bench.on()] = ALREADY
        move = moving.at_rate(rate_hz, (start % 6) / 6)
        first = int(rng.integers(0, max(len(move.times) - horizon - 1, 1)))
        chosen = np.zeros(len(move.times), dtype=np.bool_)
        chosen[first : first + horizon] = True
        for i, sample in enumerate(player.play(move.select(chosen))):
            for k, fired in enumerate(bench.frame(sample)):
                if fired and delays[start, k] == NEVER:
                    delays[start, k] = i + 1
    return delays, alarms, heard


def pairs(folder: Path) -> list[tuple[Path, Path]]:
    """All (quiet, movement) pairs of the same room."""
    found = espectre_pairs(folder / "espectre_multichip")
    pulse = folder / "pulse_wifi_esp32"
    return found + [(pulse / f"vacio_0{q}.npz", pulse / f"mov_0{m}.npz") for q in (1, 2, 3) for m in (1, 2, 3)]


def describe(delays: np.ndarray) -> str:
    """Median / p90 / missed."""
    delays = delays[delays != ALREADY]
    if len(delays) == 0:
        return f"{'–':>6s} {'–':>6s} {'–':>6s}  "
    missed = float((delays == NEVER).mean())
    shown = np.where(delays == NEVER, np.inf, delays)
    return f"{np.median(shown):6.1f} {np.quantile(shown, 0.9, method='lower'):6.1f} {100 * missed:6.1f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=24)
    parser.add_argument("--rate", type=float, default=20.0)
    args = parser.parse_args()
    rng = np.random.default_rng(20260403)
    every: list[np.ndarray] = []
    alarms, heard = np.zeros(3), 0.0
    print(f"{'quiet recording → its movement':58s} introspection           window path             moving variance")
    print(f"{'':58s} " + "median    p90   missed  " * 3)
    for quiet, moving in pairs(data_dir()):
        delays, fa, seconds = run_pair(load(quiet), load(moving), rate_hz=args.rate, n_starts=args.starts, rng=rng)
        every.append(delays)
        alarms += fa
        heard += seconds
        print(
            f"{quiet.stem[:34]:34s} {moving.stem[-22:]:23s} " + "   ".join(describe(delays[:, k]) for k in range(3)),
            fa.astype(int),
        )
    total = np.concatenate(every)
    print(f"{'all':58s} " + "   ".join(describe(total[:, k]) for k in range(3)))
    print("already alarmed at the start", (total == ALREADY).sum(axis=0), "of", len(total))
    gamma = math.log(86_400 * args.rate)
    print(f"Lorden's bound for one false alarm a day: {gamma:.2f} nats / (nats per frame of the movement)")
    print(
        f"  = {gamma / 2:.1f}, {gamma / 4:.1f}, {gamma / 8:.1f}, {gamma / 16:.1f} frames at 2, 4, 8, 16 nats per frame"
    )
    print(f"starts {len(total)}, held-out quiet before them {heard / 3600:.2f} h, false alarms", alarms.astype(int))


if __name__ == "__main__":
    main()
