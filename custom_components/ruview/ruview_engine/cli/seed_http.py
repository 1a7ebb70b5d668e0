"""As much HTTPS as a Cognitum Seed needs: one request per connection, bounded in time and size, certificate pinned."""

import asyncio
import hashlib
import hmac
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from ..errors import RuviewError

#: Longest a connection, a request or a silence of the stream may take. Origin: chosen; a Seed answers within a second.
TIMEOUT_S: Final = 5.0

#: Largest answer, header line and number of headers that are read. Origin: chosen; the Seed's largest is a snapshot
#: of some hundred kilobytes.
MAX_BODY: Final = 4_000_000
MAX_LINE: Final = 1_000_000
MAX_HEADERS: Final = 100


class SeedError(RuviewError):
    """The Seed cannot be reached, is not who it should be, or answers something else than agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a Seed is and how it proves who it is.

    fingerprint : SHA-256 of its certificate, 64 hex digits; a self-signed certificate is accepted only with it
    is_insecure : accept any certificate; for trying out, never by default
    """

    host: str
    port: int
    prefix: str = ""
    is_tls: bool = True
    token: str | None = None
    fingerprint: str | None = None
    is_insecure: bool = False

    @classmethod
    def parse(
        cls, url: str, *, token: str | None = None, fingerprint: str | None = None, is_insecure: bool = False
    ) -> Address:
        """From `https://host:port`; raises SeedError for anything else, or a fingerprint that is none."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise SeedError(f"{url!r} is not an address: {error}") from error
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise SeedError(f"{url!r} is not an address of the form https://host:port")
        if token is not None and (not token.isascii() or not token.isprintable()):
            raise SeedError("the token holds characters that no HTTP header may")
        digits = fingerprint.replace(":", "").lower() if fingerprint else None
        if digits is not None and (len(digits) != 64 or set(digits) - set("0123456789abcdef")):
            raise SeedError("the fingerprint must be the 64 hex digits of a certificate's SHA-256")
        return cls(
            host=parts.hostname,
            port=port or (8443 if parts.scheme == "https" else 80),
            prefix=parts.path.rstrip("/"),
            is_tls=parts.scheme == "https",
            token=token,
            fingerprint=digits,
            is_insecure=is_insecure,
        )


@asynccontextmanager
async def request(
    address: Address, method: str, path: str, body: bytes = b"", accept: str = "application/json"
) -> AsyncIterator[Body]:
    """Send one request; yields the body of a 200 answer. Every failure is a SeedError."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await _connect(address)
    except TimeoutError:
        raise SeedError(f"{address.host}:{address.port} did not answer within {TIMEOUT_S:.0f} s") from None
    except ssl.SSLError as error:
        raise SeedError(f"{address.host}: {error.reason or error}; a self-signed Seed needs its fingerprint") from error
    except OSError as error:
        raise SeedError(f"{address.host}:{address.port}: {error}") from error
    try:
        _check_certificate(address, writer)
        async with asyncio.timeout(TIMEOUT_S):
            writer.write(_head(address, method, path, body, accept) + body)
            await writer.drain()
            chunked, length = await _read_head(reader, f"{method} {path}")
        yield Body(reader, chunked=chunked, length=length)
    except TimeoutError:
        raise SeedError(f"{method} {path}: no answer within {TIMEOUT_S:.0f} s") from None
    except (OSError, asyncio.IncompleteReadError) as error:
        raise SeedError(f"{method} {path}: connection lost ({error})") from error
    finally:
        # No polite TLS farewell: a peer that has hung would be waited for.
        writer.transport.abort()


class Body:
    """The bytes of an answer, whichever way their length is stated."""

    def __init__(self, source: asyncio.StreamReader, *, chunked: bool, length: int | None) -> None:
        self._source = source
        self._chunked = chunked
        self._left = length

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Until the answer ends; raises SeedError when it ends early, TimeoutError when a silence is too long."""
        while True:
            async with asyncio.timeout(TIMEOUT_S):
                piece = await self._piece()
            if not piece:
                return
            yield piece

    async def read(self) -> bytes:
        """All of it; raises SeedError when it is larger than `MAX_BODY`."""
        whole = bytearray()
        async for piece in self.pieces():
            whole += piece
            if len(whole) > MAX_BODY:
                raise SeedError(f"an answer of more than {MAX_BODY} bytes")
        return bytes(whole)

    async def _piece(self) -> bytes:
        if self._chunked:
            size_text = (await self._source.readline()).split(b";")[0].strip()
            if not size_text:
                raise SeedError("the answer ended in the middle")
            try:
                size = int(size_text, 16)
            except ValueError:
                raise SeedError(f"chunk of size {size_text[:20]!r}") from None
            if not 0 <= size <= MAX_BODY:
                raise SeedError(f"chunk of {size} bytes, at most {MAX_BODY} are read")
            piece = await self._source.readexactly(size)
            await self._source.readline()
            return piece
        if self._left is None:
            return await self._source.read(65_536)
        if self._left == 0:
            return b""
        piece = await self._source.read(min(self._left, 65_536))
        if not piece:
            raise SeedError(f"the answer ended {self._left} bytes early")
        self._left -= len(piece)
        return piece


async def _connect(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    context = None
    if address.is_tls:
        context = ssl.create_default_context()
        if address.fingerprint is not None or address.is_insecure:
            # The chain proves nothing for a self-signed certificate; the pinned digest does, before any byte is sent.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
    return await asyncio.open_connection(address.host, address.port, ssl=context, limit=MAX_LINE)


def _check_certificate(address: Address, writer: asyncio.StreamWriter) -> None:
    if address.fingerprint is None:
        return
    tls = writer.get_extra_info("ssl_object")
    shown = tls.getpeercert(binary_form=True) if tls is not None else None
    found = hashlib.sha256(shown or b"").hexdigest()
    if not shown or not hmac.compare_digest(found, address.fingerprint):
        raise SeedError(f"{address.host} shows certificate {found}, pinned is {address.fingerprint}; nothing was sent")


def _head(address: Address, method: str, path: str, body: bytes, accept: str) -> bytes:
    lines = [
        f"{method} {address.prefix}{path} HTTP/1.1",
        f"Host: {address.host}:{address.port}",
        f"Accept: {accept}",
        "Connection: close",
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if address.token:
        lines.append(f"Authorization: Bearer {address.token}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _read_head(reader: asyncio.StreamReader, what: str) -> tuple[bool, int | None]:
    """(chunked, stated length or None); raises SeedError for anything but 200."""
    try:
        status = (await reader.readline()).split(b" ", 2)
        if len(status) < 2 or not status[0].startswith(b"HTTP/1.") or not status[1].isdigit():
            raise SeedError(f"{what}: the answer is not HTTP")
        headers: dict[str, str] = {}
        for _ in range(MAX_HEADERS):
            line = await reader.readline()
            if line in (b"\r\n", b"\n", b""):
                break
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        else:
            raise SeedError(f"{what}: more than {MAX_HEADERS} headers")
    except ValueError as error:
        raise SeedError(f"{what}: {error}") from error
    if status[1] != b"200":
        hint = " (token needed or refused)" if status[1] in (b"401", b"403") else ""
        raise SeedError(f"{what}: status {status[1].decode()}{hint}")
    length = headers.get("content-length", "")
    is_number = length.isascii() and length.isdigit() and len(length) <= len(str(MAX_BODY))
    if length and not (is_number and int(length) <= MAX_BODY):
        raise SeedError(f"{what}: an answer of {length[:20]} bytes")
    return headers.get("transfer-encoding", "").lower() == "chunked", int(length) if length else None
