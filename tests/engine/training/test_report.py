"""The page about a run: everything that was judged is on it, with its controls; same run, same text."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from ruview_engine.training.dataset import Dataset
from ruview_engine.training.recipe import train
from ruview_engine.training.report import html
from ruview_engine.training.training_run import Settings, TrainingRun

VOID = {"meta"}


class Balanced(HTMLParser):
    """Complains about a tag that is not closed where it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """Closes itself."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(run: TrainingRun) -> str:
    return html(run)


def test_it_is_a_page_of_its_own(page: str, run: TrainingRun) -> None:
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert run.model.revision in page
    assert not re.search(r"(src|href)=|@import|<script", page)
    assert html(run) == page


def test_every_judgement_stands_beside_its_controls(page: str, run: TrainingRun) -> None:
    score = run.triplet_score
    for value in (score.trained, score.trained - score.gain):
        assert f"{value:.3f}" in page
    for name in run.scores:
        kept = "part of the model" if name in run.model.heads else "left out of the model"
        assert re.search(rf"<h3>{name}: (balanced accuracy [\d.]+, )?{kept}", page)
    assert re.search(r"training on shuffled labels [\d.]+ ± [\d.]+ \(10 draws\)", page)
    for why in run.model.refusals.values():
        assert why.split(";")[0] in page


@pytest.mark.parametrize(
    "part",
    ["In short", "Loss, share", "Embeddings, by movement", "truth ↓ answer", "Quantisation", "do not show"],
)
def test_the_parts_of_the_specification_are_there(page: str, part: str) -> None:
    assert part in page


def test_a_run_without_heads_says_so(one_class: Dataset) -> None:
    found = train(one_class, Settings(n_epochs=1))
    found = replace(found, scores={}, head_losses={})
    assert "None could be judged" in html(found)


def test_teachers_and_proxy_are_named(run: TrainingRun) -> None:
    supervision = {
        "mode": "full",
        "able": "much",
        "notes": ["<b>hall</b> was silent"],
        "signals": {"pir": {"source": "sensors"}, "door": {"source": None}},
        "weak_labels": {"presence": {"share_known": 0.5, "mean_weight": 0.9, "sources": ["pir", "temporal_csi"]}},
        "pose_proxy": {"proxy": True, "bodies": 3, "rounds": [1]},
    }
    page = html(replace(run, extra={"camera_free_supervision": supervision}))
    assert "&lt;b&gt;hall&lt;/b&gt; was silent" in page
    for text in ("Mode <b>full</b>", "not there", "50 %", "temporal csi", "never accuracy"):
        assert text in page
    assert "Camera-free" not in html(run)
