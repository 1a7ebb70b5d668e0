"""The Seed's endpoints over pinned TLS, and every way in which a Seed can be missing, wrong or rude."""

import asyncio
import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from ruview_engine.cli import seed_http
from ruview_engine.cli.commands import main
from ruview_engine.cli.seed_capture import SeedCapture, listen
from ruview_engine.cli.seed_client import Reading, SeedClient
from ruview_engine.cli.seed_http import Address, SeedError
from ruview_engine.training.camera_free.sensor_files import read_sensor_file
from ruview_engine.training.camera_free.signals import Signal

from .seed_server import TOKEN, SeedServer, running, self_signed

pytest.importorskip("cryptography", reason="cryptography makes the test certificate")


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    return self_signed(tmp_path_factory.mktemp("seed"))


@pytest.fixture
def seed(tls: tuple[ssl.SSLContext, str]) -> Iterator[SeedServer]:
    with running(tls[0]) as server:
        yield server


@pytest.fixture
def client(seed: SeedServer, tls: tuple[ssl.SSLContext, str]) -> SeedClient:
    return SeedClient(Address.parse(f"https://127.0.0.1:{seed.port}", token=TOKEN, fingerprint=tls[1]))


def event(**fields: object) -> bytes:
    return b"data: " + json.dumps(fields).encode() + b"\n\n"


def test_every_endpoint(client: SeedClient) -> None:
    async def ask() -> None:
        status = await client.status()
        assert (status.device_id, status.total_vectors, status.dimension) == ("seed-1", 3, 8)
        assert await client.fragility() == 0.25
        assert await client.coherence() == (1, 0.9)
        assert (await client.sensor_embedding()).shape == (45,)
        assert [near.id for near in await client.query([0.0] * 8, 2)] == [7, 9]
        assert await client.ingest([(1, [0.0] * 8), (2, [1.0] * 8)]) == 2
        assert await client.graph() == (10, 40)
        assert await client.pair("test") == "fresh"
        await client.recompute_boundary()
        with pytest.raises(SeedError, match="404"):
            await client.gpio()

    asyncio.run(ask())


def test_the_stream_passes_over_what_is_no_reading(seed: SeedServer, client: SeedClient) -> None:
    whole = event(timestamp=1775182186000, temp=20.5, humidity=40, pir=True, reed=0, vibration=0, embedding=[0.1] * 45)
    huge = b'data: {"timestamp": ' + b"9" * 400 + b"}\n\n"
    odd = [b": hello\n\n", whole[:30], whole[30:], b"data: {]\n\n", event(pir=1), huge]
    seed.events = [*odd, event(timestamp=5.0, pir=0)]

    async def follow() -> list[Reading]:
        return [reading async for reading in client.stream()]

    first, second = asyncio.run(follow())
    assert (first.unix_s, first.temperature_c, first.pir, len(first.embedding)) == (1775182186.0, 20.5, 1.0, 45)
    assert (second.unix_s, second.pir, second.temperature_c, second.embedding) == (5.0, 0.0, None, ())


def test_a_capture_comes_back_as_a_sensor_file(seed: SeedServer, client: SeedClient) -> None:
    seed.events = [event(timestamp=100.0 + k, pir=k % 2, temperature=20.0) for k in range(5)]
    capture: SeedCapture = asyncio.run(listen(client, 5.0))
    assert capture.ended == "the Seed ended its stream"
    assert len(capture.fragility) == 1
    found = read_sensor_file("\n".join(capture.lines()).encode()).reports
    assert found[Signal.PIR] == [(100.0 + k, float(k % 2)) for k in range(5)]
    assert found[Signal.FRAGILITY][0][1] == 0.25


def test_the_stream_may_be_left_in_the_middle(seed: SeedServer, client: SeedClient) -> None:
    seed.manner, seed.events = "stalls", [event(timestamp=1.0, pir=1)]
    capture = asyncio.run(listen(client, 0.5))
    assert (len(capture.readings), capture.ended) == (1, None)


def test_a_lost_connection_keeps_what_was_heard(seed: SeedServer, client: SeedClient) -> None:
    seed.manner, seed.events = "drops", [event(timestamp=1.0, pir=1)]
    capture = asyncio.run(listen(client, 5.0))
    assert len(capture.readings) == 1
    assert capture.ended is not None


