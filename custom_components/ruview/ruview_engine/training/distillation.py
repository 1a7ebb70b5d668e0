"""Teach a head on one encoder what a head on another knows (Hinton et al. 2015): labels are not needed, rows are."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import TrainingError
from ..shapes import Matrix
from .heads import Head, train_on_scores

#: Softens the teacher's answers, so that its doubts are taught too. Origin: spec, Hinton et al. 2015 §2 (2–5 for small
#: students).
TEMPERATURE: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DistillationScore:
    """On held-out rows: how often student and teacher agree, and how often they would if the student guessed.

    Agreement is not accuracy: a student inherits its teacher's mistakes.
    """

    n_rows: int
    agreement: float
    trivial: float


def distil(
    teacher: Head,
    teacher_embedding: Matrix,
    student_embedding: Matrix,
    is_training: NDArray[np.bool_],
    rng: np.random.Generator,
) -> tuple[Head, DistillationScore, list[float]]:
    """(student head, held-out agreement, loss per epoch) from the same n rows seen through two encoders.

    Raises TrainingError for a teacher without classes, row counts that differ, or no held-out row.
    """
    if not teacher.classes:
        raise TrainingError(f"{teacher.name}: a regression head has no class probabilities to teach")
    if len(teacher_embedding) != len(student_embedding) or len(is_training) != len(student_embedding):
        raise TrainingError(
            f"{len(teacher_embedding)} teacher rows, {len(student_embedding)} student rows, {len(is_training)} flags"
        )
    held = ~is_training
    if not held.any():
        raise TrainingError("no held-out row to compare teacher and student on")
    raw = (teacher_embedding @ teacher.weights + teacher.bias) / TEMPERATURE
    soft = np.exp(raw - raw.max(axis=1, keepdims=True))
    soft /= soft.sum(axis=1, keepdims=True)
    head, losses = train_on_scores(teacher.name, student_embedding, soft, teacher.classes, is_training, rng)
    # The student learnt softened answers; multiplied back, its confidence is the teacher's own.
    student = Head(
        name=head.name, weights=head.weights * TEMPERATURE, bias=head.bias * TEMPERATURE, classes=head.classes
    )
    wanted, given = teacher.predict(teacher_embedding[held]), student.predict(student_embedding[held])
    commonest = np.bincount(teacher.predict(teacher_embedding[is_training])).argmax()
    score = DistillationScore(
        n_rows=int(held.sum()),
        agreement=float(np.mean(wanted == given)),
        trivial=float(np.mean(wanted == commonest)),
    )
    return student, score, losses
