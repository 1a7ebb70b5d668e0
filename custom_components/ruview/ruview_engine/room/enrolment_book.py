"""What happens while a room is taught, written down: one chapter of events for each baseline, nothing crossed out."""

from collections.abc import Iterable, Sequence

from .adaptation import Adapted
from .anchor import BY_LABEL, AnchorLabel, Demand, Verdict
from .anchor_feature import AnchorFeature, LinkFeature
from .changes import EnrolmentAppended
from .enrolment import (
    AdaptedReference,
    AnchorAccepted,
    AnchorRejected,
    AnchorSkipped,
    EnrolmentEvent,
    EnrolmentSession,
    Started,
)

type Appended = tuple[EnrolmentAppended, ...]
"""What was written, for whoever keeps it, in its order."""


class EnrolmentBook:
    """Belongs to a room. The first event of a baseline opens its chapter, by saying that the empty room was accepted.

    Everything takes the present baseline's id, and times as Unix seconds, which are only written down.
    """

    def __init__(self, room_id: str) -> None:
        self._room_id = room_id
        self.session = EnrolmentSession(room_id=room_id)

    def load(self, events: Iterable[EnrolmentEvent]) -> None:
        """Take up where a former process stopped."""
        self.session = EnrolmentSession.replay(self._room_id, events)

    def chapter(self, baseline_id: str | None) -> EnrolmentSession:
        """What was enrolled with that baseline, if it is the last one; nothing without one."""
        is_open = baseline_id is not None and self.session.baseline_id == baseline_id
        return self.session if is_open else EnrolmentSession(room_id=self._room_id)

    def open(self, baseline_id: str, at_unix_s: float) -> Appended:
        """Begin a chapter; nothing happens where it has begun."""
        if self.session.baseline_id == baseline_id:
            return ()
        empty = Verdict.passed(AnchorLabel.EMPTY)
        return self._append(
            [
                Started(at_unix_s=at_unix_s, room_id=self._room_id, baseline_id=baseline_id),
                AnchorAccepted(at_unix_s=at_unix_s, verdict=empty, feature=None),
            ]
        )

    def skip(self, baseline_id: str, label: AnchorLabel, at_unix_s: float) -> Appended:
        """A pose is left out."""
        opened = self.open(baseline_id, at_unix_s)
        return opened + self._append([AnchorSkipped(at_unix_s=at_unix_s, label=label)])

    def judge(
        self, baseline_id: str, verdict: Verdict, features: tuple[LinkFeature, ...], at_unix_s: float
    ) -> Appended:
        """A pose was accepted, with what each link can teach of it, or not."""
        opened = self.open(baseline_id, at_unix_s)
        if not verdict.accepted:
            return opened + self._append([AnchorRejected(at_unix_s=at_unix_s, verdict=verdict)])
        feature = None
        if BY_LABEL[verdict.label].demand is not Demand.NOBODY:
            feature = AnchorFeature(
                room_id=self._room_id,
                label=verdict.label,
                t_epoch_us=int(at_unix_s * 1e6),
                baseline_id=baseline_id,
                links=features,
            )
        return opened + self._append([AnchorAccepted(at_unix_s=at_unix_s, verdict=verdict, feature=feature)])

    def follow(self, adapted: Sequence[Adapted], at_unix_s: float) -> Appended:
        """References of the baseline have followed slow drift."""
        return self._append(
            [
                AdaptedReference(at_unix_s=at_unix_s, link=one.link, moved_rms=one.moved_rms, total_rms=one.total_rms)
                for one in adapted
            ]
        )

    def _append(self, events: Sequence[EnrolmentEvent]) -> Appended:
        for event in events:
            self.session = self.session.after(event)
        return tuple(EnrolmentAppended(event=event) for event in events)
