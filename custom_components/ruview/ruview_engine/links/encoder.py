"""What a trained encoder is to everything below training: samples of a link in, embeddings out (ADR-151's backbone)."""

from collections.abc import Callable
from typing import Protocol

from ..shapes import Matrix, Vector
from .sample import Sample


class Encoder(Protocol):
    """A frozen encoder. Implemented by `training.backbone.Backbone`; shared by all links, any thread.

    revision : another encoder has another one; whatever was made with embeddings pins it
    dims : width of an embedding
    """

    @property
    def revision(self) -> str:
        """Which encoder this is."""
        ...

    @property
    def dims(self) -> int:
        """Length of an embedding."""
        ...

    def follow(self) -> Callable[[Sample], Vector | None]:
        """One link's state: give it every usable sample; (dims,) unit vector, or None while the link is too young."""
        ...

    def embed_deviations(self, deltas: Matrix) -> Matrix:
        """(n, n_bands) deviations of a still link's log-profile from its usual → (n, dims) unit vectors."""
        ...
