"""A Cognitum Seed's endpoints (ADR-069, ADR-071), each as one call; every failure is a SeedError with its reason."""

import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ..finite import finite
from ..shapes import Vector
from .seed_http import MAX_LINE, Address, SeedError, request

#: Values of the Seed's sensor embedding. Origin: spec, ADR-071 phase 0.
N_SENSOR_EMBEDDING: Final = 45

#: GPIO pin of the PIR sensor. Origin: spec, ADR-071 signal 1.
PIR_PIN: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """GET /status."""

    device_id: str
    total_vectors: int
    dimension: int
    epoch: int
    uptime_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """One event of the sensor stream; None or an empty embedding where the event did not say."""

    unix_s: float
    temperature_c: float | None
    humidity: float | None
    pressure: float | None
    pir: float | None
    door: float | None
    vibration: float | None
    embedding: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """One result of a nearest-neighbour query."""

    id: int
    distance: float


class SeedClient:
    """Talks to one Seed; holds no connection between calls."""

    def __init__(self, address: Address) -> None:
        self.address = address

    async def status(self) -> Status:
        """Who it is and how much it stores."""
        found = await self._call("GET", "/status")
        return Status(
            device_id=str(found.get("device_id", "")),
            total_vectors=int(_number(found, "total_vectors")),
            dimension=int(_number(found, "dimension")),
            epoch=int(_number(found, "epoch")),
            uptime_s=_number(found, "uptime_secs"),
        )

    async def pair(self, client_name: str) -> str:
        """Ask for a token, which is shown once."""
        token = (await self._call("POST", "/pair", {"client_name": client_name})).get("token")
        if not isinstance(token, str) or not token:
            raise SeedError("POST /pair: the answer holds no token")
        return token

    async def fragility(self) -> float:
        """How near the state of the store is to falling in two, by its own measure."""
        return _number(await self._call("GET", "/boundary"), "fragility_score")

    async def recompute_boundary(self) -> None:
        """Ask for a new analysis."""
        await self._call("POST", "/boundary/recompute")

    async def coherence(self) -> tuple[int, float]:
        """(current phase, coherence 0–1)."""
        found = await self._call("GET", "/coherence/profile")
        return int(_number(found, "current_phase")), _number(found, "coherence")

    async def sensor_embedding(self) -> Vector:
        """(45,) the newest sensor embedding."""
        found = await self._call("GET", "/sensor/embedding/latest", accept_list=True)
        values = found.get("embedding", found.get("vector"))
        embedding = _floats(values)
        if len(embedding) != N_SENSOR_EMBEDDING:
            raise SeedError(f"GET /sensor/embedding/latest: {len(embedding)} values, expected {N_SENSOR_EMBEDDING}")
        return np.array(embedding)

    async def query(self, vector: Sequence[float], k: int) -> tuple[Neighbour, ...]:
        """The `k` nearest stored vectors."""
        body = {"vector": [float(value) for value in vector], "k": k}
        found = await self._call("POST", "/store/query", body)
        results = found.get("results")
        if not isinstance(results, list) or not all(isinstance(one, dict) for one in results):
            raise SeedError("POST /store/query: the answer holds no results")
        return tuple(Neighbour(id=int(_number(one, "id")), distance=_number(one, "distance")) for one in results[:k])

    async def ingest(self, vectors: Sequence[tuple[int, Sequence[float]]]) -> int:
        """Store (id, 8 numbers) pairs; answers how many were taken."""
        rows = [[number, [float(value) for value in vector]] for number, vector in vectors]
        return int(_number(await self._call("POST", "/store/ingest", {"vectors": rows}), "count"))

    async def graph(self) -> tuple[int, int]:
        """(nodes, edges) of the neighbour graph."""
        found = await self._call("GET", "/store/graph/stats")
        return int(_number(found, "nodes")), int(_number(found, "edges"))

    async def gpio(self, pin: int = PIR_PIN) -> bool:
        """Level of a pin. Boards in the field answer 404 (upstream §4.5), which is a SeedError as any other."""
        return bool(_number(await self._call("GET", f"/sensor/gpio/read?pin={int(pin)}"), "value"))

    async def stream(self) -> AsyncGenerator[Reading]:
        """Readings as they come, until the Seed ends the stream or is silent too long (SeedError)."""
        async with request(self.address, "GET", "/api/v1/sensor/stream", accept="text/event-stream") as body:
            left = b""
            async for piece in body.pieces():
                left += piece
                if len(left) > MAX_LINE:
                    raise SeedError(f"a line of more than {MAX_LINE} bytes in the sensor stream")
                *lines, left = left.split(b"\n")
                for line in lines:
                    if line.startswith(b"data:") and (reading := _reading(line[5:])) is not None:
                        yield reading

    async def _call(self, method: str, path: str, body: object = None, *, accept_list: bool = False) -> dict[str, Any]:
        data = json.dumps(body).encode() if body is not None else b""
        what = f"{method} {path}"
        async with request(self.address, method, f"/api/v1{path}", data) as answer:
            raw = await answer.read()
        try:
            found = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise SeedError(f"{what}: not JSON ({error})") from error
        if accept_list and isinstance(found, list):
            return {"embedding": found}
        if not isinstance(found, dict):
            raise SeedError(f"{what}: {type(found).__name__}, expected an object")
        return found


def _reading(data: bytes) -> Reading | None:
    """None for an event that is not a reading: the stream goes on."""
    try:
        found = json.loads(data)
    except ValueError, RecursionError:
        return None
    if not isinstance(found, dict):
        return None
    unix_s = _optional(found, "timestamp")
    if unix_s is None:
        return None
    embedding = found.get("embedding")
    try:
        values = tuple(_floats(embedding)) if embedding is not None else ()
    except SeedError:
        values = ()
    return Reading(
        # Milliseconds and seconds are both in use; no second of this century has twelve digits.
        unix_s=unix_s / 1000.0 if unix_s > 1e11 else unix_s,
        temperature_c=_optional(found, "temperature", "temp"),
        humidity=_optional(found, "humidity"),
        pressure=_optional(found, "pressure"),
        pir=_optional(found, "pir"),
        door=_optional(found, "reed"),
        vibration=_optional(found, "vibration"),
        embedding=values if len(values) == N_SENSOR_EMBEDDING else (),
    )


def _optional(found: dict[str, Any], *names: str) -> float | None:
    return next((value for name in names if (value := finite(found.get(name))) is not None), None)


def _number(found: dict[str, Any], name: str) -> float:
    value = _optional(found, name)
    if value is None:
        raise SeedError(f"the answer holds no number {name!r}: {sorted(map(str, found))[:10]}")
    return value


def _floats(values: object) -> list[float]:
    found = [finite(value) for value in values] if isinstance(values, list) else [None]
    numbers = [number for number in found if number is not None]
    if len(numbers) != len(found):
        raise SeedError("an embedding that is not a list of finite numbers")
    return numbers
