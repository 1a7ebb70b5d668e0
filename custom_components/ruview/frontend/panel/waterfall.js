/* The profiles of one radio path as they come: time runs to the right, tones upwards, colour is what differs. */

import { colour, ramp } from "../shared/colours.js";
import { h, setAttr, setText } from "../shared/element.js";
import { percent } from "../shared/format.js";
import { isCalm, Painter } from "../shared/painter.js";
import { Stream } from "../shared/stream.js";
import { t } from "../shared/words.js";

//: How often the server sends at most, and how many rows are kept per path: half a minute.
const HZ = 15;
const SECONDS = 30;
const COLUMNS = HZ * SECONDS;
//: A slow path's row is drawn until the next one, but no longer. Chosen: a second without frames is a gap to be seen.
const HOLD_COLUMNS = HZ;
//: Deviation, in bytes of 1 %, that has the full colour. Chosen: a person walking moves a tone by 20–50 %, a breath by 2–5 %.
const FULL = 25;
//: Columns over which the running mean forgets. Chosen: 20 s.
const MEAN_COLUMNS = 300;

const stretched = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

class Path {
  constructor(about) {
    this.about = about;
    this.bins = about.bins.length;
    this.reference = about.reference === null ? null : stretched(about.reference);
    this.times = new Float64Array(COLUMNS);
    this.rows = new Uint8Array(COLUMNS * this.bins);
    this.mean = null;
    this.means = new Uint8Array(COLUMNS * this.bins);
    this.n = 0;
  }

  push(row) {
    if (row.length !== this.bins) return;
    this.mean ??= Float32Array.from(row);
    const share = Math.max(1 / (this.n + 1), 1 / MEAN_COLUMNS);
    for (let bin = 0; bin < this.bins; bin += 1) this.mean[bin] += share * (row[bin] - this.mean[bin]);
    this.times[this.n % COLUMNS] = performance.now();
    const place = (this.n % COLUMNS) * this.bins;
    this.rows.set(row, place);
    this.means.set(this.mean.map(Math.round), place);
    this.n += 1;
  }

  /** Mean deviation of the newest column, as a share. */
  deviation(reference) {
    if (!this.n) return null;
    const place = ((this.n - 1) % COLUMNS) * this.bins;
    let sum = 0;
    for (let bin = 0; bin < this.bins; bin += 1) {
      sum += Math.abs(this.rows[place + bin] - (reference ? reference[bin] : this.means[place + bin]));
    }
    return sum / this.bins / 100;
  }
}

export class Waterfall {
  constructor(roomId) {
    this._paths = new Map();
    this._chosen = null;
    this._wanted = null;
    this._mode = null;
    this._isPaused = false;
    this._image = document.createElement("canvas");
    this.canvas = h("canvas", { role: "img", "data-testid": "waterfall", style: "height: 220px", tabindex: "-1" });
    this.painter = new Painter(this.canvas, (pen, width, height) => this._draw(pen, width, height));
    this._select = h("select", { "data-testid": "waterfall-link", onchange: () => this._want(this._select.value) });
    this._modes = h("select", { "data-testid": "waterfall-mode", onchange: () => this._see(this._modes.value) });
    this._pause = h("button", { type: "button", class: "action", "data-testid": "waterfall-pause",
      onclick: () => this._toggle() }, t("waterfall_pause"));
    this._message = h("p", { class: "muted", text: t("waiting") });
    this._legend = [h("span"), h("i"), h("span")];
    this._plot = h("div", { class: "plot", hidden: true }, this.canvas,
      h("div", { class: "axis" }, h("span", { text: t("waterfall_axis", { seconds: SECONDS }) }),
        h("span", { class: "legend" }, ...this._legend), h("span", { text: t("waterfall_now") })),
      isCalm() ? h("p", { class: "note", text: t("waterfall_still") }) : null);
    this.element = h("section", { class: "card", "aria-labelledby": "waterfall-title" },
      h("div", { class: "head" }, h("h2", { id: "waterfall-title", text: t("waterfall_title") }), this._pause),
      this._plot, this._message,
      h("div", { class: "actions", style: "margin-top: 12px" },
        h("label", { class: "field" }, t("waterfall_link"), this._select),
        h("label", { class: "field" }, t("waterfall_mode"), this._modes)));
    this._stream = new Stream({ type: "ruview/waterfall/subscribe", room_id: roomId, max_hz: HZ }, (event) => this._take(event), {
      refused: () => this._refuse(),
    });
  }

  open(connection) {
    this.painter.connect();
    this._stream.open(connection);
  }

  close() {
    this._stream.close();
    this.painter.disconnect();
  }

  /** The theme may have changed. */
  repaint() {
    this._ramp = undefined;
    this.painter.ask();
  }

