"""docs/wire-format.md speaks of every magic, packet, kind of refusal and pair count."""

from pathlib import Path

import pytest

from ruview_engine.ingest import limiter, node, roster
from ruview_engine.wire import Reason
from ruview_engine.wire.registry import DECODERS, ENCODERS, UNSUPPORTED
from tests.engine.wire.test_csi import PAIRS

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "wire-format.md").read_text()


@pytest.mark.parametrize("magic", sorted({*DECODERS, *UNSUPPORTED}))
def test_every_magic_is_described(magic: int) -> None:
    assert f"`0x{magic:08X}`" in TEXT


@pytest.mark.parametrize("packet", sorted(ENCODERS, key=lambda packet: packet.__name__))
def test_every_packet_and_field_is_named(packet: type) -> None:
    assert f"`{packet.__name__}`" in TEXT
    own = set(packet.__slots__) - {
        "version",
        "iq",
        "transmitter",
        "rx_sequence",
        "payload",
        "events",
        "data",
        "address",
    }
    missing = {name for name in own if f"`{name}`" not in TEXT and name != "reserved"}
    assert not missing


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_explained(reason: Reason) -> None:
    assert f"| `{reason.value}` |" in TEXT


def test_the_pair_counts_of_the_field_are_listed() -> None:
    table = TEXT.partition("### Pair counts")[2].partition("##")[0]
    assert all(str(n_pairs) in table for n_pairs in PAIRS[:11])


def test_the_limits_are_those_of_the_code() -> None:
    settings = limiter.LimiterSettings()
    table = TEXT.partition("### Limits")[2]
    for number in (settings.reserve_per_s, settings.stranger_per_s, settings.strangers_per_s):
        assert f"{number:.0f}" in table
    assert f"{settings.pool_per_s:,.0f}".replace(",", " ") in table
    for count in (limiter.MAX_STRANGERS, roster.MAX_CLAIMS, node.MAX_FRAME_KINDS):
        assert str(count) in table
    assert f"{roster.TAKEOVER_S:.0f} s" in TEXT
