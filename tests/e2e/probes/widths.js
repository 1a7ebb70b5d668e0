/* How far right anything of an element reaches, and how wide the window is. Boxes that scroll by themselves do not count. */
(name) => {
  const find = (root) => root.querySelector(name)
    ?? [...root.querySelectorAll("*")].map((element) => element.shadowRoot && find(element.shadowRoot)).find(Boolean);
  const parts = [...find(document).shadowRoot.querySelectorAll("*")].filter((element) => !element.closest(".sr, thead"));
  const edges = parts.map((element) => element.getBoundingClientRect().right);
  return [Math.ceil(Math.max(document.documentElement.scrollWidth, ...edges)), innerWidth];
}
