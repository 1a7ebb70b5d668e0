"""What a browser says to Home Assistant, said by a test: REST, flows and one-off websocket commands."""

import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import aiohttp

#: Longest wait for one answer. Origin: chosen; a step that binds a port or fits a baseline takes seconds.
ANSWER_TIMEOUT_S = 30.0


class Unreachable(Exception):
    """Nobody answers there (yet)."""


class Refused(Exception):
    """Home Assistant answered, with an error."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Client:
    """A signed-in client of one Home Assistant."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._token = token

    # REST

    def get(self, path: str) -> Any:
        """GET, JSON back."""
        return self._request("GET", path)

    def post(self, path: str, body: object = None, *, patience_s: float = ANSWER_TIMEOUT_S) -> Any:
        """POST with a JSON body, JSON back."""
        return self._request("POST", path, {} if body is None else body, patience_s)

    def delete(self, path: str) -> Any:
        """DELETE, JSON back."""
        return self._request("DELETE", path)

    def _request(self, method: str, path: str, body: object = None, patience_s: float = ANSWER_TIMEOUT_S) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=patience_s) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read().decode(errors="replace")) from None
        except (OSError, ValueError) as error:
            raise Unreachable(str(error)) from None

    # states and actions

    def states(self) -> dict[str, dict[str, Any]]:
        """Every entity's state object by entity id."""
        return {state["entity_id"]: state for state in self.get("/api/states")}

    def state(self, entity_id: str) -> str:
        """One entity's state."""
        return str(self.get(f"/api/states/{entity_id}")["state"])

    def action(
        self,
        domain: str,
        name: str,
        data: dict[str, Any] | None = None,
        *,
        with_response: bool = False,
        patience_s: float = ANSWER_TIMEOUT_S,
    ) -> Any:
        """Perform an action; with a response, its data. A capture answers when it is over, which takes patience."""
        path = f"/api/services/{domain}/{name}{'?return_response' if with_response else ''}"
        answer = self.post(path, data, patience_s=patience_s)
        return answer["service_response"] if with_response else answer

    # flows

    def start_flow(self, handler: str, **context: Any) -> dict[str, Any]:
        """Begin a configuration flow."""
        return dict(self.post("/api/config/config_entries/flow", {"handler": handler, **context}))

    def continue_flow(self, flow: dict[str, Any], **user_input: Any) -> dict[str, Any]:
        """Answer the form of a configuration flow."""
        return dict(self.post(f"/api/config/config_entries/flow/{flow['flow_id']}", user_input))

    def start_subentry_flow(self, entry_id: str, kind: str, subentry_id: str | None = None) -> dict[str, Any]:
        """Begin a subentry flow: a new subentry, or the reconfiguration of one."""
        body: dict[str, Any] = {"handler": [entry_id, kind]}
        if subentry_id is not None:
            body["subentry_id"] = subentry_id
        return dict(self.post("/api/config/config_entries/subentries/flow", body))

    def subentry_flow(self, flow: dict[str, Any]) -> dict[str, Any]:
        """Where a subentry flow stands; moves a finished progress step on."""
        return dict(self.get(f"/api/config/config_entries/subentries/flow/{flow['flow_id']}"))

    def continue_subentry_flow(self, flow: dict[str, Any], **user_input: Any) -> dict[str, Any]:
        """Answer the form or menu of a subentry flow."""
        return dict(self.post(f"/api/config/config_entries/subentries/flow/{flow['flow_id']}", user_input))

    def close_subentry_flow(self, flow: dict[str, Any]) -> None:
        """Close the dialog."""
        self.delete(f"/api/config/config_entries/subentries/flow/{flow['flow_id']}")

    def entries(self, domain: str) -> list[dict[str, Any]]:
        """Configuration entries of a domain."""
        return list(self.get(f"/api/config/config_entries/entry?domain={domain}"))

    # websocket

    def command(self, kind: str, **fields: Any) -> Any:
        """One websocket command, its result back."""
        return asyncio.run(self._command(kind, fields))

    async def _command(self, kind: str, fields: dict[str, Any]) -> Any:
        async with self._socket() as socket:
            return await _ask(socket, kind, fields)

    @contextmanager
    def listening(self, kind: str, **fields: Any) -> Iterator[list[Any]]:
        """Subscribe; the list grows by an event whenever one comes, until the block ends."""
        events: list[Any] = []
        begun, over = threading.Event(), threading.Event()

        async def listen() -> None:
            async with self._socket() as socket:
                await _ask(socket, kind, fields)
                begun.set()
                while not over.is_set():
                    with suppress(TimeoutError):
                        events.append((await socket.receive_json(timeout=0.2))["event"])

        thread = threading.Thread(target=asyncio.run, args=(listen(),), daemon=True)
        thread.start()
        if not begun.wait(ANSWER_TIMEOUT_S):
            raise Unreachable(f"no answer to {kind}")
        try:
            yield events
        finally:
            over.set()
            thread.join(ANSWER_TIMEOUT_S)

    @asynccontextmanager
    async def _socket(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        timeout = aiohttp.ClientTimeout(total=ANSWER_TIMEOUT_S)
        address = f"{self.url}/api/websocket"
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session, session.ws_connect(address) as socket:
                await socket.receive_json()
                await socket.send_json({"type": "auth", "access_token": self._token})
                signed_in = await socket.receive_json()
                if signed_in["type"] != "auth_ok":
                    raise Refused(401, str(signed_in))
                yield socket
        except aiohttp.ClientError as error:
            raise Unreachable(str(error)) from None


async def _ask(socket: aiohttp.ClientWebSocketResponse, kind: str, fields: dict[str, Any]) -> Any:
    await socket.send_json({"id": 1, "type": kind, **fields})
    answer = await socket.receive_json()
    if not answer["success"]:
        raise Refused(400, str(answer["error"]))
    return answer["result"]


def wait_for[T](question: Callable[[], T | None], timeout_s: float, what: str | Callable[[], str]) -> T:
    """Ask until the answer is neither None nor False; `what` says what never came, looked up at that moment."""
    deadline = time.monotonic() + timeout_s
    while True:
        answer = question()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout_s:.0f} s: {what() if callable(what) else what}")
        time.sleep(0.1)
