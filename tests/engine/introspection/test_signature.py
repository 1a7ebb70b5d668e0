"""Signature files: what is read, what is refused by name, and written again."""

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ruview_engine.errors import RuviewError
from ruview_engine.introspection.signature import FeatureKind, Role, Signature, SignatureError, parse_signature

GOOD = {
    "id": "walking_slow_v1",
    "label": "Walking — slow pace",
    "captured_at": "2026-05-13T20:00:00Z",
    "feature_kind": "amplitude_l2_per_subcarrier",
    "length": 3,
    "dtw": {"window": 8, "step_pattern": "symmetric2"},
    "vectors": [[0.0, 1.0], [1.0, 2.0], [2.0, 3.5]],
    "promotion_threshold": 0.78,
}


def test_the_seeds_own_schema_is_read():
    signature = parse_signature(json.dumps(GOOD))
    assert signature.feature_kind is FeatureKind.AMPLITUDE
    assert (signature.length, signature.dims, signature.window) == (3, 2, 8)
    assert signature.promotion_threshold == 0.78
    assert signature.role is Role.EVENT
    assert signature.fs_hz is None
    assert not signature.vectors.flags.writeable


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": None}, "id"),
        ({"id": "../etc"}, "id"),
        ({"id": ".hidden"}, "id"),
        ({"label": ""}, "label"),
        ({"label": "x" * 201}, "label"),
        ({"feature_kind": "pose"}, "feature_kind"),
        ({"feature_kind": 7}, "feature_kind"),
        ({"length": 4}, "length"),
        ({"dims": 9}, "dims"),
        ({"vectors": []}, "vectors"),
        ({"vectors": [[1.0], [1.0, 2.0]]}, "vectors"),
        ({"vectors": [[1.0], ["2"]]}, "vectors"),
        ({"vectors": [[1.0], [True]]}, "vectors"),
        ({"vectors": [[1e7], [0.0]]}, "vectors"),
        ({"vectors": [[10**400], [0]]}, "vectors"),
        ({"fs_hz": 10**400}, "fs_hz"),
        ({"spread": 10**400}, "spread"),
        ({"vectors": [[0.0]] * 300}, "vectors"),
        ({"dtw": 3}, "dtw"),
        ({"dtw": {"step_pattern": "asymmetric"}}, "dtw.step_pattern"),
        ({"dtw": {"window": -1}}, "dtw.window"),
        ({"dtw": {"window": 1.5}}, "dtw.window"),
        ({"promotion_threshold": 1.2}, "promotion_threshold"),
        ({"promotion_threshold": "high"}, "promotion_threshold"),
        ({"spread": 0}, "spread"),
        ({"fs_hz": 0}, "fs_hz"),
        ({"role": "villain"}, "role"),
        ({"provenance": "me"}, "provenance"),
        ({"layout": 64}, "layout"),
        ({"backbone_rev": 7}, "backbone_rev"),
    ],
)
def test_each_mistake_is_named(change, field):
    with pytest.raises(SignatureError) as caught:
        parse_signature(json.dumps(GOOD | change))
    assert caught.value.field == field
    assert isinstance(caught.value, RuviewError)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"vectors": [[NaN],[1]]}', "[" * 100_000])
def test_broken_files_raise_only_signature_errors(text):
    with pytest.raises(SignatureError):
        parse_signature(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(sorted(GOOD)), inner),
    max_leaves=12,
)


@given(_JSON)
def test_anything_at_all_is_read_or_refused(value):
    with contextlib.suppress(SignatureError):
        parse_signature(json.dumps(value))


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 20), st.integers(1, 6), st.floats(0, 1), st.integers(0, 20), st.sampled_from(list(FeatureKind)))
def test_writing_and_reading_give_the_same(length, dims, threshold, window, kind):
    vectors = np.random.default_rng(length).normal(size=(length, dims)).round(6)
    before = Signature(
        id="a-b.c_1", label="ü", captured_at="x", feature_kind=kind, vectors=vectors, window=window,
        promotion_threshold=threshold, spread=0.5, prior_log_odds=-3.25, fs_hz=20.0, layout="64", role=Role.IDLE,
        provenance={"n": 1},
    )  # fmt: skip
    after = parse_signature(before.to_text())
    np.testing.assert_array_equal(after.vectors, before.vectors)
    for name in Signature.__slots__:
        if name != "vectors":
            assert getattr(after, name) == getattr(before, name), name
