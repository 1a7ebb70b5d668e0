"""A whole encoder in few bits, as one stand-alone file; two ways to get there (ADR-071 phase 4).

*Rounded*: every weight to its nearest code, as the seed does. *Calibrated*: the second layer is rounded input by input,
and each rounding error is made good by the weights that are still free, judged on real hidden activations (the idea of
GPTQ, Frantar et al. 2023, on a 64×128 layer); then its bias takes up the mean error that is left. The first layer, one
weight in seventeen, stays at 8 bits: its error passes through the ReLU and nothing behind can undo it.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import MISSHAPEN, Damaged, TrainingError
from ..shapes import Matrix
from . import quantise
from .encoder import Encoder
from .feature_table import thinned
from .quantise import Method, QuantisedTensor

#: Bits of the first layer when calibrated. Origin: measured, ruview_pretrain held-out blocks: with 4 bits in both
#: layers 1 − cos is 0.0040, with 8 in the first 0.0004, for 256 bytes more.
FIRST_LAYER_BITS: Final = 8

#: Ridge on the Gram matrix of the hidden activations, as a share of its mean diagonal. Origin: spec, GPTQ §3.3 (1 %);
#: keeps units that hardly ever fire from taking up any error.
DAMPING: Final = 0.01

#: Rows that calibrate. Origin: derived, a hundred per entry of the diagonal of the 64×64 Gram matrix; more only cost.
MAX_CALIBRATION: Final = 8192

#: Tensors that stay float32 in the file.
FLOAT_NAMES: Final = ("b1", "b2", "centre", "scale")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuantisedEncoder:
    """Codes of w1 and w2 with the float32 rest; `restore` gives a working encoder."""

    tensors: dict[str, QuantisedTensor]
    floats: dict[str, NDArray[np.float32]]

    @classmethod
    def rounded(cls, encoder: Encoder, n_bits: int, method: Method) -> Self:
        """Every weight by itself; needs no data. `method` is tensor or group."""
        tensors = {name: quantise.quantise(getattr(encoder, name), n_bits, method) for name in ("w1", "w2")}
        return cls(tensors=tensors, floats=_floats(encoder))

    @classmethod
    def calibrated(cls, encoder: Encoder, features: Matrix, n_bits: int) -> Self:
        """Second layer rounded against the activations of `features` (n, 8), which must be training rows."""
        features = features[thinned(len(features), MAX_CALIBRATION)]
        if len(features) < 2:
            raise TrainingError(f"calibrated rounding needs feature rows, found {len(features)}")
        first = quantise.quantise(encoder.w1, max(n_bits, FIRST_LAYER_BITS))
        coarse = encoder.with_parameters({**encoder.parameters, "w1": first.dequantise()})
        hidden = coarse.forward(features).hidden
        wanted = encoder.forward(features)
        raw = wanted.embedding * wanted.norm
        # The embedding is normalised, so an error counts by its size against the row's own norm.
        weight = wanted.norm**-2.0
        weight = weight / weight.mean()
        centred = hidden - (hidden * weight).mean(axis=0)
        second = _round_in_turn(encoder.w2, (centred * weight).T @ centred / len(hidden), n_bits)
        b2 = (weight * (raw - hidden @ second.dequantise())).mean(axis=0)
        return cls(
            tensors={"w1": first, "w2": second},
            floats=_floats(encoder.with_parameters({**encoder.parameters, "b2": b2})),
        )

    def restore(self) -> Encoder:
        """The encoder that the file stands for; raises Damaged when a tensor is missing or misshapen."""
        try:
            return Encoder(
                w1=self.tensors["w1"].dequantise(),
                w2=self.tensors["w2"].dequantise(),
                **{name: self.floats[name].astype(np.float64) for name in FLOAT_NAMES},
            )
        except MISSHAPEN as error:
            raise Damaged(f"quantised encoder: {error}") from error

    def to_bytes(self) -> bytes:
        """The content of `quantized/model-qN.bin`."""
        return quantise.pack(self.tensors, self.floats)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The inverse of `to_bytes`; raises FormatError, NewerFormat or Damaged."""
        tensors, floats = quantise.unpack(data)
        found = cls(tensors=tensors, floats=floats)
        found.restore()
        return found


def _floats(encoder: Encoder) -> dict[str, NDArray[np.float32]]:
    return {name: np.asarray(getattr(encoder, name), dtype=np.float32) for name in FLOAT_NAMES}


def _round_in_turn(weights: Matrix, gram: Matrix, n_bits: int) -> QuantisedTensor:
    """(n_in, n_out) weights, (n_in, n_in) Gram matrix of their inputs → codes, row after row, strongest first."""
    n_inputs = len(weights)
    order = np.argsort(-np.diag(gram), kind="stable")
    left = weights[order].copy()
    damped = gram[np.ix_(order, order)] + DAMPING * np.mean(np.diag(gram)) * np.eye(n_inputs)
    upper = np.linalg.cholesky(np.linalg.inv(damped)).T
    rows: list[QuantisedTensor] = []
    for k in range(n_inputs):
        row = quantise.quantise(left[k], n_bits)
        rows.append(row)
        error = (left[k] - row.dequantise()) / upper[k, k]
        left[k + 1 :] -= upper[k, k + 1 :, None] * error[None, :]
    back = [rows[k] for k in np.argsort(order, kind="stable")]
    return QuantisedTensor(
        shape=tuple(weights.shape),
        n_bits=n_bits,
        group_size=back[0].group_size,
        codes=np.concatenate([row.codes for row in back]),
        minimum=np.concatenate([row.minimum for row in back]),
        step=np.concatenate([row.step for row in back]),
    )
