"""The whole loop in simulation: baseline, eight anchors, training, a later day. Writes docs/benchmarks/room.md.

python benchmarks/room_simulation.py --seeds 20 --write docs/benchmarks/room.md
"""

import argparse
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.room_lab import Lab
from ruview_engine.room.changes import BaselineRefused
from ruview_engine.room.specialist import SpecialistKind

#: Geometry, layout, nodes, rate, format: one after the other for the seeds.
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
#: What goes wrong on purpose, and which faults are right answers.
WRONG = (
    ("sit", "small_move", {"moved"}),
    ("stand_still", "absent", {"absent"}),
    ("breathe_slow", "breathe:16", {"breathing_too_fast", "no_breathing"}),
    ("breathe_normal", "breathe:7", {"breathing_too_slow", "no_breathing"}),
    ("small_move", "sit", {"not_moving"}),
)
POSTURE = {"stand": "standing", "sit": "sitting", "lie": "lying", "sleep": "lying"}


@dataclass(slots=True)
class Score:
    """What one run or many add up to."""

    still: Counter[str] = field(default_factory=Counter)
    empty: Counter[str] = field(default_factory=Counter)
    posture: Counter[str] = field(default_factory=Counter)
    breath_errors: list[float] = field(default_factory=list)
    n_breath_seconds: int = 0
    heart: Counter[str] = field(default_factory=Counter)
    n_vetoes: int = 0
    stale: Counter[str] = field(default_factory=Counter)

    def add(self, other: Score) -> None:
        """Sum."""
        self.still += other.still
        self.empty += other.empty
        self.posture += other.posture
        self.breath_errors += other.breath_errors
        self.n_breath_seconds += other.n_breath_seconds
        self.heart += other.heart
        self.n_vetoes += other.n_vetoes
        self.stale += other.stale

    def saw(self, lab: Lab, settled_s: float, left_s: float) -> None:
        """Score one second against the truth."""
        state, truth = lab.room.state, lab.truth
        assert state is not None
        self.n_vetoes += state.is_vetoed
        self.stale.update(cause.reason.value for cause in state.stale)
        called = "unknown" if state.presence.value is None else state.presence.value.value
        if not truth.is_present:
            if lab.at_s - left_s > 45.0:
                self.empty[called] += 1
            return
        if truth.is_moving or lab.at_s < settled_s + 8.0:
            return
        self.still[called] += 1
        if truth.posture is not None and lab.at_s >= settled_s + 10.0:
            value = state.posture.value
            name = "abstained" if value is None else ("right" if value.value == POSTURE[truth.posture] else "wrong")
            self.posture[f"{POSTURE[truth.posture]} {name}"] += 1
        if truth.breathing_bpm is not None and lab.at_s >= settled_s + 32.0:
            self.n_breath_seconds += 1
            if state.breathing.value is not None:
                self.breath_errors.append(abs(state.breathing.value - truth.breathing_bpm))
            if state.heart_rate.value is not None and truth.heart_bpm is not None:
                self.heart["right" if abs(state.heart_rate.value - truth.heart_bpm) <= 5 else "wrong"] += 1


