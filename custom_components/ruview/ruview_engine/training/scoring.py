"""How good a head is on rows it never saw, beside what guessing achieves."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..shapes import Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationScore:
    """Held-out result of a classifier.

    confusion : rows are the truth, columns the answer, counts
    trivial : balanced accuracy of always answering the most frequent training class = 1 / number of classes seen
    shuffled : balanced accuracies of the same head trained on shuffled labels, one per draw; () when not run
    """

    classes: tuple[str, ...]
    n_rows: int
    accuracy: float
    balanced_accuracy: float
    recall: tuple[float | None, ...]
    confusion: tuple[tuple[int, ...], ...]
    trivial: float
    shuffled: tuple[float, ...] = ()

    @property
    def by_chance(self) -> tuple[float, float]:
        """Mean and standard deviation of the shuffled draws; the trivial answer and 0 when there are none."""
        return (float(np.mean(self.shuffled)), float(np.std(self.shuffled))) if self.shuffled else (self.trivial, 0.0)

    @classmethod
    def measure(
        cls,
        classes: tuple[str, ...],
        truth: NDArray[np.intp],
        answer: NDArray[np.intp],
        shuffled: tuple[float, ...] = (),
    ) -> Self:
        """Compare (n,) truth with (n,) answers, both class indices."""
        k = len(classes)
        confusion = np.bincount(truth * k + answer, minlength=k * k).reshape(k, k)
        total = confusion.sum(axis=1)
        recall = tuple(float(confusion[i, i] / total[i]) if total[i] else None for i in range(k))
        seen = [r for r in recall if r is not None]
        return cls(
            classes=classes,
            n_rows=len(truth),
            accuracy=float(np.trace(confusion) / max(len(truth), 1)),
            balanced_accuracy=float(np.mean(seen)) if seen else 0.0,
            recall=recall,
            confusion=tuple(tuple(int(c) for c in row) for row in confusion),
            trivial=1.0 / len(seen) if seen else 0.0,
            shuffled=shuffled,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionScore:
    """Held-out mean absolute error per output beside the error of always answering the training mean."""

    outputs: tuple[str, ...]
    n_rows: int
    mean_absolute_error: tuple[float, ...]
    trivial_error: tuple[float, ...]
    explained: tuple[float, ...]

    @classmethod
    def measure(cls, outputs: tuple[str, ...], truth: Matrix, answer: Matrix, training_mean: Matrix) -> Self:
        """truth, answer (n, k); training_mean (k,). `explained` is 1 − MSE/MSE(trivial): ≤ 0 means useless."""
        trivial = training_mean[None, :] - truth
        residual = answer - truth
        return cls(
            outputs=outputs,
            n_rows=len(truth),
            mean_absolute_error=tuple(float(x) for x in np.abs(residual).mean(axis=0)),
            trivial_error=tuple(float(x) for x in np.abs(trivial).mean(axis=0)),
            explained=tuple(
                float(x) for x in 1.0 - (residual**2).mean(axis=0) / np.maximum((trivial**2).mean(axis=0), 1e-12)
            ),
        )
