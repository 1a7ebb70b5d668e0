"""The whole loop in simulation: baseline, eight anchors, training, a later stay, and everything one can do wrong.

    python -m benchmarks.room_simulation --seeds 20            rows of docs/benchmarks/room.md
    python -m benchmarks.room_simulation --first 3 --seeds 1 --verbose

Every home is played once and kept (`room_tape`); a replay takes five to twenty seconds.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from benchmarks.room_live import TapedRoom
from benchmarks.room_tape import Home, Mark, Tape
from ruview_engine.live_room import ChangeModelsFitted
from ruview_engine.room.anchor import ANCHORS, BY_LABEL, AnchorLabel, Fault, Verdict
from ruview_engine.room.changes import AnchorJudged, BankTrained, BaselineCaptured, BaselineRefused, RoomChange
from ruview_engine.room.gate import MAX_SILENCE_S, MIN_FRAMES
from ruview_engine.room.sensitivity import SensitivityReport
from ruview_engine.room.specialist import SpecialistKind

#: Geometry, layout, boards, rate, format: one after the other for the seeds.
CONFIGS = (
    ("living_room", "64", 1, 20.0, 1),
    ("bedroom", "64", 2, 20.0, 1),
    ("studio", "128", 3, 20.0, 2),
    ("living_room", "192-stbc", 2, 13.0, 2),
    ("bedroom", "256-he", 1, 25.0, 2),
    ("studio", "64", 2, 50.0, 2),
    ("living_room", "306", 3, 15.0, 3),
    ("bedroom", "128", 1, 30.0, 3),
    ("studio", "192-stbc", 2, 20.0, 1),
    ("living_room", "64", 3, 40.0, 3),
)
#: Right answers to what goes wrong on purpose; a hole of frames is right where there is one.
RIGHT = {
    "wrong:sit": {"moved", "too_much_motion"},
    "wrong:stand_still": {"absent"},
    "wrong:breathe_slow": {"breathing_too_fast", "no_breathing"},
    "wrong:breathe_normal": {"breathing_too_slow", "no_breathing"},
    "wrong:small_move": {"not_moving"},
    "visitor:sit": {"moved", "too_much_motion", "two_people"},
    "leaves:stand_still": {"absent"},
    "two:breathe_normal": {"two_people"},
    "two:sit": {"two_people"},
    "pair:breathe_normal": {"two_people"},
}
POSTURE = {"stand": "standing", "sit": "sitting", "lie": "lying", "sleep": "lying"}
#: Places for boards in every room.
N_PLACES = 3
#: Scored from so long after settling, and after having left. Origin: chosen, a block and a window of what is judged.
SETTLED_S, POSTURE_S, BREATH_S, LEFT_S = 8.0, 10.0, 32.0, 45.0


@dataclass(slots=True)
class Score:
    """What the later stay of one home, or of many, adds up to."""

    still: Counter[str] = field(default_factory=Counter)
    empty: Counter[str] = field(default_factory=Counter)
    posture: Counter[str] = field(default_factory=Counter)
    heart: Counter[str] = field(default_factory=Counter)
    stale: Counter[str] = field(default_factory=Counter)
    breath_errors: list[float] = field(default_factory=list)
    n_breath: int = 0
    n_vetoes: int = 0

    def add(self, other: Score) -> None:
        """Sum."""
        for name in ("still", "empty", "posture", "heart", "stale"):
            getattr(self, name).update(getattr(other, name))
        self.breath_errors += other.breath_errors
        self.n_breath += other.n_breath
        self.n_vetoes += other.n_vetoes

    def recalls(self) -> list[float]:
        """Right among the answered, per posture that was answered at all."""
        answered = (
            (self.posture[f"{name} right"], self.posture[f"{name} wrong"]) for name in sorted({*POSTURE.values()})
        )
        return [right / (right + wrong) for right, wrong in answered if right + wrong]

    def cells(self) -> str:
        """Columns of the table."""

        def share(counts: Counter[str], name: str) -> str:
            return f"{counts[name] / max(sum(counts.values()), 1):.2f}"

        answered = sum(count for name, count in self.posture.items() if not name.endswith("abstained"))
        recalls = self.recalls()
        posture = f"{np.mean(recalls):.2f}" if recalls else "–"
        error = f"{np.mean(self.breath_errors):.2f}" if self.breath_errors else "–"
        return " | ".join(
            (
                f"{share(self.still, 'present')} / {share(self.still, 'clear')}",
                f"{share(self.empty, 'present')} / {share(self.empty, 'clear')}",
                f"{posture} / {answered / max(sum(self.posture.values()), 1):.2f}",
                f"{error} / {len(self.breath_errors) / max(self.n_breath, 1):.2f}",
                str(sum(self.heart.values()) or "–"),
                ", ".join(f"{name} {count}" for name, count in self.stale.items()) or "–",
            )
        )


class Replay:
    """One home's tape through one room. Looks every third second while teaching, else every `every`."""

    def __init__(self, tape: Tape, every: int = 1) -> None:
        self.tape = tape
        self.taped = TapedRoom(tape)
        self.room = self.taped.live.room
        self.score = Score()
        self.tick_ms: list[float] = []
        self._every = every
        self._at_s = 0.0

    def calibrate(self) -> BaselineCaptured | BaselineRefused:
        """The empty minute."""
        (mark,) = self._marks("baseline")
        self._run(mark.begin_s, None)
        self.room.start_baseline(self._at_s, lead_s=mark.ready_s - mark.begin_s)
        changes = self._run(mark.begin_s + 66, None)
        return next(one for one in changes if isinstance(one, BaselineCaptured | BaselineRefused))

    def enrol(self) -> dict[str, list[Verdict]]:
        """Every anchor; a second time where the first was refused."""
        verdicts: dict[str, list[Verdict]] = {anchor.label.value: [] for anchor in ANCHORS[1:]}
        for group in ("first", "second"):
            for mark in self._marks(f"{group}:"):
                label = mark.name.partition(":")[2]
                if not verdicts[label] or not verdicts[label][-1].accepted:
                    verdicts[label].append(self.anchor(mark))
        return verdicts

    def anchor(self, mark: Mark) -> Verdict:
        """One anchor as the script has it."""
        label = mark.name.partition(":")[2]
        self._run(mark.begin_s, 3)
        self.room.start_anchor(label, self._at_s, lead_s=mark.ready_s - mark.begin_s)
        changes = self._run(mark.ready_s + BY_LABEL[AnchorLabel(label)].duration_s + 3, 3)
        return next(one.verdict for one in changes if isinstance(one, AnchorJudged))

    def train(self) -> SensitivityReport | None:
        """Train everything; None when nothing separated."""
        changes = self.room.train(self._at_s)
        return next((one.report for one in changes if isinstance(one, BankTrained)), None)

    def later(self) -> None:
        """The later stay, scored."""
        marks = self.tape.marks
        first = next(number for number, mark in enumerate(marks) if mark.name == "gone")
        left_s: float | None = None
        for mark, following in zip(marks[first:], marks[first + 1 :], strict=False):
            if mark.name.startswith("wrong:"):
                break

            def look(mark: Mark = mark) -> None:
                nonlocal left_s
                if self.tape.truth[int(self._at_s) - 1].is_present:
                    left_s = None
                elif left_s is None:
                    left_s = self._at_s
                self._saw(mark, left_s)

            self._run(following.begin_s, self._every, look)

    def wrong(self) -> dict[str, str]:
        """What was done wrong → the reason given, "accepted", or "" where the answer is right."""
        found = {}
        for mark in self.tape.marks:
            if mark.name in RIGHT:
                verdict = self.anchor(mark)
                reason = "accepted" if verdict.reason is None else verdict.reason.value
                is_right = reason in RIGHT[mark.name] or (verdict.reason is Fault.GAPS and self._has_hole(mark))
                found[mark.name] = "" if is_right else reason
        return found

    def _has_hole(self, mark: Mark) -> bool:
        """No link was heard throughout: nothing can be said of what was done."""
        end_s = mark.ready_s + BY_LABEL[AnchorLabel(mark.name.partition(":")[2])].duration_s
        heard = (window.between(mark.ready_s, end_s) for window in self.tape.links.values())
        return min(window.longest_gap_s for window in heard if len(window) >= MIN_FRAMES) > MAX_SILENCE_S

    def _marks(self, prefix: str) -> list[Mark]:
        return [mark for mark in self.tape.marks if mark.name.startswith(prefix)]

    def _run(
        self, until_s: float, every: int | None, look: Callable[[], None] = lambda: None
    ) -> list[RoomChange | ChangeModelsFitted]:
        """Let time pass; with `every` None only the end of a capture is judged."""
        changes: list[RoomChange | ChangeModelsFitted] = []
        while self._at_s < until_s:
            before, self._at_s = self._at_s, self._at_s + 1.0
            self.taped.hear(before, self._at_s)
            progress = self.room.progress(self._at_s)
            is_done = progress is not None and progress.remaining_s <= 0 and progress.fraction >= 1
            if is_done or (every is not None and int(self._at_s) % every == 0):
                began = time.thread_time()
                changes += self.taped.tick(self._at_s)
                self.tick_ms.append(1e3 * (time.thread_time() - began))
                look()
        return changes

    def _saw(self, mark: Mark, left_s: float | None) -> None:
        """Score one second against the truth."""
        state, truth, score = self.room.state, self.tape.truth[int(self._at_s) - 1], self.score
        assert state is not None
        score.n_vetoes += state.is_vetoed
        score.stale.update({cause.reason.value for cause in state.stale})
        called = "unknown" if state.presence.value is None else state.presence.value.value
        if not truth.is_present:
            if left_s is not None and self._at_s - left_s > LEFT_S:
                score.empty[called] += 1
            return
        if not mark.name.startswith("stay:") or truth.is_moving or self._at_s < mark.ready_s + SETTLED_S:
            return
        score.still[called] += 1
        if truth.posture is not None and self._at_s >= mark.ready_s + POSTURE_S:
            value = state.posture.value
            name = "abstained" if value is None else ("right" if value.value == POSTURE[truth.posture] else "wrong")
            score.posture[f"{POSTURE[truth.posture]} {name}"] += 1
        if truth.breathing_bpm is None or self._at_s < mark.ready_s + BREATH_S:
            return
        score.n_breath += 1
        if state.breathing.value is not None:
            score.breath_errors.append(abs(state.breathing.value - truth.breathing_bpm))
        if state.heart_rate.value is not None and truth.heart_bpm is not None:
            score.heart["right" if abs(state.heart_rate.value - truth.heart_bpm) <= 5 else "wrong"] += 1


