"""How strong a chest must be: breathing and heart rate over strength, frame rate and window, in simulation.

    python -m benchmarks.rates_simulation

Truth comes from `chest_link`, which shares nothing with the estimators. Seeded; a few minutes on one core.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from ruview_engine.dsp.periodicity import Evidence, Limits, Rhythm, judge, line_limit_db, measure
from ruview_engine.links.link_id import LinkId
from ruview_engine.room.link_rhythm import link_rhythm
from ruview_engine.room.specialists.breathing import BREATHING_BAND, GRID_HZ, SHORT_LIMITS, BreathingSpecialist
from ruview_engine.room.specialists.heartbeat import HeartbeatSpecialist
from ruview_engine.room.window import LinkWindow

from .chest_link import ChestLink

#: |H_d|/|H_s|: line of sight to far side of the room.
RATIOS_DB: Final = (-14, -20, -26, -30, -34, -38)
RATES_HZ: Final = (5, 20, 100)
N_DRAWS: Final = 40
SEED: Final = 20261121


def window_of(times: np.ndarray, profiles: np.ndarray, node: str = "1") -> LinkWindow:
    """One link as the room sees it."""
    n = len(times)
    ones = np.ones(n, np.float32)
    return LinkWindow(link=LinkId(node, "64", "a"), times=times, profiles=profiles, levels=ones, rssi_dbm=-50 * ones)


def breathing_cell(
    ratio_db: float,
    rate_hz: float,
    duration_s: float,
    rng: np.random.Generator,
    bpm: tuple[float, float] = (9, 26),
) -> tuple[float, ...]:
    """(MAE of the candidate, reported without baseline, with a clean one, MAE of reports, reports over 1 /min off)."""
    limits = SHORT_LIMITS if duration_s < 30 else Limits()
    candidate, reported, off, n_plain, n_clean = [], [], 0, 0, 0
    for _ in range(N_DRAWS):
        link = ChestLink(ratio_db=ratio_db, breath_bpm=rng.uniform(*bpm), rate_hz=rate_hz)
        times, profiles, truth = link.record(duration_s + 1, rng)
        seen = window_of(times, profiles)
        found = link_rhythm(
            seen, at_s=float(times[-1]), duration_s=duration_s, grid_hz=GRID_HZ, band=BREATHING_BAND
        ).found
        if not isinstance(found, Evidence):
            continue
        mean_bpm = float(truth[times > times[-1] - duration_s].mean())
        error = abs(found.rate_bpm - mean_bpm)
        candidate.append(error)
        plain = line_limit_db(BREATHING_BAND, duration_s)
        clean = line_limit_db(BREATHING_BAND, duration_s, 0.0)
        n_plain += isinstance(judge(found, _with(limits, plain)), Rhythm)
        if isinstance(judge(found, _with(limits, clean)), Rhythm):
            n_clean += 1
            reported.append(error)
            off += error > 1.0
    return (
        float(np.mean(candidate)) if candidate else float("nan"),
        n_plain / N_DRAWS,
        n_clean / N_DRAWS,
        float(np.mean(reported)) if reported else float("nan"),
        float(off),
    )


def _with(limits: Limits, line_db: float) -> Limits:
    return replace(limits, line_db=line_db)


def breathing_table(rng: np.random.Generator) -> None:
    """The grid."""
    print("### Breathing: one link, 9–26 /min, 3 % wander, 40 draws per cell\n")
    print("| window | frames/s | ratio dB | MAE of candidate | reported, no baseline | with clean baseline |", end="")
    print(" MAE of reports | reports off by > 1 |\n" + "|---" * 8 + "|")
    for duration_s in (15.0, 30.0, 60.0):
        for rate_hz in RATES_HZ:
            for ratio_db in RATIOS_DB:
                mae, plain, clean, error, off = breathing_cell(ratio_db, rate_hz, duration_s, rng)
                cells = f"{duration_s:.0f} s | {rate_hz} | {ratio_db} | {mae:.2f} | {plain:.0%} | {clean:.0%}"
                print(f"| {cells} | {error:.2f} | {off:.0f} |", flush=True)


def rate_table(rng: np.random.Generator) -> None:
    """The same by rate: no recording holds a breath of 12–30 /min."""
    print("\n### Breathing by rate: one link, 30 s, 20 frames/s, −20 dB, 40 draws per row\n")
    print("| rate, /min | reported, no baseline | with clean baseline | MAE of reports | reports off by > 1 |")
    print("|---" * 5 + "|")
    for low in range(6, 30, 3):
        _, plain, clean, error, off = breathing_cell(-20, 20.0, 30.0, rng, (low, low + 3))
        print(f"| {low}–{low + 3} | {plain:.0%} | {clean:.0%} | {error:.2f} | {off:.0f} |", flush=True)


def red_noise(rng: np.random.Generator, n: int, exponent: float) -> np.ndarray:
    """(n, 13) one to four common drifts with power f^−exponent at −20…+40 dB, and receiver noise."""
    rank = rng.integers(1, 5)
    frequencies = np.fft.rfftfreq(2 * n)
    frequencies[0] = frequencies[1]
    shape = (rank, len(frequencies))
    drift = np.fft.irfft((rng.normal(size=shape) + 1j * rng.normal(size=shape)) * frequencies ** (-exponent / 2))[:, :n]
    drift *= 10 ** rng.uniform(-1, 2) / drift.std()
    return np.asarray(drift.T @ rng.normal(size=(rank, 13)) + rng.normal(size=(n, 13)))


def false_alarm_table(rng: np.random.Generator) -> None:
    """Rhythms in noise without one."""
    band = BREATHING_BAND
    print("\n### False rhythms in noise, per stretch (before the two-of-three rule over looks)\n")
    print("| window | spectrum | stretches | line ≥ 16 dB alone | no baseline | clean baseline |\n" + "|---" * 6 + "|")
    for duration_s, limits, n_draws in ((15.0, SHORT_LIMITS, 2000), (30.0, Limits(), 2000), (60.0, Limits(), 1000)):
        for exponent in (0.0, 1.0, 1.5, 2.0):
            lines = plain = clean = 0
            for _ in range(n_draws):
                noise = red_noise(rng, int(duration_s * GRID_HZ), exponent)
                evidence = measure(noise, rate_hz=GRID_HZ, band=band)
                if not isinstance(evidence, Evidence):
                    continue
                lines += evidence.line_db >= 16
                plain += isinstance(judge(evidence, _with(limits, line_limit_db(band, duration_s))), Rhythm)
                clean += isinstance(judge(evidence, _with(limits, line_limit_db(band, duration_s, 0.0))), Rhythm)
            print(f"| {duration_s:.0f} s | f^−{exponent} | {n_draws} | {lines} | {plain} | {clean} |", flush=True)


def heart_table(rng: np.random.Generator) -> None:
    """Coverage and validity."""
    print("\n### Heart rate: 60 s, 50–110 /min, breath 9–20 /min, 0.3 mm against 5 mm, 40 draws per cell\n")
    print(
        "| frames/s | ratio dB | reported | within 5 /min | largest error | no heart: reported |\n" + "|---" * 6 + "|"
    )
    for rate_hz in (100, 60, 20):
        for ratio_db in (-4, -8, -12, -16, -20, -26):
            errors, invented = [], 0
            for _ in range(N_DRAWS):
                breath, heart = rng.uniform(9, 20), rng.uniform(50, 110)
                for heart_bpm in (heart, None):
                    link = ChestLink(ratio_db=ratio_db, breath_bpm=breath, heart_bpm=heart_bpm, rate_hz=rate_hz)
                    times, profiles, _ = link.record(61, rng)
                    seen = [window_of(times, profiles)]
                    now = float(times[-1])
                    breathing = BreathingSpecialist().read(seen, at_s=now)
                    beat = HeartbeatSpecialist().read(seen, at_s=now, breathing=breathing)
                    if beat.value is not None and heart_bpm is not None:
                        errors.append(abs(beat.value - heart_bpm))
                    invented += beat.value is not None and heart_bpm is None
            right = sum(error <= 5 for error in errors)
            largest = f"{max(errors):.1f}" if errors else "–"
            share = f"{right} of {len(errors)}" if errors else "–"
            cells = f"{rate_hz} | {ratio_db} | {len(errors) / N_DRAWS:.0%} | {share} | {largest} | {invented}"
            print(f"| {cells} |", flush=True)


def main() -> None:
    """All tables."""
    rng = np.random.default_rng(SEED)
    breathing_table(rng)
    false_alarm_table(rng)
    heart_table(rng)
    rate_table(np.random.default_rng(SEED))


if __name__ == "__main__":
    main()
