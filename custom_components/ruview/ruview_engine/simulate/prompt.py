"""Lines that tell a simulated person what to do: from a hand, a script or an enrolment that announces its anchors.

Two forms of JSON object, one per line; other keys are ignored:
`{"do": "sit:15"}` — text of `Person.follow`; `{"anchor": "sit", "phase": "lead_in"}` — an anchor begins. The phases
"capturing" and "done" change nothing: a cooperating person goes on until asked for something else.
"""

import json

from .plans import ANCHORS

#: Phase in which a person should take up the pose.
LEAD_IN = "lead_in"


def parse_prompt(line: str) -> str | None:
    """The text for `Person.obey`; None for a line that asks for nothing, or that nobody understands."""
    try:
        told = json.loads(line)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    text = told.get("do")
    if isinstance(text, str):
        return text
    anchor = told.get("anchor")
    if isinstance(anchor, str) and told.get("phase", LEAD_IN) == LEAD_IN:
        return ANCHORS.get(anchor)
    return None
