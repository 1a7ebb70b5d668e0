/* Every name and hint that is heard or hovered, not read. */
host => [...host.shadowRoot.querySelectorAll("[aria-label], [title]")]
  .flatMap((element) => [element.getAttribute("aria-label"), element.getAttribute("title")]).filter(Boolean)
