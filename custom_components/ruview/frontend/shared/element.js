/* Elements without strings of markup: everything that comes from outside becomes text, never markup. */

const SVG = "http://www.w3.org/2000/svg";

function apply(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** An element with attributes, listeners (`onclick`), `text`, and children (strings become text). */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  apply(element, props);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  apply(element, props);
  element.append(...children);
  return element;
}

/** Change a text only if it differs, so that screen readers and layout are left in peace. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Change an attribute only if it differs; null removes it. */
export function setAttr(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/** Rebuild children only when the data behind them has changed: focus stays where it is. */
export function memoised(container, build) {
  let before;
  return (data) => {
    const now = JSON.stringify(data) ?? "";
    if (now === before) return;
    before = now;
    container.replaceChildren(...[build(data)].flat().filter((child) => child !== null && child !== undefined));
  };
}

/** Home Assistant's own way of saying something to its frame. */
export function fire(from, type, detail = {}) {
  from.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
}

/** Go to another page of Home Assistant without loading it anew. */
export function navigate(path) {
  history.pushState(null, "", path);
  window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace: false } }));
}
