"""Codes survive the file, errors stay within half a step, and nothing else is accepted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from ruview_engine.errors import Damaged, FormatError, NewerFormat, StoreError
from ruview_engine.training.quantise import BIT_WIDTHS, Method, pack, quantise, unpack

WEIGHTS = arrays(np.float64, array_shapes(min_dims=1, max_dims=2, max_side=40), elements=st.floats(-2, 2))


@given(WEIGHTS, st.sampled_from(BIT_WIDTHS), st.sampled_from([Method.TENSOR, Method.GROUP]))
def test_a_file_gives_back_the_same_weights(weights: np.ndarray, n_bits: int, method: Method) -> None:
    tensor = quantise(weights, n_bits, method)
    tensors, floats = unpack(pack({"w": tensor}, {"b": np.ones(3, dtype=np.float32)}))
    assert np.array_equal(tensors["w"].dequantise(), tensor.dequantise())
    assert tensors["w"].shape == weights.shape
    assert floats["b"].tolist() == [1.0, 1.0, 1.0]


@given(WEIGHTS)
def test_without_clipping_no_weight_is_off_by_more_than_half_a_step(weights: np.ndarray) -> None:
    restored = quantise(weights, 8, Method.TENSOR).dequantise()
    # Minimum and step are float16: 2⁻¹¹ of the largest weight, for the minimum and over all 255 steps.
    rounding = 3 * np.abs(weights).max() * 2.0**-11 + 1e-6
    assert np.abs(restored - weights).max() <= np.ptp(weights) / 255 / 2 + rounding


def test_the_largest_weight_is_reached_where_float16_is_coarse() -> None:
    weights = np.array([0.0006, 0.0])
    restored = quantise(weights, 8, Method.TENSOR).dequantise()
    assert np.abs(restored - weights).max() <= 0.51 * 0.0006 / 255


def test_groups_beat_one_scale_where_sizes_differ(rng: np.random.Generator) -> None:
    weights = rng.normal(size=(64, 16)) * np.geomspace(0.01, 1.0, 64)[:, None]
    errors = [np.sqrt(np.mean((quantise(weights, 4, method).dequantise() - weights) ** 2))
              for method in (Method.TENSOR, Method.GROUP)]  # fmt: skip
    assert errors[1] < 0.5 * errors[0]


@pytest.mark.parametrize("weights", [np.zeros(0), np.array([1.0, np.nan]), np.array([np.inf])])
def test_weights_that_are_none_are_refused(weights: np.ndarray) -> None:
    with pytest.raises(ValueError, match="finite"):
        quantise(weights, 4)
    with pytest.raises(ValueError, match="bits"):
        quantise(np.ones(3), 3)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_a_named_way(data: bytes) -> None:
    for candidate in (data, b"RVQ1" + data):
        with pytest.raises((FormatError, StoreError)):
            unpack(candidate)


def test_newer_and_damaged_files_are_told_apart() -> None:
    data = pack({"w": quantise(np.arange(32.0), 4)}, {})
    with pytest.raises(NewerFormat):
        unpack(data.replace(b'"format_version":1', b'"format_version":7'))
    with pytest.raises(Damaged):
        unpack(data[:-1] + bytes([data[-1] ^ 1]))
