"""Phase 4 of ADR-071: weights in 8, 4 or 2 bits, in files that load without anything else.

Scales are shared by the whole tensor, as in the seed, or by groups of 16 with a searched clip, which about halves the
error (peers §2g); `quantised_encoder` adds rounding that looks at the activations. Codes are packed most significant
bits first; biases and the input standardisation stay float32.
"""

import hashlib
import json
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import MISSHAPEN, Damaged, FormatError, NewerFormat
from ..shapes import Matrix

#: Origin: spec, ADR-071 "Quantization".
BIT_WIDTHS: Final = (2, 4, 8)

#: Weights that share a scale. Origin: measured, peers §2g, table rows "group-16" against "per-tensor".
GROUP_SIZE: Final = 16

#: Clip factors tried per group; the one with least squared error is kept. Origin: chosen; a finer grid could only
#: lower the error further.
CLIP_FACTORS: Final = tuple(np.linspace(0.5, 1.0, 11).tolist())

MAGIC: Final = b"RVQ1"
FORMAT_VERSION: Final = 1


class Method(StrEnum):
    """How codes are chosen: one scale per tensor, groups of 16, or groups rounded against activations."""

    TENSOR = "tensor"
    GROUP = "group"
    CALIBRATED = "calibrated"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuantisedTensor:
    """codes (n,) uint8 below 2**n_bits; minimum and step (n_groups,) float16; weight ≈ minimum + step · code."""

    shape: tuple[int, ...]
    n_bits: int
    group_size: int
    codes: NDArray[np.uint8]
    minimum: NDArray[np.float16]
    step: NDArray[np.float16]

    def dequantise(self) -> Matrix:
        """The weights as float64 in their shape."""
        group = np.arange(len(self.codes)) // self.group_size
        flat = self.minimum.astype(np.float64)[group] + self.step.astype(np.float64)[group] * self.codes
        return np.asarray(flat.reshape(self.shape), dtype=np.float64)

    @property
    def n_bytes(self) -> int:
        """Packed codes with their scales and minima: what a file really holds."""
        return -(-len(self.codes) * self.n_bits // 8) + self.minimum.nbytes + self.step.nbytes


def quantise(weights: Matrix, n_bits: int, method: Method = Method.GROUP) -> QuantisedTensor:
    """Affine codes for `weights` of any shape; raises ValueError for an unknown width or non-finite weights."""
    if n_bits not in BIT_WIDTHS:
        raise ValueError(f"{n_bits} bits; known are {BIT_WIDTHS}")
    flat = np.asarray(weights, dtype=np.float64).ravel()
    if not len(flat) or not np.all(np.isfinite(flat)):
        raise ValueError("weights must be finite and not empty")
    group_size = len(flat) if method is Method.TENSOR else GROUP_SIZE
    n_groups = -(-len(flat) // group_size)
    # A short last group repeats its last weight, which changes neither its range nor its best clip.
    padded = np.concatenate([flat, np.full(n_groups * group_size - len(flat), flat[-1])]).reshape(n_groups, group_size)
    low, high = padded.min(axis=1), padded.max(axis=1)
    middle, half = (low + high) / 2.0, (high - low) / 2.0
    best_error = np.full(n_groups, np.inf)
    best_codes = np.zeros(padded.shape, dtype=np.uint8)
    best_minimum = np.zeros(n_groups, dtype=np.float16)
    best_step = np.zeros(n_groups, dtype=np.float16)
    n_steps = 2**n_bits - 1
    for factor in (1.0,) if method is Method.TENSOR else CLIP_FACTORS:
        minimum = (middle - factor * half).astype(np.float16)
        # Rounded up, so that the last code still reaches the largest weight: tiny steps are coarse in float16.
        wanted = np.asarray(2.0 * factor * half / n_steps)
        step = wanted.astype(np.float16)
        step = np.where(step < wanted, np.nextafter(step, np.float16(np.inf)), step)
        # Codes are chosen against the rounded float16 values that the file will hold, not against the ideal ones.
        base, width = minimum.astype(np.float64)[:, None], np.maximum(step.astype(np.float64), 1e-12)[:, None]
        codes = np.clip(np.rint((padded - base) / width), 0, n_steps)
        error = np.sum((base + step.astype(np.float64)[:, None] * codes - padded) ** 2, axis=1)
        better = error < best_error
        best_error = np.where(better, error, best_error)
        best_codes[better] = codes[better].astype(np.uint8)
        best_minimum[better], best_step[better] = minimum[better], step[better]
    return QuantisedTensor(
        shape=tuple(weights.shape),
        n_bits=n_bits,
        group_size=group_size,
        codes=best_codes.ravel()[: len(flat)],
        minimum=best_minimum,
        step=best_step,
    )


def pack(tensors: dict[str, QuantisedTensor], floats: dict[str, NDArray[np.float32]]) -> bytes:
    """One stand-alone file: magic, header length, JSON header (shapes, widths, offsets, digest), payload."""
    header: dict[str, object] = {
        "format_version": FORMAT_VERSION,
        "bit_order": "msb_first",
        "tensors": {},
        "floats": {},
    }
    entries: dict[str, object] = {}
    payload = bytearray()
    for name, tensor in sorted(tensors.items()):
        entries[name] = {
            "shape": list(tensor.shape),
            "n_bits": tensor.n_bits,
            "group_size": tensor.group_size,
            "offset": len(payload),
        }
        payload += tensor.minimum.astype("<f2").tobytes() + tensor.step.astype("<f2").tobytes()
        payload += _pack_codes(tensor.codes, tensor.n_bits)
    header["tensors"] = entries
    plain: dict[str, object] = {}
    for name, array in sorted(floats.items()):
        plain[name] = {"shape": list(array.shape), "offset": len(payload)}
        payload += array.astype("<f4").tobytes()
    header["floats"] = plain
    header["sha256"] = hashlib.sha256(payload).hexdigest()
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    return MAGIC + struct.pack("<I", len(text)) + text + bytes(payload)


def unpack(data: bytes) -> tuple[dict[str, QuantisedTensor], dict[str, NDArray[np.float32]]]:
    """The inverse of `pack`; raises FormatError, NewerFormat or Damaged and never returns half a model."""
    if data[:4] != MAGIC or len(data) < 8:
        raise FormatError("not a quantised RuView model (wrong magic)")
    (length,) = struct.unpack_from("<I", data, 4)
    try:
        header = json.loads(data[8 : 8 + length])
        version = int(header["format_version"])
    except MISSHAPEN as error:
        raise Damaged(f"unreadable header: {error}") from error
    if version > FORMAT_VERSION:
        raise NewerFormat(f"written by format {version}, this release reads up to {FORMAT_VERSION}")
    payload = data[8 + length :]
    if hashlib.sha256(payload).hexdigest() != header.get("sha256"):
        raise Damaged("payload digest differs")
    try:
        tensors = {name: _read_tensor(payload, entry) for name, entry in header["tensors"].items()}
        floats = {
            name: np.frombuffer(payload, "<f4", int(np.prod(entry["shape"])), entry["offset"]).reshape(entry["shape"])
            for name, entry in header["floats"].items()
        }
    except MISSHAPEN as error:
        raise Damaged(f"header and payload disagree: {error}") from error
    return tensors, floats


def _read_tensor(payload: bytes, entry: dict[str, object]) -> QuantisedTensor:
    shape = tuple(int(n) for n in entry["shape"])  # type: ignore[attr-defined]
    n_bits, group_size, offset = (int(str(entry[key])) for key in ("n_bits", "group_size", "offset"))
    if n_bits not in BIT_WIDTHS or group_size < 1:
        raise ValueError(f"{n_bits} bits in groups of {group_size}")
    n = int(np.prod(shape))
    n_groups = -(-n // group_size)
    minimum = np.frombuffer(payload, "<f2", n_groups, offset)
    step = np.frombuffer(payload, "<f2", n_groups, offset + 2 * n_groups)
    packed = np.frombuffer(payload, np.uint8, -(-n * n_bits // 8), offset + 4 * n_groups)
    if not (np.all(np.isfinite(minimum)) and np.all(np.isfinite(step))):
        raise ValueError("scales are not finite")
    return QuantisedTensor(
        shape=shape,
        n_bits=n_bits,
        group_size=group_size,
        codes=_unpack_codes(packed, n_bits, n),
        minimum=minimum,
        step=step,
    )


def _pack_codes(codes: NDArray[np.uint8], n_bits: int) -> bytes:
    bits = np.unpackbits(codes[:, None], axis=1)[:, 8 - n_bits :]
    return np.packbits(bits.ravel()).tobytes()


def _unpack_codes(packed: NDArray[np.uint8], n_bits: int, n: int) -> NDArray[np.uint8]:
    bits = np.unpackbits(packed)[: n * n_bits].reshape(n, n_bits)
    return np.packbits(np.pad(bits, ((0, 0), (8 - n_bits, 0))), axis=1)[:, 0]
