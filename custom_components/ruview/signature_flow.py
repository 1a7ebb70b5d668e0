"""Recording a short happening, such as a door, so that the room recognises it again; and forgetting it."""

from typing import Any, Final

import probatio as vol
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from .guided_flow import GuidedFlow

CONF_LABEL: Final = "label"
CONF_LENGTH: Final = "length_s"
CONF_SIGNATURES: Final = "signatures"

#: Origin: chosen; time to get from the screen to the door.
SIGNATURE_LEAD_S: Final = 5.0
#: Origin: chosen; a door, a drawer, a chair.
SIGNATURE_LENGTH_S: Final = 5.0


class SignatureFlow(GuidedFlow):
    """Part of a room's menu."""

    _label = ""
    _length_s = SIGNATURE_LENGTH_S

    async def async_step_signatures(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Record one; forget some."""
        options = ["signature_record"] + (["signature_delete"] if self.teacher.signatures.known else [])
        return self.async_show_menu(
            step_id="signatures",
            menu_options=options,
            description_placeholders={"room": self.room.title, "count": str(len(self.teacher.signatures.known))},
        )

    async def async_step_signature_record(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """What to call it, how long it takes."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._label, self._length_s = user_input[CONF_LABEL].strip(), user_input[CONF_LENGTH]
            if not self._label:
                errors[CONF_LABEL] = "empty_label"
            elif self.teacher.progress is not None:
                errors["base"] = "busy"
            elif not self.room.hears:
                errors["base"] = "no_frames"
            else:
                self.teacher.signatures.async_start(self._label, SIGNATURE_LEAD_S, self._length_s)
                return await self.async_step_signature_capture()
        length = NumberSelector(
            NumberSelectorConfig(min=1, max=30, step=0.5, unit_of_measurement="s", mode=NumberSelectorMode.BOX)
        )
        schema = vol.Schema(
            {vol.Required(CONF_LABEL): TextSelector(), vol.Required(CONF_LENGTH, default=SIGNATURE_LENGTH_S): length}
        )
        return self.async_show_form(
            step_id="signature_record",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
            description_placeholders={"room": self.room.title, "lead": f"{SIGNATURE_LEAD_S:.0f}"},
            last_step=False,
        )

    async def async_step_signature_capture(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Countdown, then the happening itself."""
        return self.watch("signature_capture", "signature_done")

    async def async_step_signature_done(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Kept, or why not."""
        outcome = self.teacher.outcome
        if outcome is not None and outcome.accepted:
            return self.finish("signature_saved", label=self._label)
        return self.async_show_menu(
            step_id="signature_done",
            menu_options=["signature_record", "later"],
            description_placeholders={
                "room": self.room.title,
                "reason": self.words("verdict", outcome.reason if outcome else "interrupted"),
            },
        )

    async def async_step_signature_delete(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Which to forget."""
        if user_input is not None:
            for signature_id in user_input[CONF_SIGNATURES]:
                await self.teacher.signatures.async_delete(signature_id)
            return self.finish("signatures_deleted")
        options = [
            SelectOptionDict(value=known.signature_id, label=known.label) for known in self.teacher.signatures.known
        ]
        chosen = SelectSelector(SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST))
        return self.async_show_form(
            step_id="signature_delete",
            data_schema=vol.Schema({vol.Required(CONF_SIGNATURES): chosen}),
            description_placeholders={"room": self.room.title},
        )
