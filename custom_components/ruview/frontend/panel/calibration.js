/* What the room was taught: empty room, drift against its limit, poses, versions; and the doors to teaching it anew. */

import { h, memoised, setAttr, setText } from "../shared/element.js";
import { moment, number, percent } from "../shared/format.js";
import { t } from "../shared/words.js";

/** Where Home Assistant opens the room's own dialogs. */
export const dialogsOf = (entryId) => `/config/integrations/integration/ruview#config_entry=${entryId}`;

export class Calibration {
  /** act(name, data, done): perform an action of ours on this room. */
  constructor(words, hass, room, act) {
    this._words = words;
    this._hass = hass;
    this._act = act;
    const baseline = h("p", { "data-testid": "baseline" });
    this._baseline = memoised(baseline, (known) => this._describe(known));
    this._driftText = h("span", { class: "muted number" });
    this._driftBar = h("i");
    this._drift = h("div", { class: "bar-line", role: "meter", "aria-label": t("calibration.drift"), "aria-valuemin": 0,
      "aria-valuemax": 100, "data-testid": "drift" }, this._driftBar);
    const poses = h("ul", { class: "rows", "data-testid": "enrolment" });
    this._poses = memoised(poses, (rows) => rows.map((row) => this._pose(row)));
    const banks = h("ul", { class: "rows", "data-testid": "banks" });
    this._banks = memoised(banks, (rows) => (rows.length ? rows.map((row) => this._bank(row)) : h("li", { class: "muted", text: t("banks.none") })));
    this._doors = h("div", { class: "actions", style: "margin-top: 16px" });
    this._message = h("p", { role: "status", class: "note" });
    this._teach = h("a", { class: "action", href: dialogsOf(room.entry_id), "data-testid": "teach", text: t("calibration.teach") });
    this._offer();
    this.element = h("section", { class: "card", "aria-labelledby": "calibration-title", "data-testid": "calibration" },
      h("h2", { id: "calibration-title", text: t("calibration.title") }),
      h("div", { class: "columns" },
        h("div", {}, baseline, h("h3", { text: t("calibration.drift") }), this._drift, this._driftText,
          h("p", { class: "note", text: t("calibration.drift.note") }), this._doors, this._message),
        h("div", {}, h("h3", { text: t("enrolment.title") }), poses),
        h("div", {}, h("h3", { text: t("banks.title") }), banks)));
  }

  push(details) {
    this._baseline(details.baseline ?? null);
    const drift = details.drift;
    const share = drift ? Math.min(drift.value / drift.limit, 1) : 0;
    setAttr(this._driftBar, "style", `width: ${(100 * share).toFixed(0)}%`);
    const isStale = details.stale.some((cause) => cause.reason === "drift");
    setAttr(this._drift, "class", isStale ? "bar-line warn" : share >= 1 ? "bar-line soft" : "bar-line");
    setAttr(this._drift, "aria-valuenow", Math.round(100 * share));
    setText(this._driftText, drift ? t("calibration.drift.value",
      { value: `${number(100 * drift.value)} %`, limit: `${number(100 * drift.limit)} %` }) : t("calibration.drift.none"));
    this._poses(details.enrolment);
    this._banks(details.banks);
  }

  _describe(known) {
    if (!known) return t("calibration.baseline.none");
    const time = moment(known.captured_at, this._hass());
    const seconds = Math.round(known.duration_s);
    const n = known.links.length;
    return time ? t("calibration.baseline", { time, seconds, n }) : t("calibration.baseline.undated", { seconds, n });
  }

  _pose(row) {
    const isGood = row.status === "accepted";
    const reason = row.verdict && !row.verdict.accepted && row.verdict.reason ? this._words.word("verdict", row.verdict.reason) : null;
    const status = ["accepted", "rejected", "skipped"].includes(row.status) ? row.status : "pending";
    return h("li", {}, h("span", {}, this._words.word("anchor", row.anchor), reason ? h("div", { class: "small muted", text: reason }) : null),
      h("span", { class: isGood ? "ok" : "muted", text: `${isGood ? "✓ " : ""}${t(`enrolment.${status}`)}` }));
  }

  _bank(bank) {
    const time = moment(bank.trained_at, this._hass());
    const about = [time ? t("banks.at", { time }) : null, bank.skills.map((kind) => this._words.word("specialist", kind)).join(", ")];
    const side = bank.is_current ? h("span", { class: "ok", text: `✓ ${t("banks.current")}` })
      : h("button", { type: "button", class: "action", "aria-label": t("banks.restore.label", { version: bank.version }),
        "data-testid": `restore-${bank.version}`, onclick: () => this._restore(bank.version) }, t("banks.restore"));
    return h("li", {}, h("span", {}, t("banks.version", { version: bank.version }),
      h("div", { class: "small muted", text: about.filter(Boolean).join(" · ") })), side);
  }

  async _restore(version) {
    await this._do("restore_bank", { version }, t("banks.restored", { version }));
  }

  _offer() {
    const measure = h("button", { type: "button", class: "action", "data-testid": "measure", onclick: () => this._ask() }, t("calibration.measure"));
    this._doors.replaceChildren(measure, this._teach);
  }

  _ask() {
    const yes = h("button", { type: "button", class: "action main", onclick: () => {
      this._offer();
      this._do("capture_baseline", { lead: 15 }, null);
    } }, t("calibration.measure.yes"));
    const no = h("button", { type: "button", class: "action", onclick: () => {
      this._offer();
      this._doors.firstChild.focus();
    } }, t("calibration.measure.no"));
    this._doors.replaceChildren(h("span", { text: t("calibration.measure.confirm") }), yes, no);
    yes.focus();
  }

  async _do(name, data, done) {
    setText(this._message, "");
    try {
      const answer = await this._act(name, data);
      const refused = answer && answer.accepted === false ? t("failed", { error: this._words.word("refusal", answer.reason) }) : null;
      setText(this._message, refused ?? done ?? "");
    } catch (error) {
      setText(this._message, t("failed", { error: error?.message ?? String(error) }));
    }
  }
}

/** The running capture as a banner: what to do, how long still. */
export class Running {
  constructor(words) {
    this._words = words;
    this._text = h("strong");
    this._hint = h("span", { class: "muted" });
    this._bar = h("i");
    this.element = h("div", { class: "banner info", hidden: true, role: "status", "data-testid": "progress" },
      h("div", {}, this._text, " ", this._hint), h("div", { class: "bar-line", style: "flex: 1 1 160px", "aria-hidden": "true" }, this._bar));
  }

  push(progress) {
    this.element.hidden = !progress;
    if (!progress) return;
    const phase = this._words.word("phase", `${progress.kind}_${progress.phase}`);
    // steps of five seconds are often enough for a voice; the bar shows the rest
    const left = progress.remaining_s > 10 ? 5 * Math.ceil(progress.remaining_s / 5) : Math.ceil(progress.remaining_s);
    setText(this._text, t("calibration.running", { phase, seconds: left }));
    setText(this._hint, progress.hint ? this._words.word("hint", progress.hint) : "");
    setAttr(this._bar, "style", `width: ${percent(progress.fraction).replace(" ", "")}`);
  }
}
