"""Breathing on recordings changed on purpose: fewer frames, fewer tones, more noise, other phases, other rates.

    python -m benchmarks.rates_robustness

Limits were chosen on the recordings as they are; these are the nearest thing to other boards and other people that can
be made of them. Nothing is learnt and no baseline is used.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from benchmarks.rates_recordings import TRUTH, evaluate
from benchmarks.recordings import Recording, data_dir, load

#: Recordings without a breath to report, beside the two that have one.
SILENT = (
    "pulse_wifi_esp32/vacio_01",
    "pulse_wifi_esp32/vacio_02",
    "pulse_wifi_esp32/vacio_03",
    "pulse_wifi_esp32/mov_02",
    "geotec_s2_amp/D1",
    "ialr_s3_amp/room1_20260727_1410",
    "espectre_multichip/baseline_noisy_c6_64sc_20251214_025208_hist",
)


def half_of_the_tones(recording: Recording) -> Recording:
    """The upper half of the band falls silent, as in another layout."""
    iq = recording.iq.copy()
    used = np.flatnonzero(np.abs(iq.reshape(len(iq), -1, 2)).any(axis=(0, 2)))
    iq.reshape(len(iq), -1, 2)[:, used[len(used) // 2 :]] = 0
    return replace(recording, iq=iq)


def noisier(recording: Recording) -> Recording:
    """Twice a board's noise: 3 % of the mean amplitude per tone on top of what is there, rounded to int8 again."""
    rng = np.random.default_rng(0)
    values = recording.iq.astype(np.float64)
    used = recording.iq != 0
    size = 0.03 * np.hypot(values[:, ::2], values[:, 1::2]).mean()
    values += used * rng.standard_normal(values.shape) * size
    return replace(recording, iq=np.clip(np.rint(values), -127, 127).astype(np.int8))


def faster(recording: Recording) -> Recording:
    """Half as fast again: 6 /min becomes 9, and a minute forty seconds."""
    start = recording.times[0]
    return replace(recording, times=start + (recording.times - start) / 1.5)


def with_losses(recording: Recording) -> Recording:
    """Three frames in ten are lost, at random."""
    keep = np.random.default_rng(1).random(len(recording.times)) > 0.3
    return recording.select(keep)


VARIANTS: dict[str, tuple[float, Callable[[Recording], Recording]]] = {
    "every frame": (1.0, lambda one: one),
    "50 /s": (1.0, lambda one: one.at_rate(50.0)),
    "20 /s": (1.0, lambda one: one.at_rate(20.0)),
    "20 /s, half a frame later": (1.0, lambda one: one.at_rate(20.0, 0.5)),
    "20 /s, 30 % lost": (1.0, lambda one: with_losses(one.at_rate(20.0))),
    "20 /s, half of the tones": (1.0, lambda one: half_of_the_tones(one.at_rate(20.0))),
    "50 /s, twice the noise": (1.0, lambda one: noisier(one.at_rate(50.0))),
    "20 /s, twice the noise": (1.0, lambda one: noisier(one.at_rate(20.0))),
    "half as fast again, 50 /s": (1.5, lambda one: faster(one).at_rate(50.0)),
}


def rows() -> Iterator[str]:
    """One per variant."""
    folder = data_dir()
    breathing = {name: load(folder / f"pulse_wifi_esp32/{name}.npz") for name in TRUTH}
    silent = [load(folder / f"{name}.npz") for name in SILENT]
    for title, (pace, change) in VARIANTS.items():
        cells = [title]
        for name, truth in TRUTH.items():
            tally = next(iter(evaluate(change(breathing[name])).values()))
            errors = [abs(value - truth * pace) for value in tally.ours]
            error = f", {np.mean(errors):.2f} / {max(errors):.2f}" if errors else ""
            cells.append(f"{len(tally.ours)} of {tally.warm}{error}")
        n_looks, said, hearts = 0, [], 0
        for recording in silent:
            for tally in evaluate(change(recording)).values():
                n_looks += tally.looks
                said += tally.ours
                hearts += len(tally.hearts)
        found = f" ({min(said):.0f}–{max(said):.0f} /min)" if said else ""
        cells.append(f"{len(said)} of {n_looks}{found}, {hearts}")
        yield "| " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table."""
    print(
        "| changed | resp_6rpm: reports of warm looks, error mean / max | resp_12rpm | silent: reports, heart reports |"
    )
    print("|" + "---|" * 4)
    for row in rows():
        print(row, flush=True)


if __name__ == "__main__":
    main()
