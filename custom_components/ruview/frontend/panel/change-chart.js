/* The change score of the last minute against its threshold. */

import { colour } from "../shared/colours.js";
import { h, setAttr, setText } from "../shared/element.js";
import { number } from "../shared/format.js";
import { Painter } from "../shared/painter.js";
import { t, word } from "../shared/words.js";

const SPAN_MS = 60000;
//: Score at the top. Spec: the engine lets evidence grow to twice its threshold and no further (dsp/cusum.py).
const TOP = 2;

const place = (score) => Math.min(Math.max(score / TOP, 0), 1);

export class ChangeChart {
  constructor() {
    this._points = [];
    this._value = h("span", { class: "number muted", "data-testid": "change-value" });
    this.canvas = h("canvas", { role: "img", "data-testid": "change-chart", style: "height: 120px" });
    this.painter = new Painter(this.canvas, (pen, width, height) => this._draw(pen, width, height));
    this.element = h("section", { class: "card half", "aria-labelledby": "change-title" },
      h("div", { class: "head" }, h("h2", { id: "change-title", text: t("change_title") }), this._value),
      h("div", { class: "plot" }, this.canvas,
        h("div", { class: "axis", "aria-hidden": "true" }, h("span", { text: t("waterfall_axis", { seconds: 60 }) }),
          h("span", { text: t("waterfall_now") }))),
      h("p", { class: "note", text: t("change_note") }));
  }

  push(snapshot) {
    const score = snapshot?.change_score ?? null;
    const now = performance.now();
    this._points.push({ at: now, score });
    while (this._points.length && this._points[0].at < now - SPAN_MS) this._points.shift();
    if (score === null) {
      const reason = snapshot?.links[0]?.why_not.find(([field]) => field === "change_score")?.[1];
      setText(this._value, reason ? word("why_unknown", reason) : t("waiting"));
    } else setText(this._value, t("change_value", { value: number(score, 2) }));
    this.painter.ask();
  }

  _draw(pen, width, height) {
    const now = performance.now();
    const x = (at) => width - ((now - at) / SPAN_MS) * width;
    const y = (score) => height - 4 - place(score) * (height - 12);
    pen.lineWidth = 2;
    pen.lineJoin = "round";
    pen.strokeStyle = colour(this.canvas, "--primary-color");
    pen.fillStyle = pen.strokeStyle;
    let run = [];
    const flush = () => {
      if (run.length > 1) {
        pen.beginPath();
        run.forEach(([across, down], index) => (index ? pen.lineTo(across, down) : pen.moveTo(across, down)));
        pen.stroke();
        pen.lineTo(run.at(-1)[0], height);
        pen.lineTo(run[0][0], height);
        pen.globalAlpha = 0.15;
        pen.fill();
        pen.globalAlpha = 1;
      }
      run = [];
    };
    for (const { at, score } of this._points) {
      if (score === null) flush();
      else run.push([x(at), y(score)]);
    }
    flush();
    pen.strokeStyle = colour(this.canvas, "--secondary-text-color");
    pen.lineWidth = 1;
    pen.setLineDash([4, 4]);
    pen.beginPath();
    pen.moveTo(0, y(1));
    pen.lineTo(width, y(1));
    pen.stroke();
    pen.setLineDash([]);
    pen.fillStyle = colour(this.canvas, "--secondary-text-color");
    pen.font = "11px sans-serif";
    pen.fillText(t("change_threshold"), 6, y(1) - 5);
    const last = this._points.at(-1)?.score;
    setAttr(this.canvas, "aria-label", t("change_alt", { value: last === null || last === undefined ? t("unknown") : number(last, 2) }));
  }
}
