"""How much of a second person can be seen at all: alone, at the very places where `room_simulation` has them.

    python -m benchmarks.second_person --seeds 20

What gives somebody away beside another body is what they do besides standing in the way: sway on their feet, breath on
a chair. Where neither is seen of them alone, no gate can name them.
"""

import argparse
from dataclasses import replace

import numpy as np

from benchmarks.room_simulation import home_of
from benchmarks.room_tape import Home, Script
from ruview_engine.room.anchor import BY_LABEL, AnchorLabel, Verdict
from ruview_engine.room.baseline import Baseline, judge
from ruview_engine.room.gate import SEEN_FROM, judge_anchor
from ruview_engine.room.second_breath import BESIDE_DB, summed_spectrum
from ruview_engine.room.second_person import LASTING_DB, wandering
from ruview_engine.room.window import LinkWindow

#: The guest's own rate in `room_tape`, and how near a line must be to it, /min.
GUEST_BPM, NEAR_BPM = 19.0, 2.0
#: Homes whose owner moves the boards to the next places (docs/benchmarks/room.md).
MOVED = {11, 19, 26}


def show(home: Home) -> tuple[bool, bool, bool, bool]:
    """One row; whether the standing and the sitting guest are called somebody, and whether sway and breath are seen."""
    script = Script(home)
    script.run(23)
    minute = script.at_s
    script.run(70)
    script.guest.do("stand", script.at_s)
    script.run(25)
    standing = script.at_s
    script.run(33)
    script.guest.do("sit", script.at_s, spot="stand")
    script.run(15)
    sitting = script.at_s
    script.run(33)
    links = script.links().values()

    def cut(begin_s: float, seconds: float) -> tuple[LinkWindow, ...]:
        parts = (window.between(begin_s, begin_s + seconds) for window in links)
        return tuple(part for part in parts if len(part))

    baseline = judge("alone", 0.0, cut(minute, 60.0))
    assert isinstance(baseline, Baseline), baseline
    known = {link.link: link for link in baseline.links}

    def verdict(label: AnchorLabel, begin_s: float) -> Verdict:
        return judge_anchor(BY_LABEL[label], cut(begin_s, 30.0), baseline, may_be_inside=True)[0]

    stood, sat = verdict(AnchorLabel.STAND_STILL, standing), verdict(AnchorLabel.SIT, sitting)
    presences = [dict(one.numbers).get("presence", np.nan) for one in (stood, sat)]
    sway = wandering(cut(standing + 2.0, 28.0), known)
    lasting_db = -20.0 if sway is None else sway[1]
    spectrum = summed_spectrum(cut(sitting + 2.0, 28.0))
    assert spectrum is not None
    bpm, power, _ = spectrum
    line_db = float(10 * np.log10(power[np.abs(bpm - GUEST_BPM) <= NEAR_BPM].max()))
    print(
        f"| {home.seed} | {home} | {presences[0]:.1f} | {lasting_db:.1f} | {presences[1]:.1f} | {line_db:.1f} |",
        flush=True,
    )
    return presences[0] > SEEN_FROM, presences[1] > SEEN_FROM, lasting_db >= LASTING_DB, line_db >= BESIDE_DB


def main() -> None:
    """A row per home, and how often each was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="skip so many")
    options = parser.parse_args()
    print("| seed | home | stands: log-odds | sway, dB | sits: log-odds | line at 19 /min, dB |")
    print("|" + "---|" * 6)
    homes = [home_of(index) for index in range(options.first, options.first + options.seeds)]
    seen = np.array([show(replace(home, moved=int(home.seed in MOVED))) for home in homes])
    print("of", len(seen), dict(zip(("stands", "sits", "sways", "breathes"), seen.sum(axis=0).tolist(), strict=True)))


if __name__ == "__main__":
    main()
