/* Lyapunov exponent with its interval, and the attractor's dimension, of the best radio path. */

import { h, setAttr, setText, svg } from "../shared/element.js";
import { number, percent } from "../shared/format.js";
import { t, word } from "../shared/words.js";

//: Half width of the scale in 1/s. Chosen: exponents of rooms stay within ±2; beyond, the mark stands at the edge.
const REACH = 2;
const WIDTH = 300;
const place = (value) => WIDTH / 2 + (Math.max(-REACH, Math.min(REACH, value)) / REACH) * (WIDTH / 2 - 8);

export class Dynamics {
  constructor() {
    this._exponent = h("p", { class: "number", "data-testid": "lyapunov" });
    this._dimension = h("p", { class: "number muted" });
    this._range = svg("line", { y1: 26, y2: 26, stroke: "var(--primary-color)", "stroke-width": 8, "stroke-linecap": "round", opacity: 0.35 });
    this._mark = svg("circle", { cy: 26, r: 6, fill: "var(--primary-color)" });
    const tick = (value) => svg("line", { x1: place(value), x2: place(value), y1: 18, y2: 34, stroke: "var(--secondary-text-color)",
      "stroke-width": value ? 1 : 2 });
    const label = (value) => {
      const text = svg("text", { x: place(value), y: 14, "text-anchor": value < 0 ? "start" : value > 0 ? "end" : "middle" });
      text.textContent = number(value, 0);
      return text;
    };
    const end = (x, anchor, key) => {
      const text = svg("text", { x, y: 54, "text-anchor": anchor });
      text.textContent = t(key);
      return text;
    };
    this._gauge = svg("svg", { class: "gauge", viewBox: `0 0 ${WIDTH} 60`, role: "img", "data-testid": "lyapunov-gauge" },
      svg("line", { x1: 8, x2: WIDTH - 8, y1: 26, y2: 26, stroke: "var(--divider-color)", "stroke-width": 4, "stroke-linecap": "round" }),
      ...[-REACH, -1, 0, 1, REACH].map(tick), ...[-REACH, 0, REACH].map(label), this._range, this._mark,
      end(8, "start", "dynamics_settles"), end(WIDTH - 8, "end", "dynamics_apart"));
    this.element = h("section", { class: "card half", "aria-labelledby": "dynamics-title" },
      h("h2", { id: "dynamics-title", text: t("dynamics_title") }), h("p", { class: "small muted", text: t("dynamics_lyapunov") }),
      this._exponent, this._gauge, h("p", { class: "small muted", text: t("dynamics_dimension") }), this._dimension,
      h("p", { class: "note", text: t("dynamics_note") }));
  }

  /** The link whose exponent is known best, else the first. */
  push(snapshot) {
    const links = snapshot?.links ?? [];
    const width = (link) => link.lyapunov_interval[1] - link.lyapunov_interval[0];
    const known = links.filter((link) => link.lyapunov_exponent !== null && link.lyapunov_interval).sort((a, b) => width(a) - width(b));
    const link = known[0] ?? links[0];
    const why = (field) => {
      const reason = link?.why_not.find(([name]) => name === field)?.[1];
      return reason ? word("why_unknown", reason) : t("waiting");
    };
    const value = link?.lyapunov_exponent ?? null;
    if (value === null) {
      setText(this._exponent, `${t("unknown")}: ${why("lyapunov_exponent")}`);
      for (const shape of [this._range, this._mark]) setAttr(shape, "visibility", "hidden");
    } else {
      const [low, high] = link.lyapunov_interval ?? [value, value];
      setText(this._exponent, t("dynamics_interval", { value: number(value, 2), low: number(low, 2), high: number(high, 2) }));
      for (const shape of [this._range, this._mark]) setAttr(shape, "visibility", null);
      setAttr(this._range, "x1", place(low).toFixed(1));
      setAttr(this._range, "x2", place(high).toFixed(1));
      setAttr(this._mark, "cx", place(value).toFixed(1));
    }
    setAttr(this._gauge, "aria-label", `${t("dynamics_lyapunov")}: ${this._exponent.textContent}`);
    const dimension = link?.attractor_dim ?? null;
    setText(this._dimension, dimension === null ? `${t("unknown")}: ${why("attractor_dim")}`
      : `${number(dimension, 1)} (${t("confidence", { percent: percent(link.attractor_confidence) })})`);
  }
}
