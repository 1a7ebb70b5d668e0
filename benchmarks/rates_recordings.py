"""Breathing and heart rate on recordings, ours beside the published method, one look per second.

    python -m benchmarks.rates_recordings [--rate 20]

Every frame goes through the real demultiplexer; every second both methods look at the same last frames. `warm` counts
looks with half a minute of uninterrupted frames of one label behind them: the only ones that could answer.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ruview_engine.links.link import Link
from ruview_engine.room.rate_tracker import RateTracker
from ruview_engine.room.reading import Reading
from ruview_engine.room.specialists.breathing import HOLD_S, BreathingSpecialist
from ruview_engine.room.specialists.heartbeat import HeartbeatSpecialist
from ruview_engine.room.window import LinkWindow

from .recordings import Player, Recording, data_dir, load
from .upstream_method import VariancePresence, breathing_bpm, heart_bpm

#: What a periodogram of the file shows (see docs/algorithms/rates.md); None where no breath is to be reported.
TRUTH = {"resp_6rpm": 6.0, "resp_12rpm": 9.3}
#: The published method assumes this rate; it is given an even grid of it on true time.
PUBLISHED_HZ = 15.0
#: Both methods look at this much.
WINDOW_S = 30.0


@dataclass
class Tally:
    """Counts of one label of one recording."""

    looks: int = 0
    warm: int = 0
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    hearts: list[float] = field(default_factory=list)
    their_hearts: list[float] = field(default_factory=list)
    why_not: Counter[str] = field(default_factory=Counter)
    line_db: list[float] = field(default_factory=list)


def window_of(link: Link, now_s: float, seconds: float = 61.0) -> LinkWindow:
    """What the room gets to see of a link."""
    seen = link.window(seconds, now_s)
    return LinkWindow(
        link=link.id,
        times=seen.times,
        profiles=seen.profiles,
        levels=seen.levels.astype(np.float32),
        rssi_dbm=seen.rssi.astype(np.float32),
    )


def looks(recording: Recording) -> Iterator[tuple[float, str, list[LinkWindow]]]:
    """(seconds from the start, label, windows) once a second."""
    player = Player()
    start = recording.times[0]
    next_s = start + 1.0
    for index, _ in enumerate(player.play(recording)):
        if recording.times[index] < next_s:
            continue
        next_s = recording.times[index] + 1.0
        windows = [window_of(link, player.now_s) for link in player.demux.links.values()]
        yield float(recording.times[index] - start), str(recording.labels[index]), [w for w in windows if len(w)]


def evaluate(recording: Recording) -> dict[str, Tally]:
    """Label → counts."""
    breath, heart = BreathingSpecialist(), HeartbeatSpecialist()
    tracker, pulse = RateTracker(), RateTracker()
    tallies: dict[str, Tally] = {}
    grid = np.arange(0.0, WINDOW_S, 1.0 / PUBLISHED_HZ)
    amplitude = np.hypot(recording.iq[:, ::2].astype(np.float64), recording.iq[:, 1::2]).mean(axis=1)
    since_s, before_s, before = 0.0, 0.0, ""
    for at_s, label, windows in looks(recording):
        if label != before or at_s - before_s > 2.5:
            since_s = at_s
        before, before_s = label, at_s
        tally = tallies.setdefault(label, Tally())
        newest = max((float(window.times[-1]) for window in windows), default=0.0)
        reading = breath.read(windows, at_s=newest, expected_bpm=tracker.expected_bpm(newest, HOLD_S))
        beat = heart.read(windows, at_s=newest, breathing=reading)
        tracker, shown = tracker.follow(newest, reading, HOLD_S)
        pulse, shown_beat = pulse.follow(newest, beat)
        tally.looks += 1
        _count(tally, shown, shown_beat)
        if at_s - since_s < WINDOW_S:
            continue
        tally.warm += 1
        recent = (recording.times > recording.times[0] + at_s - WINDOW_S) & (
            recording.times <= recording.times[0] + at_s
        )
        series = np.interp(grid + recording.times[0] + at_s - WINDOW_S, recording.times[recent], amplitude[recent])
        theirs = breathing_bpm(series, PUBLISHED_HZ)
        their_heart = heart_bpm(series, PUBLISHED_HZ)
        tally.theirs += [] if theirs is None else [theirs]
        tally.their_hearts += [] if their_heart is None else [their_heart]
    return tallies


def _count(tally: Tally, shown: Reading[float], beat: Reading[float]) -> None:
    if shown.value is None:
        tally.why_not[str(shown.why_not)] += 1
    else:
        tally.ours.append(shown.value)
    if beat.value is not None:
        tally.hearts.append(beat.value)
    level = dict(shown.evidence).get("line_db")
    if level is not None:
        tally.line_db.append(level)


def files(folder: Path) -> list[Path]:
    """Everything at least half a minute long."""
    return [
        *sorted((folder / "pulse_wifi_esp32").glob("*.npz")),
        *sorted((folder / "ialr_s3_amp").glob("*.npz")),
        *sorted((folder / "espectre_multichip").glob("baseline_noisy*.npz")),
    ]


def row(name: str, label: str, tally: Tally) -> str:
    """One line of the table."""
    truth = TRUTH.get(name.split("/")[1])
    errors = [abs(value - truth) for value in tally.ours] if truth else []
    their_errors = [abs(value - truth) for value in tally.theirs] if truth else []
    cells = [
        name.split("/")[1][:34],
        label,
        str(tally.looks),
        str(tally.warm),
        f"{max(tally.line_db):.1f}" if tally.line_db else "–",
        str(len(tally.ours)),
        f"{min(tally.ours):.2f}–{max(tally.ours):.2f}" if tally.ours else "–",
        f"{np.mean(errors):.2f} / {max(errors):.2f}" if errors else "–",
        str(len(tally.theirs)),
        f"{min(tally.theirs):.1f}–{max(tally.theirs):.1f}" if tally.theirs else "–",
        f"{np.mean(their_errors):.2f}" if their_errors else "–",
        str(len(tally.hearts)),
        str(len(tally.their_hearts)),
    ]
    return "| " + " | ".join(cells) + " |"


def presence_table(folder: Path) -> None:
    """The published presence rule, trained on one empty and one occupied recording of the room, on the others."""
    series = {path.stem: _mean_amplitude(load(path)) for path in sorted((folder / "pulse_wifi_esp32").glob("*.npz"))}
    print("\n| published presence, 10-s stretches | " + " | ".join(series) + " |")
    print("|" + "---|" * (len(series) + 1))
    for empty, occupied in (("vacio_01", "resp_12rpm"), ("vacio_01", "mov_01"), ("vacio_03", "resp_6rpm")):
        rule = VariancePresence.fit(series[empty], series[occupied])
        shares = []
        for one in series.values():
            stretches = np.array_split(one, 6)
            shares.append(f"{sum(map(rule.is_present, stretches)) / len(stretches):.0%}")
        print(f"| trained on {empty}, {occupied} | " + " | ".join(shares) + " |")


def _mean_amplitude(recording: Recording) -> np.ndarray:
    amplitude = np.hypot(recording.iq[:, ::2].astype(np.float64), recording.iq[:, 1::2]).mean(axis=1)
    grid = np.arange(recording.times[0], recording.times[-1], 1.0 / PUBLISHED_HZ)
    return np.interp(grid, recording.times, amplitude)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, help="frames per second to keep, as a board's send gate would")
    rate = parser.parse_args().rate
    head = "recording|label|looks|warm|max line dB|reported|range /min|error mean / max|published reports|range|error|"
    print("| " + (head + "heart: ours|published").replace("|", " | ") + " |")
    print("|" + "---|" * 13)
    for path in files(data_dir()):
        recording = load(path)
        recording = recording if rate is None else recording.at_rate(rate)
        for label, tally in evaluate(recording).items():
            print(row(recording.name, label, tally), flush=True)
    if rate is None:
        presence_table(data_dir())


if __name__ == "__main__":
    main()
