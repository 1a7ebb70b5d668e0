"""A trained encoder as somebody else's feature: loaded from a folder or the Hugging Face hub, used frame by frame.

Reading a folder is this module's only contact with the disk; `huggingface_hub` is imported when it is asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np

from ..errors import Damaged, StoreError
from ..links.sample import Sample
from ..shapes import Matrix, Vector
from .encoder import N_EMBEDDING
from .features import N_BANDS, FeatureSource, LinkFeatures
from .loading import load_model, read_json
from .model import Model

#: What is fetched from a hub repository: the encoder and its description, nothing that could run.
HUB_FILES: Final = ("model.safetensors", "config.json")


#: Where a room keeps the encoder it uses, below its own folder.
FOLDER: Final = "backbone"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Backbone:
    """A model that specialists and signatures may stand on; a `links.encoder.Encoder`.

    revision : what a specialist pins as `backbone_rev`; another encoder has another one
    """

    model: Model

    @property
    def revision(self) -> str:
        """Made from the encoder's numbers."""
        return self.model.revision

    @classmethod
    def of(cls, model: Model) -> Self:
        """Refuses an encoder that reads other features than we can derive from CSI."""
        if model.feature_source != FeatureSource.CSI.value:
            raise StoreError(
                f"the encoder reads features {model.feature_source!r}; a backbone must read {FeatureSource.CSI.value!r}"
            )
        return cls(model=model)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """From a folder with `model.safetensors`; raises Damaged, NewerFormat or StoreError."""
        try:
            files = {"model.safetensors": (folder / "model.safetensors").read_bytes()}
            config = (folder / "config.json").read_bytes() if (folder / "config.json").is_file() else None
        except OSError as error:
            raise StoreError(f"{folder}: {error.strerror or error}") from error
        try:
            model = load_model(files)
            if config is not None and read_json(config, "config.json").get("version") != model.revision:
                raise Damaged("config.json and model.safetensors are of different revisions")
            return cls.of(model)
        except StoreError as error:
            raise type(error)(f"encoder in {folder}: {error}") from error

    @classmethod
    def of_room(cls, room_folder: Path) -> Self | None:
        """The encoder that a room uses; None when it has none. Raises as `load` does when it is damaged."""
        place = room_folder / FOLDER
        return cls.load(place) if place.exists() else None

    @classmethod
    def fetch(
        cls,
        repository: str,
        *,
        revision: str | None = None,
        cache: Path | None = None,
        local_only: bool = False,
    ) -> Self:
        """From a local folder, else from the hub repository `owner/name`.

        Raises StoreError when `huggingface_hub` is not installed or the repository cannot be had.
        """
        if (folder := Path(repository)).is_dir():
            return cls.load(folder)
        try:
            from huggingface_hub import snapshot_download
        except ImportError:
            raise StoreError(f"{repository} is no folder, and huggingface_hub is not installed to fetch it") from None
        try:
            found = snapshot_download(
                repository,
                revision=revision,
                cache_dir=cache,
                local_files_only=local_only,
                allow_patterns=list(HUB_FILES),
            )
        # The hub raises errors of requests, of its own and of the disk; for us they are one: not to be had.
        except Exception as error:
            raise StoreError(f"{repository} cannot be fetched: {error}") from error
        return cls.load(Path(found))

    @property
    def dims(self) -> int:
        """Width of an embedding."""
        return N_EMBEDDING

    def follow(self) -> Callable[[Sample], Vector | None]:
        """One link's samples → (128,) unit embeddings; None for unusable samples and in a link's first second."""
        features, embed = LinkFeatures(), self.model.encoder.embed_one

        def step(sample: Sample) -> Vector | None:
            found = features.update(sample)
            return None if found is None else embed(found)

        return step

    def embed_deviations(self, deltas: Matrix) -> Matrix:
        """(n, n_bands) deviations of a still link's log-profile from its usual → (n, 128) unit embeddings."""
        encoder = self.model.encoder
        # What a mean over seconds does not show is where it was on average in training.
        features = np.tile(encoder.centre, (len(deltas), 1))
        groups = np.array_split(np.arange(deltas.shape[1]), N_BANDS)
        for band, columns in enumerate(groups):
            features[:, band] = deltas[:, columns].mean(axis=1) if len(columns) else 0.0
        return encoder.embed(features)