  _refuse() {
    this._plot.hidden = true;
    this._message.hidden = false;
    setText(this._message, t("waterfall_refused", { reason: t("waterfall_private") }));
  }

  _take(event) {
    if (event.links) this._learn(event.links);
    for (const [id, row] of Object.entries(event.rows)) if (!this._isPaused) this._paths.get(id)?.push(stretched(row));
    if (this._chosen in event.rows && !this._isPaused) this.painter.ask();
  }

  _learn(links) {
    const before = this._paths;
    this._paths = new Map(links.map((about) => {
      const path = before.get(about.id);
      const isSame = path && path.bins === about.bins.length && path.about.reference === about.reference;
      return [about.id, isSame ? path : new Path(about)];
    }));
    this._select.replaceChildren(...links.map((about) => {
      const [node, layout, transmitter] = about.id.split("/");
      return h("option", { value: about.id, text: t("link_name", { node, layout, transmitter }) });
    }));
    // What somebody has picked comes back when it is heard again; until then, and before, the busiest path is shown.
    if (this._paths.has(this._wanted)) this._chosen = this._wanted;
    else if (!this._paths.has(this._chosen)) this._chosen = [...links].sort((a, b) => b.frames - a.frames)[0]?.id ?? null;
    this._plot.hidden = !links.length;
    this._message.hidden = links.length > 0;
    this._choose(this._chosen);
  }

  _want(id) {
    this._wanted = id;
    this._choose(id);
  }

  _choose(id) {
    this._chosen = id;
    this._select.value = id;
    const path = this._paths.get(id);
    const modes = [path?.reference ? "empty" : "mean", "profile"];
    this._modes.replaceChildren(...modes.map((mode) => h("option", { value: mode, text: t(`waterfall_mode_${mode}`) })));
    this._see(modes.includes(this._mode) ? this._mode : modes[0]);
  }

  _see(mode) {
    this._mode = mode;
    this._modes.value = mode;
    this.repaint();
  }

  _toggle() {
    this._isPaused = !this._isPaused;
    setText(this._pause, t(this._isPaused ? "waterfall_resume" : "waterfall_pause"));
    setAttr(this._pause, "aria-pressed", this._isPaused ? "true" : null);
  }

  _colours() {
    const calm = colour(this.canvas, "--secondary-background-color");
    const stops = this._mode === "profile"
      ? [calm, colour(this.canvas, "--info-color"), colour(this.canvas, "--warning-color")]
      : [colour(this.canvas, "--info-color"), calm, colour(this.canvas, "--warning-color")];
    this._legend[1].style.background = `linear-gradient(to right, ${stops.join(", ")})`;
    setText(this._legend[0], t(this._mode === "profile" ? "waterfall_low" : "waterfall_weaker"));
    setText(this._legend[2], t(this._mode === "profile" ? "waterfall_high" : "waterfall_stronger"));
    return ramp(stops);
  }

  _draw(pen, width, height) {
    this._ramp ??= this._colours();
    const path = this._paths.get(this._chosen);
    if (!path || !path.n) return;
    const { bins, rows, means, reference, times, n } = path;
    const kept = Math.min(n, COLUMNS);
    const start = times[(n - 1) % COLUMNS] - 1000 * SECONDS;
    if (this._image.width !== COLUMNS || this._image.height !== bins) {
      this._image.width = COLUMNS;
      this._image.height = bins;
    }
    const brush = this._image.getContext("2d");
    const image = brush.createImageData(COLUMNS, bins);
    const pixels = new Uint32Array(image.data.buffer);
    const mode = this._mode;
    const column = (index) => Math.ceil(((times[index % COLUMNS] - start) * HZ) / 1000) - 1;
    for (let index = n - kept; index < n; index += 1) {
      const place = (index % COLUMNS) * bins;
      const from = Math.max(column(index), 0);
      const until = index + 1 < n ? Math.min(Math.max(column(index + 1), from + 1), from + HOLD_COLUMNS) : from + 1;
      for (let bin = 0; bin < bins; bin += 1) {
        const value = rows[place + bin];
        const tint = mode === "profile" ? value
          : 127.5 + (127.5 / FULL) * (value - (mode === "empty" ? reference[bin] : means[place + bin]));
        const word = this._ramp[tint <= 0 ? 0 : tint >= 255 ? 255 : tint | 0];
        const line = (bins - 1 - bin) * COLUMNS;
        pixels.fill(word, line + from, line + Math.min(until, COLUMNS));
      }
    }
    brush.putImageData(image, 0, 0);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this._image, 0, 0, width, height);
    const change = percent(path.deviation(mode === "empty" ? reference : null));
    setAttr(this.canvas, "aria-label", t("waterfall_alt", { link: this._chosen, seconds: SECONDS, percent: change }));
  }
}
