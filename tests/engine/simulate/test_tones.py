"""Layouts against the tables of the boards' maker, written out by hand, and a real recording's zero bins."""

import json

import numpy as np
import pytest

from ruview_engine.simulate.tones import LAYOUTS, tone_layout


def nulls(name):
    layout = LAYOUTS[name]
    return {k for k in range(layout.n_pairs) if layout.gain[k] == 0 and k not in layout.csd_bins}


@pytest.mark.parametrize(
    ("name", "zero"),
    [
        ("64", {0, *range(27, 38)}),
        ("128", {0, *range(27, 38), 64, *range(93, 100)}),
        ("192-stbc", {0, *range(27, 38), *range(93, 100), *range(157, 164)}),
        ("192-40", {*range(6), 32, *range(59, 64), 64, 65, 127 + 64, *range(64 + 59, 64 + 70)}),
        ("256-he", {*range(6), 127, 128, 129, *range(251, 256)}),
        ("53", {0}),
        ("57", {0}),
        ("117", {0, 1, 116}),
        ("245", {0, 1, 244}),
        ("64-centred", {*range(4), 32, *range(61, 64)}),
    ],
)
def test_null_bins(name, zero):
    assert nulls(name) == zero


def test_pair_counts():
    assert {layout.n_pairs for layout in LAYOUTS.values()} == {53, 57, 64, 117, 128, 188, 190, 192, 245, 256, 306}
    assert tone_layout(192).name == "192-stbc"
    assert tone_layout("306").n_pairs == 306
    with pytest.raises(KeyError, match="no layout"):
        tone_layout(65)


def test_null_bins_of_the_real_firmware(data_dir):
    path = next((data_dir / "ruview_pretrain").glob("*.csi.jsonl"))
    seen = {}
    for line in path.open():
        row = json.loads(line)
        if row.get("type") == "raw_csi":
            iq = np.frombuffer(bytes.fromhex(row["iq_hex"]), np.int8).reshape(-1, 2)
            seen[len(iq)] = seen.get(len(iq), False) | iq.any(axis=1)
    for n_pairs, ever in seen.items():
        name = tone_layout(n_pairs).name
        assert {int(k) for k in np.flatnonzero(~ever)} == nulls(name)
