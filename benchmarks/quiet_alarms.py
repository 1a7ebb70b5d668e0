"""False alarms in quiet rooms with a baseline from another recording: introspection, window path, moving variance.

    python benchmarks/quiet_alarms.py [--rate 20] [--hours 24]

Nothing of the recording that is judged has been seen: the baseline is another recording of the room (pulse, ialr) or
the first ten seconds of the same one (noisy C6). Regime changes are those of the link, after its first classification.
With `--hours` noise alone runs for so long instead, where recordings last minutes: white over the bins, and half of it
smooth over four bins, with baselines of ten seconds and a minute, a new one every six hours.
"""

import argparse
import math
from collections.abc import Iterator

import numpy as np
from onset_delay import Bench, calibrate, phases
from recordings import Player, Recording, data_dir, load

from ruview_engine.introspection.change import ChangeDetector
from ruview_engine.introspection.introspector import ChangeModel
from ruview_engine.links.link_id import LinkId
from ruview_engine.links.sample import Sample


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


def of_noise_alone(hours: int, rate_hz: float) -> None:
    """Alarms of the change detector in hours of noise that is known to be nothing else."""
    rng = np.random.default_rng(1)
    bins = np.arange(56)
    shape = 1.0 + 0.4 * np.sin(bins / 7.0)
    smooth = np.linalg.cholesky(np.exp(-np.abs(np.subtract.outer(bins, bins)) / 4.0)).T

    def quiet(n: int, share: float) -> np.ndarray:
        noise = math.sqrt(1.0 - share) * rng.standard_normal((n, 56))
        noise += math.sqrt(share) * rng.standard_normal((n, 56)) @ smooth
        return (shape * (1.0 + 0.02 * noise)).astype(np.float32)

    for share in (0.0, 0.5):
        for baseline_s in (10, 60):
            n_alarms = 0
            for hour in range(hours):
                if hour % 6 == 0:
                    change = ChangeModel.fit([quiet(round(baseline_s * rate_hz), share)], fs_hz=rate_hz)
                    detector = ChangeDetector(change.novelty)
                for i, row in enumerate(quiet(round(3600 * rate_hz), share)):
                    gap_s = None if hour % 6 == 0 and i == 0 else 1.0 / rate_hz
                    n_alarms += detector.update(sample(row, gap_s))
            print(f"{share:.0%} smooth, baseline {baseline_s} s: {n_alarms} alarms in {hours} h", flush=True)


def sample(row: np.ndarray, gap_s: float | None) -> Sample:
    """A profile as a sample; its time and level say nothing to novelty."""
    return Sample(link=LinkId("1", "64", "a"), at_s=0.0, index=0, profile=row, level=1.0, rssi_dbm=None, gap_s=gap_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--hours", type=int, default=0, help="of noise alone, instead of recordings")
    args = parser.parse_args()
    if args.hours:
        of_noise_alone(args.hours, args.rate)
        return
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
