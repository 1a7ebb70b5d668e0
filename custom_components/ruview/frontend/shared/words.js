/* What panel and card say, in the language of whoever looks. All of it is in the translations of the integration, under
   `selector`: Home Assistant fills what a language lacks with English. */

import { writeFor } from "./format.js";

let localize = () => "";

/** Fetch the words for the language in force; to be awaited before anything is built. Cheap after the first time. */
export async function speakTo(hass) {
  localize = await hass.loadBackendTranslation("selector", "ruview");
  writeFor(hass);
}

/** One choice of one group, its places filled: `word("why_not", "absent")`. Nothing for no key, the key for no word. */
export function word(group, key, values) {
  if (key === null || key === undefined) return "";
  return localize(`component.ruview.selector.${group}.options.${key}`, values) || String(key).replaceAll("_", " ");
}

/** A sentence of panel or card. */
export const t = (key, values) => word("panel", key, values);

/** What an action of ours said when it failed. */
export async function complaint(hass, error) {
  const { translation_domain: domain, translation_key: key, translation_placeholders: values } = error ?? {};
  const told = domain && key ? (await hass.loadBackendTranslation("exceptions", domain))(`component.${domain}.exceptions.${key}.message`, values) : "";
  return told || (error?.message ?? String(error));
}
