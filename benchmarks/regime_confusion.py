"""What regime the recordings get, second by second: empty, breathing, walking, and simulated rooms.

    python benchmarks/regime_confusion.py [--rate 20]

Every pulse recording is judged with the baseline of *another* empty recording of that room; the ESPectre pairs with the
first 60 % of their own quiet file. Seconds before the first classification (3 s) are left out.
"""

import argparse
from collections import Counter

import numpy as np
from onset_delay import calibrate, phases
from recordings import Player, Recording, data_dir, espectre_pairs, load

from ruview_engine.introspection.introspector import Introspector
from ruview_engine.introspection.snapshot import Regime
from ruview_engine.links.motion import MotionMeter

LABELS = [r.value for r in (Regime.IDLE, Regime.PERIODIC, Regime.TRANSIENT, Regime.CHAOTIC, Regime.UNKNOWN)]


def regimes(baseline: list[Recording], recording: Recording, rate_hz: float, **flags: bool) -> tuple[Counter[str], int]:
    """Seconds per regime on the main link, and the number of regime changes."""
    calibration = calibrate(recording.name, baseline, rate_hz)
    player = Player()
    for _ in player.play(baseline[0]):
        pass
    main = max(calibration.models, key=lambda link: player.demux.links[link].frames)
    change, quiet = calibration.models[main]
    tap = Introspector(main, player.demux.links[main].active, change=change, fs_hz=rate_hz)
    meter = MotionMeter(quiet)
    seconds: Counter[str] = Counter()
    n_changes, started, last = 0, None, None
    for sample in player.play(recording.at_rate(rate_hz), gap_s=5.0):
        if sample is None or sample.link != main:
            continue
        snapshot = tap.update(sample, meter.update(sample))
        n_changes += snapshot.regime_changed
        started = sample.at_s if started is None else started
        if last is None or sample.at_s - last >= 1.0:
            last = sample.at_s
            if (job := tap.job()) is not None:
                tap.take(job())
            if sample.at_s - started > 4.0:
                seconds[snapshot.regime.value] += 1
    return seconds, n_changes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=20.0)
    args = parser.parse_args()
    folder = data_dir()
    pulse = folder / "pulse_wifi_esp32"
    print(f"{'recording':44s}" + "".join(f"{label:>11s}" for label in LABELS) + "   changes")
    totals: dict[str, Counter[str]] = {}
    jobs: list[tuple[str, list[Recording], Recording]] = []
    for kind, names in {
        "empty": ["vacio_01", "vacio_02", "vacio_03"],
        "breathing": ["resp_6rpm", "resp_12rpm", "resp_puerta_6rpm"],
        "walking": ["mov_01", "mov_02", "mov_03"],
    }.items():
        for i, name in enumerate(names):
            other = load(pulse / f"vacio_0{(i + 1) % 3 + 1}.npz").at_rate(args.rate)
            jobs.append((kind, [other], load(pulse / f"{name}.npz")))
    for quiet, moving in espectre_pairs(folder / "espectre_multichip"):
        whole = load(quiet)
        cut = whole.times[0] + 0.6 * (whole.times[-1] - whole.times[0])
        jobs.append(("walking", phases(whole.select(whole.times < cut), args.rate, 3), load(moving)))
    sessions = [load(path) for path in sorted((folder / "ialr_s3_amp").glob("*.npz"))]
    for i, session in enumerate(sessions):
        other = sessions[(i + 1) % len(sessions)]
        quiet_part = other.select(other.labels == "empty")
        for kind, label in (("empty", "empty"), ("walking", "moving")):
            jobs.append((kind, [quiet_part], session.select(session.labels == label)))
    noisy = load(folder / "espectre_multichip" / "baseline_noisy_c6_64sc_20251214_025208_hist.npz")
    half = noisy.times < noisy.times[0] + 30.0
    jobs.append(("empty", [noisy.select(half).at_rate(args.rate)], noisy.select(~half)))
    for kind, baseline, recording in jobs:
        seconds, n_changes = regimes(baseline, recording, args.rate)
        totals.setdefault(kind, Counter()).update(seconds)
        show(recording.name, seconds, f"{n_changes:8d}")
    for kind, seconds in totals.items():
        show("all " + kind, seconds, "")


def show(name: str, seconds: Counter[str], tail: str) -> None:
    n = max(sum(seconds.values()), 1)
    print(f"{name[-43:]:44s}" + "".join(f"{100 * seconds[label] / n:10.0f}%" for label in LABELS) + "  " + tail)


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