@pytest.mark.parametrize(
    ("manner", "says"),
    [
        ("silent", "no answer within"),
        ("garbage", "not HTTP"),
        ("short", "early"),
        ("length 99999999999", "99999999999 bytes"),
        ("length " + 5000 * "9", "99 bytes"),
        ("length \u00b2", "\u00b2 bytes"),
        ("length -1", "-1 bytes"),
    ],
)
def test_rude_seeds(
    seed: SeedServer, client: SeedClient, monkeypatch: pytest.MonkeyPatch, manner: str, says: str
) -> None:
    monkeypatch.setattr(seed_http, "TIMEOUT_S", 0.5)
    seed.manner = manner
    with pytest.raises(SeedError, match=says):
        asyncio.run(client.status())


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[1",
        b"[]",
        b'"text"',
        b"{}",
        b'{"fragility_score": "high"}',
        b"NaN",
        b'{"fragility_score": 1e999}',
        b'{"fragility_score": ' + b"9" * 400 + b"}",
        b'{"fragility_score": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
    ],
    ids=lambda answer: repr(answer[:24]),
)
def test_answers_that_are_not_as_agreed(seed: SeedServer, client: SeedClient, answer: bytes) -> None:
    seed.answers["GET /api/v1/boundary"] = (200, answer)
    with pytest.raises(SeedError):
        asyncio.run(client.fragility())


def test_a_self_signed_seed_needs_its_fingerprint(seed: SeedServer) -> None:
    with pytest.raises(SeedError, match="fingerprint"):
        asyncio.run(SeedClient(Address.parse(f"https://127.0.0.1:{seed.port}", token=TOKEN)).status())
    assert seed.seen == []


def test_another_certificate_gets_no_token(seed: SeedServer) -> None:
    address = Address.parse(f"https://127.0.0.1:{seed.port}", token=TOKEN, fingerprint="ab" * 32)
    with pytest.raises(SeedError, match="nothing was sent"):
        asyncio.run(SeedClient(address).status())
    assert seed.seen == []


def test_any_certificate_only_when_asked_for(seed: SeedServer) -> None:
    address = Address.parse(f"https://127.0.0.1:{seed.port}", token=TOKEN, is_insecure=True)
    assert asyncio.run(SeedClient(address).status()).device_id == "seed-1"


def test_a_refused_token_is_said_to_be(seed: SeedServer, tls: tuple[ssl.SSLContext, str]) -> None:
    address = Address.parse(f"https://127.0.0.1:{seed.port}", token="wrong", fingerprint=tls[1])
    with pytest.raises(SeedError, match="401"):
        asyncio.run(SeedClient(address).status())


def test_the_command_writes_a_sensor_file(
    seed: SeedServer, tls: tuple[ssl.SSLContext, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed.events = [event(timestamp=5.0, pir=0), event(timestamp=6.0, pir=1, temp=20.5)]
    out = tmp_path / "seed.jsonl"
    where = ["--seed-url", f"https://127.0.0.1:{seed.port}", "--seed-fingerprint", tls[1], "--output", str(out)]
    assert main(["seed", *where, "--seed-token", TOKEN, "--seed-seconds", "5"]) == 0
    said = capsys.readouterr().out
    assert "2 readings, 1 fragilities" in said
    assert "note: the Seed ended its stream" in said
    found = read_sensor_file(out.read_bytes()).reports
    assert [value for _, value in found[Signal.PIR]] == [0.0, 1.0]
    assert main(["seed", *where]) == 1
    assert "token" in capsys.readouterr().err


def test_nobody_there() -> None:
    with pytest.raises(SeedError):
        asyncio.run(SeedClient(Address.parse("https://127.0.0.1:9")).status())


@pytest.mark.parametrize("url", ["", "seed", "ftp://seed", "https://", "https://seed:port", "https://[::1"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(SeedError, match="address"):
        Address.parse(url)
    with pytest.raises(SeedError, match="fingerprint"):
        Address.parse("https://seed", fingerprint="abc")


def test_a_token_cannot_add_headers() -> None:
    with pytest.raises(SeedError, match="token"):
        Address.parse("https://seed", token="a\r\nHost: b")
