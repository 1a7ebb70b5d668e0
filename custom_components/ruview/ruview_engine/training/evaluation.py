"""Train a head, judge it on held-out blocks beside its controls, and keep it only if it knows something."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import TrainingError
from ..shapes import Matrix, Vector
from .heads import Head, train_classifier, train_regression
from .scoring import ClassificationScore, RegressionScore
from .split import Split

#: A classifier must beat both controls, shuffled labels with their spread, by this much balanced accuracy. Origin:
#: chosen; the held-out score of a useless head scatters by about this much when blocks, not rows, are independent.
MIN_GAIN: Final = 0.05

#: Trainings on shuffled labels. Origin: derived, ten draws know their own spread to a quarter.
N_SHUFFLES: Final = 10

#: A regression must explain this share of the held-out variance. Origin: chosen, below it a constant is as good.
MIN_EXPLAINED: Final = 0.05

#: A class with fewer held-out rows is not reported on. Origin: chosen, two seconds of one link.
MIN_CLASS_ROWS: Final = 20


def judge_classifier(
    name: str,
    embedding: Matrix,
    label: NDArray[np.intp],
    quality: Vector,
    classes: Sequence[str],
    split: Split,
    rng: np.random.Generator,
) -> tuple[Head, ClassificationScore, list[float], str | None]:
    """(head, held-out score with shuffled controls, training losses, why it must not be used or None).

    Classes that are rare on either side of the split are left out; raises TrainingError when fewer than two remain.
    """
    usable = quality > 0
    common = [
        k
        for k in range(len(classes))
        if min((usable & split.train & (label == k)).sum(), (usable & split.held_out & (label == k)).sum())
        >= MIN_CLASS_ROWS
    ]
    if len(common) < 2:
        have = ", ".join(f"{one} {int((usable & (label == k)).sum())}" for k, one in enumerate(classes))
        raise TrainingError(f"fewer than two classes have {MIN_CLASS_ROWS} rows on both sides of the split ({have})")
    kept = usable & np.isin(label, common)
    narrowed = np.searchsorted(common, label)
    names = tuple(classes[k] for k in common)
    train, held = split.train & kept, split.held_out & kept
    safe = np.where(kept, narrowed, 0)
    head, losses = train_classifier(name, embedding, safe, quality, names, train, rng)
    shuffled = []
    for _ in range(N_SHUFFLES):
        wrong = safe.copy()
        wrong[train] = rng.permutation(safe[train])
        control, _ = train_classifier(name, embedding, wrong, quality, names, train, rng)
        found = ClassificationScore.measure(names, safe[held], control.predict(embedding[held]))
        shuffled.append(found.balanced_accuracy)
    score = ClassificationScore.measure(names, safe[held], head.predict(embedding[held]), shuffled=tuple(shuffled))
    mean, spread = score.by_chance
    bar = max(score.trivial, mean + spread) + MIN_GAIN
    refusal = None
    if score.balanced_accuracy < bar:
        refusal = f"held-out balanced accuracy {score.balanced_accuracy:.2f}; {bar:.2f} would beat both controls"
    return head, score, losses, refusal


def judge_regression(
    name: str,
    embedding: Matrix,
    target: Matrix,
    quality: Vector,
    outputs: tuple[str, ...],
    split: Split,
    rng: np.random.Generator,
) -> tuple[Head, RegressionScore, list[float], str | None]:
    """(head, held-out score, training losses, why it must not be used or None)."""
    known = quality > 0
    train, held = split.train & known, split.held_out & known
    if not held.any() or not train.any():
        raise TrainingError("no labelled rows on one side of the split")
    head, losses = train_regression(name, embedding, target, quality, train, rng)
    score = RegressionScore.measure(outputs, target[held], head.scores(embedding[held]), target[train].mean(axis=0))
    refusal = None
    if max(score.explained) < MIN_EXPLAINED:
        best = max(score.explained)
        refusal = f"explains {best:.2f} of the held-out variance at best; a constant is as good"
    return head, score, losses, refusal
