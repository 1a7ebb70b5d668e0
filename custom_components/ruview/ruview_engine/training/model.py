"""Everything one training run produced, as one value; and its identity."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from ..shapes import Matrix
from .adapter import Adapter
from .consolidation import Task
from .encoder import Encoder
from .heads import Head


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """An encoder with what was trained on top of it.

    feature_source : which eight features the encoder was trained on; others are refused at load time
    heads : by name; a head that could not be trained honestly is absent and named in `refusals`
    adapters : by node id
    """

    name: str
    feature_source: str
    encoder: Encoder
    heads: Mapping[str, Head] = field(default_factory=dict)
    adapters: Mapping[int, Adapter] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    refusals: Mapping[str, str] = field(default_factory=dict)

    @property
    def revision(self) -> str:
        """Twelve hex digits made from the encoder's numbers: what specialists pin as `backbone_rev`."""
        digest = hashlib.sha256(self.feature_source.encode())
        for array in (*self.encoder.parameters.values(), self.encoder.centre, self.encoder.scale):
            digest.update(np.ascontiguousarray(array, dtype="<f4").tobytes())
        return digest.hexdigest()[:12]

    def with_tasks(self, tasks: tuple[Task, ...]) -> Self:
        """The same model, remembering what it was trained for."""
        return replace(self, tasks=tasks)

    def embed(self, features: Matrix, node: int | None = None) -> Matrix:
        """(n, 8) features → (n, 128) embeddings, through the node's adapter if there is one."""
        if node is not None and node in self.adapters:
            return self.adapters[node].embed(self.encoder, features)
        return self.encoder.embed(features)
