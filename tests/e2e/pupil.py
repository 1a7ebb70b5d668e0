"""The simulated person of a room that is being taught: does what the wizard asks for, as somebody at home would."""

from itertools import cycle
from typing import Any

from .client import Client, Refused, Unreachable
from .simulated_home import SimulatedHome

#: What they do once their room is taught, and for how many seconds, over and over.
EVENING = (("walk", 10), ("sit", 45), ("leave", 60), ("walk", 8), ("lie", 45), ("leave", 60))


class Pupil:
    """Looks at the room of one board and tells its person what the room's wizard asks for.

    Outside until the empty room has been measured, for a measurement with somebody inside would be refused; inside
    from then on, near the dialog, until all poses are taught; then they live there.
    """

    def __init__(self, client: Client, people: SimulatedHome, node: str) -> None:
        self.room: dict[str, Any] | None = None
        self._client = client
        self.people = people
        self._node = node
        self._asked: tuple[str, str | None] | None = None
        self._evening = iter(cycle(EVENING))
        self._next_s = 0.0

    def look(self, now_s: float) -> str | None:
        """Once a second; what the person was just told, in words, when that is news."""
        try:
            found = [room for room in self._client.command("ruview/rooms")["rooms"] if self._node in room["nodes"]]
            self.room = found[0] if found else None
            if self.room is None:
                return None
            progress = self._client.command("ruview/room/details", room_id=self.room["room_id"])["progress"]
        except Refused, Unreachable:  # the listener is not there yet, or is being reloaded
            return None
        if progress is not None and progress["kind"] in ("baseline", "anchor"):
            return self._obey(progress)
        if progress is None and self._asked is not None:
            return self._wait()
        return self._live(now_s)

    def _obey(self, progress: dict[str, Any]) -> str | None:
        asked = progress["kind"], progress["what"]
        if asked == self._asked:
            return None
        self._asked = asked
        if progress["kind"] == "baseline":
            self.people.tell("leave")
            return "measures the empty room; the person goes out"
        self.people.announce(progress["what"])
        return f"asks for the pose {progress['what']}; the person takes it"

    def _wait(self) -> str | None:
        """Something has ended: a pose is held until the next one is asked for, after the empty room they come back."""
        assert self._asked is not None
        was_baseline = self._asked[0] == "baseline"
        self._asked = None
        if was_baseline and self.room is not None and self.room["calibration"] != "uncalibrated":
            self.people.tell("enter")
            return "knows the empty room; the person comes back in"
        return None

    def _live(self, now_s: float) -> str | None:
        is_ready = self.room is not None and self.room["calibration"] == "ready"
        if not is_ready or now_s < self._next_s:
            return None
        activity, seconds = next(self._evening)
        self._next_s = now_s + seconds
        self.people.tell(activity)
        return f"is taught; the person: {activity}"
