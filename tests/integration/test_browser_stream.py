"""A stream goes at the browser's pace, sends no silence, and ends."""

from typing import Any, override

import pytest

from custom_components.ruview.browser_stream import BrowserStream


class Loop:
    """Timers that run when told."""

    def __init__(self) -> None:
        self.timers: list[tuple[float, Any]] = []
        self.loop = self

    def call_later(self, delay_s: float, call: Any) -> Any:
        timer = (delay_s, call)
        self.timers.append(timer)
        outer = self

        class Handle:
            def cancel(self) -> None:
                outer.timers.remove(timer)

        return Handle()

    def turn(self) -> None:
        _, call = self.timers.pop()
        call()


class Connection:
    """What a browser gets."""

    def __init__(self) -> None:
        self.subscriptions: dict[int, Any] = {}
        self.said: list[Any] = []

    def send_result(self, msg_id: int) -> None:
        self.said.append((msg_id, "accepted"))

    def send_event(self, msg_id: int, event: Any) -> None:
        self.said.append((msg_id, event))


class Numbers(BrowserStream):
    """News are what is appended."""

    waiting: list[dict[str, Any]]

    @override
    def news(self) -> dict[str, Any] | None:
        return self.waiting.pop(0) if self.waiting else None


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def connection() -> Connection:
    return Connection()


@pytest.fixture
def stream(loop: Loop, connection: Connection) -> Numbers:
    made = Numbers(loop, connection, {"id": 5, "max_hz": 4.0})  # type: ignore[arg-type]
    made.waiting = [{"n": 1}]
    return made


def test_it_is_accepted_first_and_goes_at_the_pace_asked_for(
    stream: Numbers, loop: Loop, connection: Connection
) -> None:
    stream.start()
    assert connection.said == [(5, "accepted"), (5, {"n": 1})]
    stream.waiting += [{"n": 2}, {"n": 3}]
    assert [delay for delay, _ in loop.timers] == [0.25]
    loop.turn()
    assert connection.said[2:] == [(5, {"n": 2})], "one event a turn"
    loop.turn()
    assert connection.said[3:] == [(5, {"n": 3})]


def test_silence_is_not_sent_and_does_not_end_it(stream: Numbers, loop: Loop, connection: Connection) -> None:
    stream.start()
    for _ in range(5):
        loop.turn()
    assert len(connection.said) == 2
    stream.waiting.append({"n": 2})
    loop.turn()
    assert connection.said[-1] == (5, {"n": 2})


def test_it_ends_with_the_subscription(stream: Numbers, loop: Loop, connection: Connection) -> None:
    stream.close()  # nothing was started
    stream.start()
    connection.subscriptions[5]()
    assert loop.timers == []
