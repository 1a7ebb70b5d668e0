"""What a training run was told, and everything it produced and measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .camera_free.pose_decoder import PoseDecoder
from .contrastive import EpochLoss
from .dataset import Dataset
from .feature_table import FeatureTable
from .features import FeatureSource
from .model import Model
from .quantisation_table import QuantisationRow
from .quantised_encoder import QuantisedEncoder
from .scoring import ClassificationScore, RegressionScore
from .split import Split
from .triplets import Triplets

#: Same seed, same bytes.
DEFAULT_SEED: Final = 71


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a user may choose."""

    name: str = "csi-v1"
    source: FeatureSource = FeatureSource.CSI
    n_epochs: int = 20
    seed: int = DEFAULT_SEED


@dataclass(frozen=True, slots=True, kw_only=True)
class TripletScore:
    """Held-out triplet accuracy of the trained encoder beside its controls; 0.5 is chance.

    by_strategy : number of triplets, accuracy of the trained encoder, accuracy of the raw features
    """

    n_triplets: int
    trained: float
    random_encoder: float
    raw_features: float
    by_strategy: Mapping[str, tuple[int, float, float]] = field(default_factory=dict)

    @property
    def gain(self) -> float:
        """What training added: accuracy over the better control."""
        return self.trained - max(self.random_encoder, self.raw_features)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingRun:
    """A model and everything that was measured while making it."""

    settings: Settings
    model: Model
    dataset: Dataset
    table: FeatureTable
    split: Split
    triplets: Triplets
    losses: tuple[EpochLoss, ...]
    node_losses: Mapping[int, tuple[EpochLoss, ...]]
    head_losses: Mapping[str, tuple[float, ...]]
    triplet_score: TripletScore
    scores: Mapping[str, ClassificationScore | RegressionScore]
    quantised: Mapping[int, QuantisedEncoder]
    quantisation: tuple[QuantisationRow, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)
    pose_decoder: PoseDecoder | None = None
