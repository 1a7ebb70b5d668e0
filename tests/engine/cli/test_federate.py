"""`federate`: two homes on one encoder give their changes, the mean comes back as a model, nothing else travels."""

import json
from pathlib import Path

import numpy as np
import pytest

from ruview_engine.cli.commands import main
from ruview_engine.cli.federate import SUFFIX
from ruview_engine.cli.model_folder import write_folder
from ruview_engine.training.backbone import Backbone
from ruview_engine.training.dataset import Dataset
from ruview_engine.training.export import export
from ruview_engine.training.recipe import train
from ruview_engine.training.training_run import Settings
from tests.engine.training.conftest import reports_of, two_states


def house(seed: int) -> Dataset:
    """Two states that the boards report as they are."""
    table = two_states(seed=seed, seconds=120)
    return Dataset(csi=table, firmware=None, reports=reports_of(table), nodes=(1, 2), counts=())


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder, and two homes that kept it and trained heads and adapters."""
    folder = tmp_path_factory.mktemp("homes")
    first = train(house(3), Settings(n_epochs=4))
    write_folder(folder / "base", export(first))
    for name, seed in (("one", 3), ("two", 5)):
        run = train(house(seed), encoder=first.model.encoder)
        assert run.model.revision == first.model.revision
        write_folder(folder / name, export(run))
    return folder


def test_changes_go_out_are_added_and_come_back(homes: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    files = [str(tmp_path / f"{name}{SUFFIX}") for name in ("one", "two", "mean")]
    for name, file in zip(("one", "two"), files, strict=False):
        assert main(["federate", "export", "--model", str(homes / name), "--output", file]) == 0
    assert main(["federate", "merge", *files[:2], "--output", files[2]]) == 0
    said = capsys.readouterr().out
    assert "heads.presence.weights" in said
    assert "adapters.1.a" in said
    out = tmp_path / "mine"
    assert main(["federate", "apply", files[2], "--encoder", str(homes / "base"), "--output", str(out)]) == 0
    mean = Backbone.load(out).model
    one, two = (Backbone.load(homes / name).model for name in ("one", "two"))
    assert mean.revision == one.revision
    assert mean.heads["presence"].classes == one.heads["presence"].classes
    n_one, n_two = (json.loads((homes / n / "training-metrics.json").read_text())["rows"]["training"]
                    for n in ("one", "two"))  # fmt: skip
    weights = [model.heads["presence"].weights for model in (one, two)]
    expected = (n_one * weights[0] + n_two * weights[1]) / (n_one + n_two)
    assert np.allclose(mean.heads["presence"].weights, expected, atol=1e-4)


def test_a_shared_head_answers_in_a_third_home(homes: Path, tmp_path: Path) -> None:
    file, out = str(tmp_path / f"x{SUFFIX}"), tmp_path / "mine"
    assert main(["federate", "export", "--model", str(homes / "one"), "--output", file]) == 0
    assert main(["federate", "apply", file, "--encoder", str(homes / "base"), "--output", str(out)]) == 0
    model, third = Backbone.load(out).model, two_states(seed=9)
    answer = model.heads["presence"].predict(model.encoder.embed(third.features))
    assert (answer == (np.floor(third.at_s / 25.0) % 2)).mean() > 0.85


def test_what_does_not_fit_is_refused_and_nothing_is_written(
    homes: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    file, other = tmp_path / f"x{SUFFIX}", tmp_path / "other"
    assert main(["federate", "export", "--model", str(homes / "one"), "--output", str(file)]) == 0
    write_folder(other, export(train(house(3), Settings(n_epochs=1))))
    cut = tmp_path / f"cut{SUFFIX}"
    cut.write_bytes(file.read_bytes()[:-9])
    bare = tmp_path / "bare"
    assert main(["federate", "apply", str(file), "--encoder", str(homes / "base"), "--output", str(bare)]) == 0
    capsys.readouterr()
    out = str(tmp_path / f"no{SUFFIX}")
    for words, why in (
        (["apply", str(file), "--encoder", str(other), "--output", str(tmp_path / "no")], "made for encoder"),
        (["merge", str(file), str(cut), "--output", out], f"{cut}: "),
        (["export", "--model", str(bare), "--output", out], "only what train has made"),
        (["export", "--model", str(homes / "one"), "--output", str(tmp_path / "no.bin")], SUFFIX),
        (["export", "--model", str(tmp_path / "nowhere"), "--output", out], "nowhere"),
    ):
        assert main(["federate", *words]) == 1
        assert why in capsys.readouterr().err
    assert not list(tmp_path.glob("no*"))
