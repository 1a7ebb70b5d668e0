"""`federate`: what training changed in heads and adapters, to be given to others by hand, added, and taken back."""

import argparse
import json
from pathlib import Path
from typing import Any, Final

from ..atomic_file import write_atomically
from ..errors import FormatError, RuviewError
from ..training import tensors
from ..training.backbone import Backbone
from ..training.federation import Delta, aggregate
from ..training.loading import read_json
from ..training.model import Model
from .model_folder import must_be_replaceable, write_folder

HELP = "share what was learnt in heads and adapters, as files moved by hand (opt-in; no CSI, no embeddings)"

#: Ends the name of a file with changes. Origin: chosen.
SUFFIX: Final = ".delta.safetensors"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Three verbs."""
    verbs = parser.add_subparsers(metavar="verb", required=True, dest="verb")
    export = verbs.add_parser("export", help="a model's heads and adapters against its own bare encoder")
    export.add_argument("--model", type=Path, required=True, metavar="DIR", help="made by train --encoder BASE")
    export.add_argument("--output", type=Path, required=True, metavar="FILE", help=f"NAME{SUFFIX} to write")
    merge = verbs.add_parser("merge", help="the mean of several homes' changes, each clipped, weighted by rows")
    merge.add_argument("files", nargs="+", type=Path, metavar="FILE")
    merge.add_argument("--output", type=Path, required=True, metavar="FILE", help=f"NAME{SUFFIX} to write")
    apply = verbs.add_parser("apply", help="an encoder with somebody's changes on it, as a new model folder")
    apply.add_argument("file", type=Path, metavar="FILE")
    apply.add_argument("--encoder", required=True, metavar="DIR", help="the encoder that the changes belong to")
    apply.add_argument("--output", type=Path, required=True, metavar="DIR", help="the new model folder")


def run(arguments: argparse.Namespace) -> int:
    """Write the file or folder, and say what is in it."""
    if arguments.verb == "apply":
        return _apply(arguments)
    if not arguments.output.name.endswith(SUFFIX):
        raise FormatError(f"{arguments.output.name}: changes are named NAME{SUFFIX}")
    if arguments.verb == "export":
        delta = Delta.between(bare(model := Backbone.load(arguments.model).model), model, _rows(arguments.model))
    else:
        delta = aggregate([_read(path) for path in arguments.files])
    write_atomically(arguments.output, delta.to_bytes())
    print(f"{arguments.output}: {describe(delta)}")
    return 0


def _apply(arguments: argparse.Namespace) -> int:
    must_be_replaceable(arguments.output)
    delta = _read(arguments.file)
    model = delta.apply(bare(Backbone.fetch(arguments.encoder).model))
    config = {"name": model.name, "version": model.revision, "custom": {"feature_source": model.feature_source}}
    files = {"model.safetensors": tensors.save(model), "config.json": json.dumps(config, indent=1).encode()}
    write_folder(arguments.output, files)
    print(f"{arguments.output}: {describe(delta)}")
    return 0


def bare(model: Model) -> Model:
    """The encoder alone: what every home starts from."""
    return Model(name=model.name, feature_source=model.feature_source, encoder=model.encoder)


def describe(delta: Delta) -> str:
    """What a person wants to know before giving it away."""
    return (
        f"encoder {delta.base_revision}, {delta.n_rows} rows, norm {delta.norm:.1f}; "
        f"{', '.join(sorted(delta.changes))}; classes {json.dumps({k: list(v) for k, v in delta.classes.items()})}"
    )


def _read(path: Path) -> Delta:
    try:
        return Delta.from_bytes(path.read_bytes())
    except RuviewError as error:
        raise type(error)(f"{path}: {error}") from error


def _rows(folder: Path) -> int:
    """Training rows behind a model: its weight among others."""
    path = folder / "training-metrics.json"
    if not path.is_file():
        raise FormatError(f"{folder} has no training-metrics.json: only what train has made can be shared")
    rows: Any = read_json(path.read_bytes(), path.name).get("rows")
    if not isinstance(rows, dict) or not isinstance(rows.get("training"), int):
        raise FormatError(f"{path}: it does not say how many rows taught the model")
    return int(rows["training"])
