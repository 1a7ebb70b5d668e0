"""ADR-071 from top to bottom: collect → contrastive → heads → adapters → quantise → consolidate."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import TrainingError
from ..shapes import Vector
from .adaptation import train_adapter
from .adapter import Adapter
from .consolidation import LAMBDA_BASE, LAMBDA_NODE, Consolidation, Task
from .contrastive import EpochLoss, train_encoder, triplet_accuracy
from .dataset import Dataset
from .encoder import Encoder
from .evaluation import judge_classifier, judge_regression
from .feature_table import FeatureTable, thinned
from .heads import Head
from .model import Model
from .own_labels import ACTIVITY_CLASSES, PRESENCE_CLASSES, VITALS_OUTPUTS, label
from .quantisation_table import quantise_encoder
from .scoring import ClassificationScore, RegressionScore
from .split import Split
from .training_run import Settings, TrainingRun, TripletScore
from .triplets import Triplets, mine

#: Rows that heads learn from and are judged on. Origin: derived, five minutes of two nodes; of longer recordings every
#: second, third, … row tells them the same, and 128 numbers for each of 200,000 rows do not fit a small computer.
MAX_HEAD_ROWS: Final = 20_000

type Progress = Callable[[str, float], None]
"""(what is being done, share of the whole 0–1)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PresenceLesson:
    """Who was there according to other sensors: class index (n,) into `PRESENCE_CLASSES`, quality (n,), per row."""

    label: NDArray[np.intp]
    quality: Vector
    source: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pretrained:
    """Phase 1: the split, the encoder before and after, its last triplets and the loss per epoch."""

    table: FeatureTable
    split: Split
    start: Encoder
    encoder: Encoder
    triplets: Triplets
    losses: tuple[EpochLoss, ...]

    @property
    def learn(self) -> FeatureTable:
        """Rows that may be learnt from."""
        return self.table.take(self.split.train)


def train(
    dataset: Dataset,
    settings: Settings | None = None,
    progress: Progress | None = None,
    *,
    encoder: Encoder | None = None,
) -> TrainingRun:
    """Run all phases; deterministic for a data set and a seed. Raises TrainingError if no honest run is possible.

    encoder : one that is there already, of `settings.source`; it stays as it is and phase 1 is left out
    """
    settings = settings or Settings()
    tell = progress or (lambda _what, _share: None)
    rng = np.random.default_rng(settings.seed)
    table = dataset.table(settings.source)
    first = pretrain(table, settings, rng, tell) if encoder is None else kept(table, encoder, rng)
    return finish(dataset, settings, first, rng, tell)


def kept(table: FeatureTable, encoder: Encoder, rng: np.random.Generator) -> Pretrained:
    """In the place of phase 1: a given encoder beside the controls that a new one would have had."""
    split = Split.by_block(table.at_s)
    learn = table.take(split.train)
    start = Encoder.initialise(learn.features, rng)
    return Pretrained(table=table, split=split, start=start, encoder=encoder, triplets=mine(learn, rng), losses=())


def pretrain(table: FeatureTable, settings: Settings, rng: np.random.Generator, tell: Progress) -> Pretrained:
    """Phase 1 on the training blocks of a table."""
    tell("contrastive pretraining", 0.05)
    split = Split.by_block(table.at_s)
    learn = table.take(split.train)
    start = Encoder.initialise(learn.features, rng)
    encoder, triplets, losses = train_encoder(
        start,
        learn,
        rng,
        n_epochs=settings.n_epochs,
        on_epoch=lambda loss: tell("contrastive pretraining", 0.05 + 0.5 * (loss.epoch + 1) / settings.n_epochs),
    )
    return Pretrained(table=table, split=split, start=start, encoder=encoder, triplets=triplets, losses=tuple(losses))


def finish(
    dataset: Dataset,
    settings: Settings,
    first: Pretrained,
    rng: np.random.Generator,
    tell: Progress,
    lesson: PresenceLesson | None = None,
) -> TrainingRun:
    """Phases 2 to 5 on a trained encoder; `lesson` takes the place of what the boards say about presence."""
    encoder, learn = first.encoder, first.learn
    report = first.table.take(first.split.held_out)
    triplet_score = _triplet_score(encoder, first.start, report, rng)

    tell("task heads", 0.6)
    heads, refusals, scores, head_losses = _train_heads(dataset, first, rng, lesson)

    tell("adapters per node", 0.75)
    adapters, node_losses = _train_adapters(encoder, learn, rng, refusals)

    tell("consolidation", 0.85)
    tasks = _register_tasks(encoder, learn, first.triplets, rng)

    tell("quantisation", 0.92)
    quantised, rows = quantise_encoder(encoder, learn, report, rng)
    model = Model(
        name=settings.name,
        feature_source=settings.source.value,
        encoder=encoder,
        heads=heads,
        adapters=adapters,
        tasks=tasks,
        refusals=refusals,
    )
    tell("done", 1.0)
    return TrainingRun(
        settings=settings,
        model=model,
        dataset=dataset,
        table=first.table,
        split=first.split,
        triplets=first.triplets,
        losses=first.losses,
        node_losses=node_losses,
        head_losses=head_losses,
        triplet_score=triplet_score,
        scores=scores,
        quantised=quantised,
        quantisation=rows,
    )


