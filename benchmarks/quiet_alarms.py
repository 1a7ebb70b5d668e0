"""False alarms in quiet rooms with a baseline from another recording: introspection, window path, moving variance.

    python benchmarks/quiet_alarms.py [--rate 20]

Nothing of the recording that is judged has been seen: the baseline is another recording of the room (pulse, ialr) or
the first ten seconds of the same one (noisy C6). Regime changes are those of the link, after its first classification.
"""

import argparse
from collections.abc import Iterator

import numpy as np
from onset_delay import Bench, calibrate, phases
from recordings import Player, Recording, data_dir, load


def blocks(recording: Recording, label: str) -> list[Recording]:
    """Stretches of one label without pauses."""
    index = np.flatnonzero(recording.labels == label)
    cuts = np.flatnonzero((np.diff(index) > 1) | (np.diff(recording.times[index]) > 3.0)) + 1
    found = []
    for part in np.split(index, cuts):
        chosen = np.zeros(len(recording.times), dtype=np.bool_)
        chosen[part] = True
        if len(part) > 50:
            found.append(recording.select(chosen))
    return found


def jobs(rate_hz: float) -> Iterator[tuple[str, float, list[Recording], list[Recording]]]:
    """(name, rate, baseline, what is judged)."""
    folder = data_dir()
    rooms = {n: load(folder / "pulse_wifi_esp32" / f"vacio_0{n}.npz") for n in (1, 2, 3)}
    for n, room in rooms.items():
        for other, judged in rooms.items():
            if n != other:
                yield f"pulse vacio_0{n} → vacio_0{other}", rate_hz, [room.at_rate(rate_hz)], phases(judged, rate_hz, 5)
    sessions = [load(path) for path in sorted((folder / "ialr_s3_amp").glob("*.npz"))]
    for one in sessions:
        for two in sessions:
            if one is not two:
                name = f"ialr {one.name[-13:]} → {two.name[-13:]}"
                yield name, 10.0, blocks(one, "empty"), blocks(two, "empty")
    noisy = load(folder / "espectre_multichip" / "baseline_noisy_c6_64sc_20251214_025208_hist.npz")
    first = noisy.times < noisy.times[0] + 10.0
    yield (
        "noisy C6, 10 s → 50 s",
        rate_hz,
        [noisy.select(first).at_rate(rate_hz)],
        phases(noisy.select(~first), rate_hz, 5),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=20.0)
    args = parser.parse_args()
    print(f"{'baseline → quiet':44s}{'s':>6s}  introspection (of it regime changes), window path, moving variance")
    total, heard, changed = np.zeros(3, dtype=int), 0.0, 0
    for name, rate_hz, baseline, judged in jobs(args.rate):
        calibration = calibrate(name, baseline, rate_hz)
        alarms, seconds, n_changes = np.zeros(3, dtype=int), 0.0, 0
        for recording in judged:
            player = Player()
            for _ in player.play(baseline[0]):
                pass
            bench = Bench(calibration, player, rate_hz)
            for sample in player.play(recording, gap_s=5.0):
                alarms += bench.frame(sample)
            seconds += recording.seconds
            n_changes += bench.n_changes
        print(f"{name:44s}{seconds:6.0f}  {alarms[0]} ({n_changes}), {alarms[1]}, {alarms[2]}", flush=True)
        total, heard, changed = total + alarms, heard + seconds, changed + n_changes
    print(f"{'all':44s}{heard:6.0f}  {total[0]} ({changed}), {total[1]}, {total[2]}; per hour {total * 3600.0 / heard}")


if __name__ == "__main__":
    main()
