/* Our card is suggested for our own rooms only. */

/** `window.customCards` entry's getEntitySuggestion: an entity of a RuView room, and only its occupancy. */
export function suggestionFor(hass, entityId) {
  const entry = hass.entities?.[entityId];
  if (entry?.platform !== "ruview" || entry.translation_key !== "occupancy") return null;
  return { config: { type: "custom:ruview-room-card", entity: entityId } };
}