def _triplet_score(encoder: Encoder, start: Encoder, report: FeatureTable, rng: np.random.Generator) -> TripletScore:
    held_out = mine(report, rng)
    trained, raw = encoder.embed(report.features), (report.features - start.centre) / start.scale
    strategies = np.array([strategy.value for strategy in held_out.strategy])
    parts = {str(name): held_out.take(strategies == name) for name in np.unique(strategies)}
    return TripletScore(
        n_triplets=len(held_out),
        trained=triplet_accuracy(trained, held_out),
        random_encoder=triplet_accuracy(start.embed(report.features), held_out),
        raw_features=triplet_accuracy(raw, held_out),
        by_strategy={
            name: (len(part), triplet_accuracy(trained, part), triplet_accuracy(raw, part))
            for name, part in parts.items()
        },
    )


def _train_heads(
    dataset: Dataset, first: Pretrained, rng: np.random.Generator, lesson: PresenceLesson | None
) -> tuple[
    dict[str, Head], dict[str, str], dict[str, ClassificationScore | RegressionScore], dict[str, tuple[float, ...]]
]:
    kept = thinned(len(first.table), MAX_HEAD_ROWS)
    table, split = first.table.take(kept), first.split.take(kept)
    labels, embedding = label(dataset, table), first.encoder.embed(table.features)
    presence = labels.presence if lesson is None else lesson.label[kept]
    presence_quality = labels.quality if lesson is None else lesson.quality[kept]
    heads: dict[str, Head] = {}
    refusals: dict[str, str] = {}
    scores: dict[str, ClassificationScore | RegressionScore] = {}
    all_losses: dict[str, tuple[float, ...]] = {}
    for name, classes, values, quality in (
        ("presence", PRESENCE_CLASSES, presence, presence_quality),
        ("activity", ACTIVITY_CLASSES, labels.activity, labels.quality),
    ):
        try:
            head, score, losses, refusal = judge_classifier(name, embedding, values, quality, classes, split, rng)
        except TrainingError as error:
            refusals[name] = str(error)
            continue
        scores[name], all_losses[name] = score, tuple(losses)
        if refusal is None:
            heads[name] = head
        else:
            refusals[name] = refusal
    try:
        head, rates, losses, refusal = judge_regression(
            "vitals", embedding, labels.vitals, labels.vitals_quality, VITALS_OUTPUTS, split, rng
        )
    except TrainingError as error:
        refusals["vitals"] = str(error)
    else:
        scores["vitals"], all_losses["vitals"] = rates, tuple(losses)
        if refusal is None:
            heads["vitals"] = head
        else:
            refusals["vitals"] = refusal
    return heads, refusals, scores, all_losses


def _train_adapters(
    encoder: Encoder, learn: FeatureTable, rng: np.random.Generator, refusals: dict[str, str]
) -> tuple[dict[int, Adapter], dict[int, tuple[EpochLoss, ...]]]:
    adapters: dict[int, Adapter] = {}
    losses: dict[int, tuple[EpochLoss, ...]] = {}
    for node in np.unique(learn.node):
        try:
            adapters[int(node)], found = train_adapter(encoder, learn.take(learn.node == node), rng)
        except TrainingError as error:
            refusals[f"adapter of node {node}"] = str(error)
        else:
            losses[int(node)] = tuple(found)
    return adapters, losses


def _register_tasks(
    encoder: Encoder, learn: FeatureTable, triplets: Triplets, rng: np.random.Generator
) -> tuple[Task, ...]:
    consolidation = Consolidation()
    consolidation.register(Task.register("base", LAMBDA_BASE, encoder, learn, triplets))
    for node in np.unique(learn.node):
        own = learn.take(learn.node == node)
        try:
            consolidation.register(Task.register(f"node-{node}", LAMBDA_NODE, encoder, own, mine(own, rng)))
        except TrainingError:
            continue  # Named already among the refusals of the adapters.
    return tuple(consolidation.tasks)
