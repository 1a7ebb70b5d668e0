/* What each specialist says now; where it says nothing, why; and how well it did on data it was not taught with. */

import { h, setAttr, setText } from "../shared/element.js";
import { percent } from "../shared/format.js";
import { nameOf, READINGS, tell } from "../shared/readings.js";
import { Ring } from "../shared/ring.js";
import { t, word } from "../shared/words.js";

export class Answers {
  constructor() {
    this._rows = READINGS.map((reading) => {
      const ring = new Ring(36);
      const value = h("span", { class: "value number" });
      const why = h("span", { class: "why" });
      const skill = h("span", { class: "why" });
      const item = h("li", { class: "reading", "data-testid": `reading-${reading.field}` }, ring.element,
        h("div", {}, h("div", { text: nameOf(reading) }), why, skill), value);
      return { reading, ring, value, why, skill, item };
    });
    this.element = h("section", { class: "card", "aria-labelledby": "readings-title" },
      h("h2", { id: "readings-title", text: t("readings_title") }), h("ul", { class: "readings" }, ...this._rows.map((row) => row.item)),
      h("p", { class: "note", text: t("readings_note") }));
  }

  /** A room document, or null when the room is not heard any more: then nothing is known. */
  push(room) {
    for (const row of this._rows) {
      const said = tell(room, row.reading);
      row.ring.set(said.confidence);
      setText(row.value, said.text);
      setAttr(row.value, "class", said.isKnown ? "value number" : "value unknown");
      setText(row.why, said.isKnown ? (said.confidence === null ? "" : t("confidence", { percent: percent(said.confidence) })) : said.why);
      if (row.reading.field === "anomaly" && room?.state?.is_vetoed) setText(row.why, t("anomaly_veto"));
    }
  }

  /** The specialists of the bank in force: learnt how well, or absent why. */
  skills(skills) {
    for (const row of this._rows) {
      const skill = skills.find((known) => known.kind === row.reading.kind);
      const untaught = skill?.reason ? word("why_absent", skill.reason) : null;
      const text = !skill || skill.reason === "not_trained" ? "" : untaught === null ? t("readings_quality", { percent: percent(skill.quality) })
        : untaught === row.why.textContent ? "" : t("readings_untaught", { reason: untaught });
      setText(row.skill, text);
      setAttr(row.skill, "style", text ? "display: block" : null);
    }
  }
}
