"""What one slow tick stands on: the links it hears, measured against the baseline."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from ..links.link_id import LinkId
from .adaptation import Adaptation
from .baseline import Baseline
from .continuity import associate
from .evidence import LinkEvidence, gather
from .link_baseline import LinkBaseline
from .window import LinkWindow, RoomInputs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tick:
    """One look at the room.

    inputs : windows under the names by which the baseline knows their links
    known : every link of the baseline
    evidence, measured : per known link that is heard, what it says and the window that says it
    """

    inputs: RoomInputs
    known: Mapping[LinkId, LinkBaseline]
    evidence: tuple[LinkEvidence, ...]
    measured: tuple[LinkWindow, ...]

    @classmethod
    def of(cls, inputs: RoomInputs, baseline: Baseline, adaptation: Adaptation) -> Self:
        """Measure every link of the baseline against its reference, as far as that has followed the room."""
        known = {link.link: link for link in baseline.links}
        inputs = replace(inputs, windows=associate(inputs.windows, baseline))
        windows = inputs.by_link()
        gathered = (
            gather(windows[link], one, inputs.at_s, adaptation.offset(link), adaptation.strayed(link))
            for link, one in known.items()
            if link in windows
        )
        found = [one for one in gathered if one is not None]
        evidence, measured = tuple(one for one, _ in found), tuple(window for _, window in found)
        return cls(inputs=inputs, known=known, evidence=evidence, measured=measured)

    @property
    def at_s(self) -> float:
        """When."""
        return self.inputs.at_s

    @property
    def fresh(self) -> tuple[LinkEvidence, ...]:
        """What is said by links that are heard now."""
        return tuple(one for one in self.evidence if one.is_fresh)
