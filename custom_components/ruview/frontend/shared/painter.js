/* Draws a canvas when something is new and somebody can see it: at most once per animation frame. */

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Painter {
  /** draw(pen, width, height) in CSS pixels. With reduced motion it is called at most once a second. */
  constructor(canvas, draw) {
    this.canvas = canvas;
    this._draw = draw;
    this._isSeen = true;
    this._last = -Infinity;
    // A busy browser tells several changes at once (hidden, then shown): the last one holds.
    this._observer = new IntersectionObserver((changes) => {
      this._isSeen = changes.at(-1).isIntersecting;
      if (this._isSeen) this.now();
    });
    this._sizes = new ResizeObserver(() => this.now());
  }

  connect() {
    this._observer.observe(this.canvas);
    this._sizes.observe(this.canvas);
  }

  disconnect() {
    this._observer.disconnect();
    this._sizes.disconnect();
    cancelAnimationFrame(this._frame);
    clearTimeout(this._timer);
    this._frame = this._timer = undefined;
  }

  /** Something is new. */
  ask() {
    if (!this._isSeen || this._frame || this._timer) return;
    const wait = calm.matches ? this._last + 1000 - performance.now() : 0;
    if (wait > 0) {
      this._timer = setTimeout(() => {
        this._timer = undefined;
        this.now();
      }, wait);
    } else this.now();
  }

  now() {
    if (this._frame) return;
    this._frame = requestAnimationFrame(() => {
      this._frame = undefined;
      this._last = performance.now();
      const { clientWidth: width, clientHeight: height } = this.canvas;
      if (!width || !height) return;
      const scale = Math.min(devicePixelRatio || 1, 2);
      const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
      if (this.canvas.width !== across || this.canvas.height !== down) {
        this.canvas.width = across;
        this.canvas.height = down;
      }
      const pen = this.canvas.getContext("2d");
      pen.setTransform(scale, 0, 0, scale, 0, 0);
      pen.clearRect(0, 0, width, height);
      this._draw(pen, width, height);
    });
  }
}

export const isCalm = () => calm.matches;
