"""Teaching a room, step by step: empty room, poses with a verdict each, training, what was learnt and what was not."""

from typing import Any, Final

import probatio as vol
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
)

from .const import DEFAULT_BASELINE_S, DEFAULT_LEAD_S
from .guided_flow import GuidedFlow
from .poses import POSE_LEADS, POSES
from .ruview_engine.errors import OrderError

CONF_LEAD: Final = "lead_s"
CONF_DURATION: Final = "duration_s"
CONF_ANCHOR: Final = "anchor"


def _seconds(low: int, high: int) -> NumberSelector:
    return NumberSelector(NumberSelectorConfig(min=low, max=high, unit_of_measurement="s", mode=NumberSelectorMode.BOX))


class EnrolmentFlow(GuidedFlow):
    """The wizard. Whatever was accepted is stored at once, so closing the dialog loses nothing."""

    _queue: list[str]
    _previous = ""

    # ── the empty room ───────────────────────────────────────────────────────────────────────────────────────────

    async def async_step_baseline_intro(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """How long to get out, how long to measure."""
        if self.teacher.progress is not None and self.teacher.progress.kind == "baseline":
            return await self.async_step_baseline()
        errors: dict[str, str] = {}
        if user_input is not None:
            if self.teacher.progress is not None:
                errors["base"] = "busy"
            elif not self.room.hears:
                errors["base"] = "no_frames"
            else:
                self.teacher.async_start_baseline(user_input[CONF_LEAD], user_input[CONF_DURATION])
                return await self.async_step_baseline()
        schema = vol.Schema(
            {
                vol.Required(CONF_LEAD, default=DEFAULT_LEAD_S): _seconds(0, 300),
                vol.Required(CONF_DURATION, default=DEFAULT_BASELINE_S): _seconds(30, 120),
            }
        )
        return self.async_show_form(
            step_id="baseline_intro",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
            description_placeholders={"room": self.room.title},
            last_step=False,
        )

    async def async_step_baseline(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Countdown, then measuring."""
        return self.watch("baseline", "baseline_done")

    async def async_step_baseline_done(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Accepted: on to the poses. Refused: why, and again."""
        return self._refused("baseline_done", "refusal", "baseline_intro") or await self.async_step_enrol_intro()

    def _refused(self, step_id: str, reasons: str, again: str) -> SubentryFlowResult | None:
        """None when what ended was accepted; else a menu that says why not: do it again, or later."""
        outcome = self.teacher.outcome
        if outcome is not None and outcome.accepted:
            return None
        reason = self.words(reasons, outcome.reason if outcome else "interrupted")
        return self.async_show_menu(
            step_id=step_id,
            menu_options=[again, "later"],
            description_placeholders={"room": self.room.title, "reason": reason},
        )

    # ── the poses ────────────────────────────────────────────────────────────────────────────────────────────────

    async def async_step_enrol_intro(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """The empty room is known; the poses take about four minutes and can wait."""
        return self.async_show_menu(
            step_id="enrol_intro",
            menu_options=["enrol", "later"],
            description_placeholders={"room": self.room.title, "total": str(len(POSES))},
        )

    async def async_step_enrol(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """All poses from the first."""
        self._queue = list(POSES)
        return await self.async_step_anchor()

    async def async_step_resume(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Those that are still missing."""
        self._queue = self.teacher.missing
        return await self.async_step_anchor()

    async def async_step_enrol_one(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """One pose again; the others stay."""
        if user_input is not None:
            self._queue = [user_input[CONF_ANCHOR]]
            return await self.async_step_anchor()
        poses = SelectSelector(SelectSelectorConfig(options=list(POSES), translation_key="anchor"))
        return self.async_show_form(
            step_id="enrol_one",
            data_schema=vol.Schema({vol.Required(CONF_ANCHOR): poses}),
            description_placeholders={"room": self.room.title},
            last_step=False,
        )

    async def async_step_anchor(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """The next pose: what to do, and a button when ready."""
        if not self._queue:
            return await self.async_step_train()
        label = self._queue[0]
        errors: dict[str, str] = {}
        if user_input is not None:
            if self.teacher.progress is not None:
                errors["base"] = "busy"
            elif not self.room.hears:
                errors["base"] = "no_frames"
            else:
                self._previous = ""
                self.teacher.async_start_pose(label)
                return await self.async_step_anchor_capture()
        return self.async_show_form(
            step_id="anchor",
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders={**self._anchor_words(label), "previous": self._previous},
            last_step=False,
        )

    def _anchor_words(self, label: str) -> dict[str, str]:
        return {
            "room": self.room.title,
            "anchor": self.words("anchor", label),
            "instruction": self.words("anchor_instruction", label),
            "number": str(list(POSES).index(label) + 2),  # the empty room was the first
            "total": str(len(POSES) + 1),
            "duration": f"{POSES[label]:.0f}",
            "lead": f"{POSE_LEADS[label]:.0f}",
        }

    async def async_step_anchor_capture(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Countdown, then holding the pose."""
        return self.watch("anchor_capture", "anchor_done")

    async def async_step_anchor_done(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Accepted: the next one. Refused: why, and what can be done."""
        outcome, label = self.teacher.outcome, self._queue[0]
        if outcome is not None and outcome.accepted:
            self._queue.pop(0)
            self._previous = self.words("verdict", "accepted").format(anchor=self.words("anchor", label))
            return await self.async_step_anchor()
        return self.async_show_menu(
            step_id="anchor_done",
            menu_options=["anchor_retry", "anchor_skip", "stop"],
            description_placeholders={
                **self._anchor_words(label),
                "reason": self.words("verdict", outcome.reason if outcome else "interrupted"),
            },
        )

    async def async_step_anchor_retry(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """The same pose again."""
        return await self.async_step_anchor()

    async def async_step_anchor_skip(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Without this pose; what it would have taught stays unknown."""
        await self.teacher.async_skip_pose(self._queue.pop(0))
        return await self.async_step_anchor()

    async def async_step_stop(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Enough for today."""
        return self.async_show_menu(
            step_id="stop", menu_options=["train", "later"], description_placeholders={"room": self.room.title}
        )

    # ── training ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def async_step_train(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """In the background, with a ring."""
        if self._watcher is None:
            if self.teacher.progress is not None:
                return self.finish("busy")
            try:
                self.teacher.async_start_training()
            except OrderError:
                return await self.async_step_train_done()
        return self.watch("train", "train_done")

    async def async_step_train_done(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """A bank, or why there is none."""
        return self._refused("train_done", "training", "resume") or await self.async_step_summary()

    async def async_step_summary(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """What each specialist may say from now on, and which stay silent and why."""
        if user_input is not None:
            return self.finish("room_ready")
        lines = []
        for skill in self.teacher.skills:
            name = self.words("specialist", skill.only or skill.kind)
            if skill.is_learnt:
                lines.append(f"- ✓ **{name}** ({skill.quality:.0%})")
            else:
                lines.append(f"- – **{name}**: {self.words('why_absent', skill.reason)}")
        return self.async_show_form(
            step_id="summary",
            data_schema=vol.Schema({}),
            description_placeholders={"room": self.room.title, "summary": "\n".join(lines)},
            last_step=True,
        )