def one_run(index: int, *, with_wrong: bool = True) -> dict[str, object]:
    """One seed from unboxing to a later day."""
    geometry, layout, nodes, rate, version = CONFIGS[index % len(CONFIGS)]
    lab = Lab(geometry=geometry, layout=layout, nodes=nodes, rate_hz=rate, version=version, seed=index + 1)
    row: dict[str, object] = {"seed": index + 1, "config": f"{geometry} {layout} {nodes}×{rate:g} Hz v{version}"}
    captured = lab.calibrate()
    if isinstance(captured, BaselineRefused):
        return row | {"refused": captured.refusal.reason.value, "numbers": captured.refusal.numbers}
    row["links"] = len(captured.baseline.links)
    verdicts = lab.enrol()
    row["accepted"] = 1 + sum(verdict.accepted for verdict in verdicts.values())
    row["rejected"] = {
        label: (verdict.reason.value if verdict.reason else None, [(n, round(v, 2)) for n, v in verdict.numbers])
        for label, verdict in verdicts.items()
        if not verdict.accepted
    }
    report = lab.train()
    row["bank"] = [] if lab.room.bank is None else [kind.value for kind in lab.room.bank.kinds]
    row["absent"] = {} if report is None else {r.kind.value: str(r.reason) for r in report.specialists if r.reason}
    row["auc"] = None if report is None else _score(report, SpecialistKind.PRESENCE)
    score = Score()
    left_s = lab.at_s
    lab.act("leave")
    lab.run(30)
    left_s = lab.at_s
    for activity, seconds in (("absent", 120), ("stand", 70), ("sit", 80), ("sleep", 80)):
        settled_s = lab.act(activity) if activity != "absent" else lab.at_s
        lab.run(max(seconds, settled_s - lab.at_s + seconds), each=lambda one, s=settled_s: score.saw(one, s, left_s))
        if activity != "absent":
            lab.act("leave")
            lab.run(20, each=lambda one: score.saw(one, 1e18, 1e18))
    left_s = lab.at_s
    lab.run(150, each=lambda one: score.saw(one, 1e18, left_s))
    row["score"] = score
    if with_wrong:
        wrong = {}
        for label, do, right in WRONG:
            if do == "small_move" or label == "small_move" or label.startswith("breathe"):
                lab.run(max(0.0, lab.act("sit") - lab.at_s + 1))
            if do == "absent":
                lab.act("leave")
                lab.run(60)
            verdict = lab.anchor(label, do)
            reason = None if verdict.reason is None else verdict.reason.value
            wrong[f"{label}: {do}"] = reason if reason not in right else "ok"
        lab.run(max(0.0, lab.act("sit") - lab.at_s + 1))
        lab.guest.do("sleep", lab.at_s)
        lab.run(25)
        verdict = lab.anchor("breathe_normal")
        wrong["two people"] = "ok" if not verdict.accepted else None
        row["two_people"] = None if verdict.reason is None else verdict.reason.value
        row["wrong"] = {name: value for name, value in wrong.items() if value != "ok"}
    row["tick_ms"] = float(np.median(lab.tick_ms))
    return row


def _score(report: object, kind: SpecialistKind) -> float | None:
    one = report.of(kind)  # type: ignore[attr-defined]
    return None if one is None else round(one.score, 3)


def main() -> None:
    """Run and print; `--write` also writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--no-wrong", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    total, rows = Score(), []
    for index in range(options.first, options.first + options.seeds):
        row = one_run(index, with_wrong=not options.no_wrong)
        score = row.pop("score", None)
        if isinstance(score, Score):
            total.add(score)
            row |= summary(score)
        rows.append(row)
        print(json.dumps(row, default=str), flush=True)
    print("TOTAL", json.dumps(summary(total)))
    if options.json:
        options.json.write_text(json.dumps({"rows": rows, "total": summary(total)}, default=str, indent=1))


def summary(score: Score) -> dict[str, object]:
    """Shares and errors."""
    still, empty = sum(score.still.values()), sum(score.empty.values())
    recalls, coverage = [], []
    for posture in ("standing", "sitting", "lying"):
        right, wrong = score.posture[f"{posture} right"], score.posture[f"{posture} wrong"]
        abstained = score.posture[f"{posture} abstained"]
        if right + wrong:
            recalls.append(right / (right + wrong))
        if right + wrong + abstained:
            coverage.append((right + wrong) / (right + wrong + abstained))
    errors = score.breath_errors
    return {
        "still_present": round(score.still["present"] / max(still, 1), 4),
        "still_clear": round(score.still["clear"] / max(still, 1), 4),
        "empty_present": round(score.empty["present"] / max(empty, 1), 4),
        "empty_clear": round(score.empty["clear"] / max(empty, 1), 4),
        "posture_balanced": round(float(np.mean(recalls)), 3) if recalls else None,
        "posture_coverage": round(float(np.mean(coverage)), 3) if coverage else None,
        "posture": dict(score.posture),
        "breath_mae": round(float(np.mean(errors)), 3) if errors else None,
        "breath_reported": round(len(errors) / max(score.n_breath_seconds, 1), 3),
        "heart": dict(score.heart),
        "vetoes": score.n_vetoes,
        "stale": dict(score.stale),
        "seconds": [still, empty],
    }


if __name__ == "__main__":
    main()
