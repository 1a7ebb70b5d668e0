/* What a room's state says, in words: one place decides how a value, or its absence, is told. */

import { number, percent } from "./format.js";
import { t, word } from "./words.js";

/** In the order in which people ask. `field` is the state's name, `kind` that of the specialist who answers. */
export const READINGS = [
  { field: "presence", kind: "presence", say: (value) => word("presence", value) },
  { field: "motion", kind: null, say: (value) => t(value ? "moving" : "still") },
  { field: "posture", kind: "posture", say: (value) => word("posture", value) },
  { field: "breathing", kind: "breathing", say: (value) => `${number(value)} ${t("breathing_unit")}` },
  { field: "heart_rate", kind: "heartbeat", say: (value) => `${number(value, 0)} ${t("heart_unit")}` },
  { field: "restlessness", kind: "restlessness", say: (value) => percent(value) },
  { field: "anomaly", kind: "anomaly", say: (value) => percent(value) },
];

/** What a reading is called. */
export const nameOf = ({ kind }) => (kind === null ? t("motion") : word("specialist", kind));

const unknown = (why) => ({ isKnown: false, text: t("unknown"), why, confidence: null });

/** {isKnown, text, why, confidence} of one reading of a room document; no document when nothing is heard from it. */
export function tell(room, { field, say }) {
  if (!room) return unknown(t("lost"));
  const reading = room.state?.[field];
  if (!reading || !room.is_fresh) return unknown(word("why_not", "no_frames"));
  if (reading.value === null) return unknown(word("why_not", reading.reason));
  return { isKnown: true, text: say(reading.value), why: "", confidence: reading.confidence };
}

/** The room in one word and its tone, for tiles and cards. */
export function headline(room) {
  const presence = tell(room, READINGS[0]);
  const tone = !presence.isKnown ? "unknown" : room.state.presence.value === "present" ? "present" : "clear";
  return { ...presence, tone };
}

/** Why a room is stale, one sentence each. */
export const staleReasons = (room) => (room.stale ?? []).map((cause) => word("stale", cause.reason));