def home_of(index: int) -> Home:
    """Where a seed lives."""
    geometry, layout, nodes, rate_hz, version = CONFIGS[index % len(CONFIGS)]
    return Home(geometry=geometry, layout=layout, nodes=nodes, rate_hz=rate_hz, version=version, seed=index + 1)


def one_home(
    home: Home, folder: Path | None, every: int, *, verbose: bool
) -> tuple[str, Score, Counter[str], Home | None]:
    """The row of one home, its score, how often each wrong behaviour was named rightly, and where the owner moves.

    Who is told twice that nobody is seen moves the boards to the room's next places and begins anew.
    """
    replay = Replay(Tape.of(home, folder), every)
    start = f"| {home.seed} | {home} | "
    captured = replay.calibrate()
    if isinstance(captured, BaselineRefused):
        return f"{start}baseline refused: {captured.refusal.reason.value} |", Score(), Counter(), None
    verdicts = replay.enrol()
    if verbose:
        for label, attempts in verdicts.items():
            for one in attempts:
                print(
                    f"  {label}: {one.reason or 'accepted'}", [(name, round(value, 2)) for name, value in one.numbers]
                )
    last = {label: attempts[-1] for label, attempts in verdicts.items()}
    n_accepted = 1 + sum(verdict.accepted for verdict in last.values())
    refused = ", ".join(f"{label}: {one.reason}" for label, one in last.items() if not one.accepted)
    is_blind = any(one.reason is Fault.ABSENT for one in last.values())
    elsewhere = replace(home, moved=home.moved + 1) if is_blind and home.moved + home.nodes < N_PLACES else None
    if n_accepted == 1:
        return f"{start}1/8 | {refused} |", Score(), Counter(), elsewhere
    report = replay.train()
    replay.later()
    wrong = replay.wrong()
    bank = replay.room.bank
    has_posture = bank is not None and SpecialistKind.POSTURE in bank.kinds
    if verbose and report is not None:
        print("  absent:", {one.kind.value: one.reason for one in report.specialists if one.reason})
    missed = ", ".join(f"{name}: {said}" for name, said in wrong.items() if said)
    row = (
        f"{start}{n_accepted}/8{f' ({refused})' if refused else ''} | {missed or '–'} | "
        f"{'yes' if has_posture else 'no'} | {replay.score.cells()} | {np.median(replay.tick_ms):.0f} |"
    )
    return row, replay.score, Counter(name for name, said in wrong.items() if not said), elsewhere


def main() -> None:
    """Print a row per seed, and the total."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="skip so many")
    parser.add_argument("--every", type=int, default=1, metavar="SECONDS", help="look so often in the later stay")
    parser.add_argument("--tapes", type=Path, help="where played homes are kept (the system's temporary folder)")
    parser.add_argument("--verbose", action="store_true", help="every verdict with its numbers")
    options = parser.parse_args()
    print(
        "| seed | home | anchors | wrong, not named | posture in bank | still: present / clear "
        "| empty: present / clear | posture: balanced / coverage | breath: MAE / reported "
        "| heart reports | stale looks | tick, ms CPU |"
    )
    print("|" + "---|" * 12)
    total, named, n_homes = Score(), Counter[str](), 0
    for index in range(options.first, options.first + options.seeds):
        home: Home | None = home_of(index)
        while home is not None:
            row, score, right, home = one_home(home, options.tapes, options.every, verbose=options.verbose)
            print(row, flush=True)
        # What counts is where the boards are in the end.
        total.add(score)
        named += right
        n_homes += bool(sum(score.still.values()))
    print(f"| all | | | | | {total.cells()} | |")
    print("named rightly:", {name: f"{named[name]} of {n_homes}" for name in RIGHT})


if __name__ == "__main__":
    main()
