/* What the room was taught: empty room, drift against its limit, poses, versions; and the doors to teaching it anew. */

import { h, memoised, setAttr, setText } from "../shared/element.js";
import { moment, percent } from "../shared/format.js";
import { complaint, t, word } from "../shared/words.js";

//: Seconds to leave the room in. Chosen: whoever presses the button in the panel stands in it and is ready to go.
const LEAD_S = 15;

/** Where Home Assistant opens the room's own dialogs. */
export const dialogsOf = (entryId) => `/config/integrations/integration/ruview#config_entry=${entryId}`;

export class Calibration {
  /** act(name, data, done): perform an action of ours on this room. */
  constructor(hass, room, act) {
    this._hass = hass;
    this._act = act;
    const baseline = h("p", { "data-testid": "baseline" });
    this._baseline = memoised(baseline, (known) => this._describe(known));
    this._driftText = h("span", { class: "muted number", "data-testid": "drift-value" });
    this._driftBar = h("i");
    this._drift = h("div", { class: "bar-line", role: "meter", "aria-label": t("calibration_drift"), "aria-valuemin": 0,
      "aria-valuemax": 100, "data-testid": "drift" }, this._driftBar);
    const poses = h("ul", { class: "rows", "data-testid": "enrolment" });
    this._poses = memoised(poses, (rows) => rows.map((row) => this._pose(row)));
    const banks = h("ul", { class: "rows", "data-testid": "banks" });
    this._banks = memoised(banks, (rows) => (rows.length ? rows.map((row) => this._bank(row)) : h("li", { class: "muted", text: t("banks_none") })));
    this._doors = h("div", { class: "actions", style: "margin-top: 16px" });
    this._message = h("p", { role: "status", class: "note" });
    this._teach = h("a", { class: "action", href: dialogsOf(room.entry_id), "data-testid": "teach", text: t("calibration_teach") });
    this._offer();
    this.element = h("section", { class: "card", "aria-labelledby": "calibration-title", "data-testid": "calibration" },
      h("h2", { id: "calibration-title", text: t("calibration_title") }),
      h("div", { class: "columns" },
        h("div", {}, baseline, h("h3", { text: t("calibration_drift") }), this._drift, this._driftText,
          h("p", { class: "note", text: t("calibration_drift_note") }), this._doors, this._message),
        h("div", {}, h("h3", { text: t("enrolment_title") }), poses),
        h("div", {}, h("h3", { text: t("banks_title") }), banks)));
  }

  push(details) {
    this._baseline(details.baseline ?? null);
    const drift = details.drift;
    const share = drift ? Math.min(drift.value / drift.limit, 1) : 0;
    setAttr(this._driftBar, "style", `width: ${(100 * share).toFixed(0)}%`);
    const isStale = details.stale.some((cause) => cause.reason === "drift");
    setAttr(this._drift, "class", isStale ? "bar-line warn" : share >= 1 ? "bar-line soft" : "bar-line");
    setAttr(this._drift, "aria-valuenow", Math.round(100 * share));
    setText(this._driftText, drift ? t("calibration_drift_value",
      { value: percent(drift.value, 1), limit: percent(drift.limit, 1) }) : t("calibration_drift_none"));
    this._poses(details.enrolment);
    this._banks(details.banks);
  }

  _describe(known) {
    if (!known) return t("calibration_baseline_none");
    const time = moment(known.captured_at);
    const seconds = Math.round(known.duration_s);
    const n = known.links.length;
    return time ? t("calibration_baseline", { time, seconds, n }) : t("calibration_baseline_undated", { seconds, n });
  }

  _pose(row) {
    const isGood = row.status === "accepted";
    const reason = row.verdict && !row.verdict.accepted && row.verdict.reason ? word("verdict", row.verdict.reason) : null;
    const status = ["accepted", "rejected", "skipped"].includes(row.status) ? row.status : "pending";
    return h("li", {}, h("span", {}, word("anchor", row.anchor), reason ? h("div", { class: "small muted", text: reason }) : null),
      h("span", { class: isGood ? "ok" : "muted", text: `${isGood ? "✓ " : ""}${t(`enrolment_${status}`)}` }));
  }

  _bank(bank) {
    const time = moment(bank.trained_at);
    const about = [time ? t("banks_at", { time }) : null, bank.skills.map((kind) => word("specialist", kind)).join(", ")];
    const side = bank.is_current ? h("span", { class: "ok", text: `✓ ${t("banks_current")}` })
      : h("button", { type: "button", class: "action", "aria-label": t("banks_restore_label", { version: bank.version }),
        "data-testid": `restore-${bank.version}`, onclick: () => this._restore(bank.version) }, t("banks_restore"));
    return h("li", {}, h("span", {}, t("banks_version", { version: bank.version }),
      h("div", { class: "small muted", text: about.filter(Boolean).join(" · ") })), side);
  }

  async _restore(version) {
    await this._do("restore_bank", { version }, t("banks_restored", { version }));
  }

  _offer() {
    const measure = h("button", { type: "button", class: "action", "data-testid": "measure", onclick: () => this._ask() }, t("calibration_measure"));
    this._doors.replaceChildren(measure, this._teach);
  }

  _ask() {
    const yes = h("button", { type: "button", class: "action main", onclick: () => {
      this._offer();
      this._do("capture_baseline", { lead: LEAD_S }, null);
    } }, t("calibration_measure_yes"));
    const no = h("button", { type: "button", class: "action", onclick: () => {
      this._offer();
      this._doors.firstChild.focus();
    } }, t("calibration_measure_no"));
    this._doors.replaceChildren(h("span", { text: t("calibration_measure_confirm", { seconds: LEAD_S }) }), yes, no);
    yes.focus();
  }

  async _do(name, data, done) {
    setText(this._message, "");
    try {
      const answer = await this._act(name, data);
      const refused = answer && answer.accepted === false ? t("failed", { error: word("refusal", answer.reason) }) : null;
      setText(this._message, refused ?? done ?? "");
    } catch (error) {
      setText(this._message, t("failed", { error: await complaint(this._hass(), error) }));
    }
  }
}

/** The running capture as a banner: what to do, how long still. */
export class Running {
  constructor() {
    this._text = h("strong");
    this._hint = h("span", { class: "muted" });
    this._bar = h("i");
    this.element = h("div", { class: "banner info", hidden: true, role: "status", "data-testid": "progress" },
      h("div", {}, this._text, " ", this._hint), h("div", { class: "bar-line", style: "flex: 1 1 160px", "aria-hidden": "true" }, this._bar));
  }

  push(progress) {
    this.element.hidden = !progress;
    if (!progress) return;
    const phase = word("phase", `${progress.kind}_${progress.phase}`);
    // steps of five seconds are often enough for a voice; the bar shows the rest
    const left = progress.remaining_s > 10 ? 5 * Math.ceil(progress.remaining_s / 5) : Math.ceil(progress.remaining_s);
    setText(this._text, t("calibration_running", { phase, seconds: left }));
    setText(this._hint, progress.hint ? word("hint", progress.hint) : "");
    setAttr(this._bar, "style", `width: ${(100 * progress.fraction).toFixed(0)}%`);
  }
}
