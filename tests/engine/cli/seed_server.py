"""A Cognitum Seed in a thread: self-signed TLS, its endpoints, and the ways in which it can misbehave."""

import asyncio
import contextlib
import datetime
import hashlib
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

TOKEN = "seed-token"


def self_signed(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A server context with a fresh certificate, and the certificate's SHA-256."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cognitum-seed")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "seed.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


type Answer = tuple[int, bytes]


class SeedServer:
    """`answers` by "METHOD path"; `events` of the stream; `manner` overrides how it talks at all."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[bytes], Answer]] = {
            "GET /api/v1/status": (200, json.dumps({"device_id": "seed-1", "total_vectors": 3, "epoch": 2,
                                                    "dimension": 8, "uptime_secs": 5}).encode()),
            "GET /api/v1/boundary": (200, b'{"fragility_score": 0.25, "boundary_count": 2}'),
            "POST /api/v1/boundary/recompute": (200, b"{}"),
            "GET /api/v1/coherence/profile": (200, b'{"phase_count": 3, "current_phase": 1, "coherence": 0.9}'),
            "GET /api/v1/sensor/embedding/latest": (200, json.dumps([0.5] * 45).encode()),
            "POST /api/v1/store/query": (200, b'{"results": [{"id": 7, "distance": 0.1}, {"id": 9, "distance": 0.2}]}'),
            "POST /api/v1/store/ingest": lambda body: (
                200, json.dumps({"count": len(json.loads(body)["vectors"]), "new_epoch": 3}).encode()
            ),
            "GET /api/v1/store/graph/stats": (200, b'{"nodes": 10, "edges": 40, "avg_degree": 8}'),
            "POST /api/v1/pair": (200, b'{"token": "fresh", "expires": 1, "permissions": []}'),
        }  # fmt: skip
        self.events: list[bytes] = []
        self.manner = "proper"
        self.seen: list[tuple[str, str | None]] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split()
        headers = {key.lower(): value for key, _, value in (line.partition(": ") for line in head[1:])}
        self.seen.append((f"{method} {path}", headers.get("authorization")))
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if self.manner == "silent":
            await asyncio.sleep(30)
        if self.manner == "garbage":
            writer.write(b"\x00\xffhello\r\n\r\n")
            return
        if self.manner == "short":
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"dev')
            return
        if self.manner.startswith("length "):
            length = self.manner.removeprefix("length ").encode("latin-1")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\n")
            return
        if headers.get("authorization") != f"Bearer {TOKEN}" and not path.endswith("/pair"):
            writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
            return
        if path.endswith("/sensor/stream"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for event in self.events:
                writer.write(b"%x\r\n%s\r\n" % (len(event), event))
                await writer.drain()
            if self.manner == "stalls":
                await asyncio.sleep(30)
            if self.manner != "drops":
                writer.write(b"0\r\n\r\n")
            return
        answer = self.answers.get(f"{method} {path}", (404, b"{}"))
        status, data = answer(body) if callable(answer) else answer
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(data), data))


@contextlib.contextmanager
def running(context: ssl.SSLContext | None) -> Iterator[SeedServer]:
    """Serve on loopback until the block ends."""
    server, ready, stop = SeedServer(), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def main() -> None:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=context)
        server.port = listening.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        listening.close()

    def run() -> None:
        loop.run_until_complete(main())
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(5)
