/* A ring that fills with confidence; empty and dashed when nothing is known. */

import { setAttr, svg } from "./element.js";

export const RING_STYLE = `
  .ring { display: block; flex: none; }
  .ring circle { fill: none; stroke-width: 4; }
  .ring .track { stroke: var(--divider-color); }
  .ring .fill { stroke: var(--primary-color); stroke-linecap: round; transition: stroke-dashoffset .4s; }
  .ring.unknown .track { stroke-dasharray: 3 4; }
  @media (prefers-reduced-motion: reduce) { .ring .fill { transition: none; } }
`;

export class Ring {
  constructor(size = 40) {
    const radius = size / 2 - 2;
    this._length = 2 * Math.PI * radius;
    const circle = (name) => svg("circle", { class: name, cx: size / 2, cy: size / 2, r: radius });
    this._fill = circle("fill");
    this._fill.setAttribute("stroke-dasharray", this._length);
    this._fill.setAttribute("transform", `rotate(-90 ${size / 2} ${size / 2})`);
    this.element = svg("svg", { class: "ring", width: size, height: size, viewBox: `0 0 ${size} ${size}`,
      "aria-hidden": "true" }, circle("track"), this._fill);
    this.set(null);
  }

  /** 0–1; null = unknown. */
  set(share) {
    setAttr(this.element, "class", share === null ? "ring unknown" : "ring");
    setAttr(this._fill, "visibility", share ? "visible" : "hidden");
    setAttr(this._fill, "stroke-dashoffset", (this._length * (1 - Math.min(Math.max(share ?? 0, 0), 1))).toFixed(1));
  }
}
