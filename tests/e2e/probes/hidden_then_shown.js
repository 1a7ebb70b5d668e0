/* How often a canvas is drawn after a browser, busy until then, has told "hidden" and "shown" in one breath. */
async painterUrl => {
  const { Painter } = await import(painterUrl);
  const real = window.IntersectionObserver;
  let tell;
  window.IntersectionObserver = class {
    constructor(callback) { tell = callback; }
    observe() {}
    disconnect() {}
  };
  const canvas = document.body.appendChild(document.createElement("canvas"));
  let drawn = 0;
  new Painter(canvas, () => { drawn += 1; });
  window.IntersectionObserver = real;
  tell([{ isIntersecting: false }, { isIntersecting: true }]);
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  await frame();
  canvas.remove();
  return drawn;
}
