/* The regimes of the last minutes as a strip of colours, the same in panel and card. */

import { colour, REGIME_VARIABLE } from "./colours.js";
import { h, setAttr, setText } from "./element.js";
import { Painter } from "./painter.js";
import { percent } from "./format.js";
import { t, word } from "./words.js";

export const STRIP_STYLE = `
  .strip canvas { display: block; width: 100%; height: 28px; border-radius: 6px; }
  .strip .axis { display: flex; justify-content: space-between; font-size: 12px; color: var(--secondary-text-color);
                 margin-top: 4px; }
  .strip .key { display: flex; flex-wrap: wrap; gap: 4px 14px; list-style: none; margin: 8px 0 0; padding: 0;
                font-size: 12px; color: var(--secondary-text-color); }
  .strip .key b { font-weight: 500; font-variant-numeric: tabular-nums; }
  .strip .key span { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px; }
`;

export class RegimeStrip {
  constructor({ minutes = 10, hasKey = true } = {}) {
    this._minutes = minutes;
    this._changes = []; // [{at: ms, regime}], oldest first; a change holds until the next
    this.canvas = h("canvas", { role: "img", "data-testid": "regime-strip" });
    this._key = Object.fromEntries(Object.keys(REGIME_VARIABLE).map((regime) => [regime, h("b")]));
    this.element = h("div", { class: "strip" }, this.canvas,
      h("div", { class: "axis", "aria-hidden": "true" }, h("span", { text: t("regime_ago", { minutes }) }),
        h("span", { text: t("waterfall_now") })),
      hasKey ? h("ul", { class: "key", "aria-hidden": "true" }, ...Object.entries(REGIME_VARIABLE).map(([regime, variable]) =>
        h("li", {}, h("span", { style: `background: var(${variable})` }), word("regime", regime), " ", this._key[regime]))) : null);
    this.painter = new Painter(this.canvas, (pen, width, height) => this._draw(pen, width, height));
  }

  /** Fill the time before we looked from Home Assistant's history of the regime sensor, if it has one. */
  async remember(hass, entityId) {
    if (!entityId) return;
    const start = new Date(Date.now() - 60000 * this._minutes);
    try {
      const past = await hass.callWS({ type: "history/history_during_period", start_time: start.toISOString(),
        entity_ids: [entityId], minimal_response: true, no_attributes: true, significant_changes_only: false });
      const states = (past[entityId] ?? []).map((state) => ({ at: 1000 * (state.lc ?? state.lu), regime: state.s }));
      const first = this._changes[0]?.at ?? Infinity;
      const known = states.filter((change) => change.at < first).map((change) =>
        ({ ...change, regime: change.regime in REGIME_VARIABLE ? change.regime : "unknown" }));
      this._changes.unshift(...known);
      this.painter.ask();
    } catch { /* without the recorder the strip begins now */ }
  }

  /** What it is now. */
  push(regime, at = Date.now()) {
    const last = this._changes.at(-1);
    const name = regime in REGIME_VARIABLE ? regime : "unknown";
    if (last?.regime !== name) this._changes.push({ at, regime: name });
    const oldest = at - 60000 * this._minutes;
    while (this._changes.length > 1 && this._changes[1].at < oldest) this._changes.shift();
    if (this._changes.length > 2000) this._changes.splice(0, 1000);
    this.painter.ask();
  }

  _spans(now) {
    const oldest = now - 60000 * this._minutes;
    return this._changes.map((change, index) => ({ regime: change.regime, from: Math.max(change.at, oldest),
      to: this._changes[index + 1]?.at ?? now })).filter((span) => span.to > span.from);
  }

  _draw(pen, width, height) {
    const now = Date.now();
    const spans = this._spans(now);
    const scale = width / (60000 * this._minutes);
    pen.fillStyle = colour(this.canvas, "--secondary-background-color");
    pen.fillRect(0, 0, width, height);
    for (const { regime, from, to } of spans) {
      if (regime === "unknown") continue;
      pen.fillStyle = colour(this.canvas, REGIME_VARIABLE[regime]);
      const left = width - (now - from) * scale;
      pen.fillRect(left, 0, Math.max((to - from) * scale, 1), height);
    }
    this._describe(spans);
  }

  _describe(spans) {
    const share = {};
    for (const { regime, from, to } of spans) share[regime] = (share[regime] ?? 0) + to - from;
    const all = Object.values(share).reduce((sum, part) => sum + part, 0);
    for (const [regime, place] of Object.entries(this._key)) setText(place, share[regime] ? percent(share[regime] / all) : "");
    const summary = Object.keys(share).every((regime) => regime === "unknown") ? "" : Object.entries(share).sort((a, b) => b[1] - a[1])
      .map(([regime, part]) => `${word("regime", regime)} ${percent(part / all)}`).join(", ");
    setAttr(this.canvas, "aria-label", summary ? t("regime_alt", { minutes: this._minutes, summary })
      : t("regime_alt_none", { minutes: this._minutes }));
  }
}
