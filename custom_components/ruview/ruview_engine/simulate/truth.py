"""What is really going on: the answer a perfect sensor would give."""

from dataclasses import dataclass

from .scene import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One moment of the room.

    n_people : bodies in the room, pets not counted
    is_moving : somebody walks, changes posture or moves on the spot
    posture : of the only person: "stand", "sit", "lie", "sleep"; None with nobody, several people or while changing
    breathing_bpm, heart_bpm : of the only person; None with nobody or several, or while the breath is held
    place : of the first person in the room
    activity : what the first person does, "absent" when nobody is there
    is_disturbed : something other than a person moves: door, furniture, fan, pet
    """

    at_s: float
    n_people: int
    is_moving: bool
    posture: str | None
    breathing_bpm: float | None
    heart_bpm: float | None
    place: Place | None
    activity: str
    is_disturbed: bool = False

    @property
    def is_present(self) -> bool:
        """Somebody is in the room."""
        return self.n_people > 0
