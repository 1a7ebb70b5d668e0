/* What a check of accessibility without dependencies can find, inside the shadow root of panel or card. */
host => {
  const root = host.shadowRoot, found = [];
  const name = (element) => element.getAttribute("aria-label") ?? "";
  const isPicture = (element) => element.getAttribute("role") === "img" && name(element);
  for (const canvas of root.querySelectorAll("canvas"))
    if (canvas.offsetParent && !isPicture(canvas)) found.push(`canvas ${canvas.dataset.testid}`);
  for (const drawing of root.querySelectorAll("svg"))
    if (!drawing.hasAttribute("aria-hidden") && !isPicture(drawing)) found.push("svg");
  for (const button of root.querySelectorAll("button, a"))
    if (!button.textContent.trim() && !name(button)) found.push(`unnamed ${button.outerHTML.slice(0, 80)}`);
  for (const choice of root.querySelectorAll("select"))
    if (!choice.labels.length) found.push(`unlabelled ${choice.dataset.testid}`);
  for (const bar of root.querySelectorAll("[role=meter], [role=progressbar]"))
    if (!name(bar) || !bar.hasAttribute("aria-valuenow")) found.push(`bar ${name(bar)}`);
  for (const table of root.querySelectorAll("table"))
    if (!table.caption || !table.querySelector("th[scope=col]") || !table.querySelector("th[scope=row]")) found.push("table");
  for (const part of root.querySelectorAll("[aria-labelledby]"))
    if (!root.getElementById(part.getAttribute("aria-labelledby"))) found.push(`label of ${part.className}`);
  const ids = [...root.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size !== ids.length) found.push("repeated id");
  if (root.querySelector("[tabindex]:not([tabindex='-1']):not([tabindex='0'])")) found.push("forced tab order");
  return found;
}
