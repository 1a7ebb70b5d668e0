/* What a room's state says, in words: one place decides how a value, or its absence, is told. */

import { number, percent } from "./format.js";
import { t } from "./words.js";

/** In the order in which people ask. `kind` is the specialist's name, `field` the state's. */
export const READINGS = [
  { field: "presence", kind: "presence", label: "occupancy", say: (value, words) => words.word("presence", value) },
  { field: "motion", kind: null, label: "motion", say: (value) => t(value ? "moving" : "still") },
  { field: "posture", kind: "posture", label: "posture", say: (value, words) => words.word("posture", value) },
  { field: "breathing", kind: "breathing", label: "breathing", say: (value) => `${number(value)} ${t("breathing.unit")}` },
  { field: "heart_rate", kind: "heartbeat", label: "heart_rate", say: (value) => `${number(value, 0)} ${t("heart.unit")}` },
  { field: "restlessness", kind: "restlessness", label: "restlessness", say: (value) => percent(value) },
  { field: "anomaly", kind: "anomaly", label: "anomaly", say: (value) => percent(value) },
];

/** {isKnown, text, why, confidence} of one reading of a room document. */
export function tell(room, { field, say }, words) {
  const reading = room?.state?.[field];
  if (!reading || !room.is_fresh) {
    return { isKnown: false, text: t("unknown"), why: words.word("why_not", "no_frames"), confidence: null };
  }
  if (reading.value === null) {
    return { isKnown: false, text: t("unknown"), why: words.word("why_not", reading.reason), confidence: null };
  }
  return { isKnown: true, text: say(reading.value, words), why: "", confidence: reading.confidence };
}

/** The room in one word and its tone, for tiles and cards. */
export function headline(room, words) {
  const presence = tell(room, READINGS[0], words);
  const tone = !presence.isKnown ? "unknown" : room.state.presence.value === "present" ? "present" : "clear";
  return { ...presence, tone };
}

/** Why a room is stale, one sentence each. */
export const staleReasons = (room, words) => (room.stale ?? []).map((cause) => words.word("stale", cause.reason));
