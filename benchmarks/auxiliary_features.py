"""Do regime and signature scores help presence or posture? (ADR-099 P4)

    python benchmarks/auxiliary_features.py

Simulated sessions of one person in one room, one node, 64 pairs at 20 Hz, each with its own empty minute as baseline.
Per second: motion (mean z, score, smoothness) and the shift of eight bands against the baseline; with and without
regime (which, how sure) and the five best signature scores of the shipped library. The same ridge-regularised logistic
regression on both, every session tested by a model of the others. Balanced accuracy; differences with the standard
error over sessions.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ruview_engine.engine import Engine
from ruview_engine.introspection.features import band_matrix
from ruview_engine.introspection.introspector import ChangeModel
from ruview_engine.introspection.library import Library
from ruview_engine.introspection.signature import parse_signature
from ruview_engine.introspection.snapshot import Regime
from ruview_engine.links.quiet import QuietModel
from ruview_engine.settings import RoomSettings
from ruview_engine.simulate import scenes
from ruview_engine.simulate.person import Person
from ruview_engine.simulate.simulator import Simulator
from ruview_engine.simulate.timeline import Timeline

SESSIONS = 8
BASELINE_S = 60
STRETCH_S = 30
POSTURES = ("stand", "sit", "lie")
REGIMES = tuple(Regime)
SIGNATURES = Path(__file__).resolve().parents[1] / "signatures"


def session(seed: int, library: Library) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """(n, 11) base features, (n, 11) auxiliary ones, and what was true in each second."""
    rng = np.random.default_rng(seed)
    order = ["absent", "walk", "stand", "sit", "lie", "absent", "sit", "stand", "lie", "absent"]
    rng.shuffle(order)
    plan = ((0.0, "absent"), *((BASELINE_S + 5.0 + STRETCH_S * i, what) for i, what in enumerate(order)))
    scene = scenes.living_room(nodes=1, n_others=0)
    simulator = Simulator(scene, Timeline([Person(scene, seed, placement_m=0.07).follow(plan)]), seed)
    engine = Engine()
    room = engine.add_room(RoomSettings(room_id="p4", nodes=None), 0.0)
    room.set_library(library)
    base, auxiliary, truth = [], [], []
    bands = mean = None
    for second in range(BASELINE_S + 5 + STRETCH_S * len(order)):
        if second == BASELINE_S:
            link = max(engine.taps.values(), key=lambda tap: tap.link.frames).link
            window = link.window(55.0, float(second))
            quiet = QuietModel.fit([window])
            change = ChangeModel.fit([window.profiles], fs_hz=link.fs_hz or 20.0)
            engine.expect(room, {link.id: quiet}, {link.id: change})
            bands = band_matrix(link.active, 8)
            mean = bands @ window.profiles.mean(axis=0)
        for at_s, source, datagram in simulator.second():
            engine.feed(datagram, source, at_s)
        settled = second >= BASELINE_S + 5 and (second - BASELINE_S - 5) % STRETCH_S >= 8
        if bands is None or not settled:
            continue
        tap, snapshot = engine.taps[link.id], room.snapshot
        now = simulator.truth(second + 0.5)
        window = tap.link.window(1.0, second + 1.0)
        if tap.motion is None or snapshot is None or len(window) < 5:
            continue
        motion = tap.motion
        shift = np.log(np.maximum(bands @ window.profiles.mean(axis=0), 1e-3) / mean)
        base.append([motion.z, motion.score or 0.0, motion.smoothness, *shift])
        sure = [snapshot.regime_confidence * (snapshot.regime is regime) for regime in REGIMES]
        scores = [match.score or 0.0 for match in snapshot.top_k_similarity[:5]]
        auxiliary.append([*sure, snapshot.change_score or 0.0, *scores, *[0.0] * (5 - len(scores))])
        truth.append("absent" if not now.n_people else "moving" if now.is_moving else str(now.posture))
    return np.array(base), np.array(auxiliary), truth


def fitted(x: NDArray[np.float64], y: NDArray[np.int64], n_classes: int) -> NDArray[np.float64]:
    """Multinomial logistic regression by gradient descent, classes weighted equally."""
    weights = np.zeros((x.shape[1], n_classes))
    target = np.eye(n_classes)[y]
    share = 1.0 / (n_classes * np.maximum(target.sum(axis=0), 1.0))[y]
    for _ in range(600):
        scores = x @ weights
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        gradient = x.T @ ((odds / odds.sum(axis=1, keepdims=True) - target) * share[:, None])
        weights -= 1.0 * (gradient + 1e-3 * weights)
    return weights


def held_out(parts: list[NDArray[np.float64]], labels: list[NDArray[np.int64]], n_classes: int) -> NDArray[np.float64]:
    """Balanced accuracy of each session under a model of the others."""
    found = []
    for k in range(len(parts)):
        x = np.concatenate([p for i, p in enumerate(parts) if i != k])
        y = np.concatenate([p for i, p in enumerate(labels) if i != k])
        location, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
        design = np.clip(np.c_[np.ones(len(x)), (x - location) / scale], -6.0, 6.0)
        weights = fitted(design, y, n_classes)
        answer = (np.clip(np.c_[np.ones(len(parts[k])), (parts[k] - location) / scale], -6.0, 6.0) @ weights).argmax(1)
        found.append(np.mean([np.mean(answer[labels[k] == c] == c) for c in np.unique(labels[k])]))
    return np.array(found)


def main() -> None:
    files = sorted(SIGNATURES.glob("*.sig.json"))
    library = Library(signatures={s.id: s for s in (parse_signature(f.read_text()) for f in files)})
    sessions = [session(seed, library) for seed in range(1, SESSIONS + 1)]
    print(f"{len(sessions)} sessions, {sum(len(t) for _, _, t in sessions)} seconds, {len(files)} signatures")
    for question, classes in (("presence", None), ("posture", POSTURES)):
        plain, more, labels = [], [], []
        for base, auxiliary, truth in sessions:
            known = np.array([classes is None or t in classes for t in truth])
            names = [t for t, k in zip(truth, known, strict=True) if k]
            labels.append(np.array([int(t != "absent") if classes is None else classes.index(t) for t in names]))
            plain.append(base[known])
            more.append(np.c_[base, auxiliary][known])
        n_classes = 2 if classes is None else len(classes)
        before, after = held_out(plain, labels, n_classes), held_out(more, labels, n_classes)
        gain = after - before
        error = gain.std(ddof=1) / np.sqrt(len(gain))
        print(f"{question}: without {before.mean():.3f}, with {after.mean():.3f}, ", end="")
        print(f"difference {gain.mean():+.3f} ± {error:.3f}, guessing {1 / n_classes:.3f}")


if __name__ == "__main__":
    main()
