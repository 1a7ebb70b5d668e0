/* Every sentence of panel and card, in one table. Names of states and reasons come from Home Assistant's translations. */

const EN = {
  "title": "RuView",
  "menu": "Open the menu",
  "rooms": "Rooms",
  "manage": "Rooms and nodes",
  "loading": "Asking Home Assistant…",
  "lost": "The connection was lost. Trying again…",
  "none.title": "No room yet",
  "none.text": "A room is one area of your home with at least one RuView node in it. Adding one takes about a minute; measuring it empty takes one more.",
  "none.action": "Add a room",
  "unknown": "Unknown",
  "value.unknown": "unknown",
  "moving": "Moving",
  "still": "Still",
  "motion.unknown": "Movement unknown",
  "stale": "Stale",
  "stale.title": "Stale: measured values are withheld",
  "stale.open": "Open repairs",
  "stale.ask": "An administrator can teach the room again.",
  "stale.since": "since {time}",
  "nodes.online": "{online} of {all} nodes online",
  "nodes.none": "No nodes",
  "confidence": "{percent} sure",
  "breathing.unit": "br/min",
  "heart.unit": "bpm",
  "occupancy": "Occupancy",
  "motion": "Motion",
  "posture": "Posture",
  "breathing": "Breathing",
  "heart_rate": "Heart",
  "restlessness": "Restlessness",
  "anomaly": "Anomaly",
  "anomaly.veto": "The signal is impossible or new; other answers are withheld.",
  "announce": "{room}: {state}.",

  "readings.title": "What it says, and why not",
  "readings.note": "Each answer comes from one specialist. It speaks only where this room taught it to, and says why when it does not.",
  "readings.quality": "held-out quality {percent}",
  "readings.untaught": "Not taught: {reason}",

  "waterfall.title": "What the radio sees",
  "waterfall.link": "Radio path",
  "waterfall.mode": "Show",
  "waterfall.mode.empty": "Change against the empty room",
  "waterfall.mode.mean": "Change against the last seconds",
  "waterfall.mode.profile": "The profile itself",
  "waterfall.pause": "Pause",
  "waterfall.resume": "Go on",
  "waterfall.waiting": "Waiting for frames…",
  "waterfall.refused": "Not shown: {reason}.",
  "waterfall.private": "privacy mode is on, and a breath could be read from it",
  "waterfall.weaker": "weaker",
  "waterfall.stronger": "stronger",
  "waterfall.low": "low",
  "waterfall.high": "high",
  "waterfall.alt": "Waterfall of radio path {link}, the last {seconds} seconds. Mean change of the last second: {percent}.",
  "waterfall.axis": "{seconds} s ago",
  "waterfall.now": "now",
  "waterfall.still": "Reduced motion: drawn once a second.",
  "waterfall.tones": "tones",
  "link.name": "Node {node}, transmitter {transmitter} ({layout})",

  "change.title": "Change",
  "change.note": "Evidence that the room is not at rest. At the dashed line it counts as a change; it grows to twice that and no further.",
  "change.alt": "Change score, last minute. Now {value} of threshold 1.",
  "change.value": "{value} × threshold",
  "change.threshold": "threshold",

  "regime.title": "Regime",
  "regime.alt": "Regimes of the last {minutes} minutes: {summary}.",
  "regime.alt.none": "No regime known in the last {minutes} minutes.",
  "regime.ago": "{minutes} min ago",
  "regime.confident": "{regime}, {percent} sure",

  "dynamics.title": "Dynamics",
  "dynamics.lyapunov": "Lyapunov exponent",
  "dynamics.dimension": "Attractor dimension",
  "dynamics.interval": "{value} per second (95 %: {low} to {high})",
  "dynamics.note": "Below zero the signal settles, above zero it drifts apart. A diagnostic: it never decides the regime.",
  "dynamics.settles": "settles",
  "dynamics.apart": "drifts apart",

  "matches.title": "Signatures",
  "matches.none": "No signature has been recorded in this room. Record one under “Teach or change room”.",
  "matches.score": "likeness",
  "matches.progress": "progress",
  "matches.found": "recognised",

  "nodes.title": "Nodes and radio paths",
  "nodes.caption": "Nodes of this room",
  "nodes.node": "Node",
  "nodes.state": "State",
  "nodes.rate": "Frames",
  "nodes.loss": "Lost",
  "nodes.rssi": "Signal",
  "nodes.mix": "Frame mix",
  "nodes.state.online": "Online",
  "nodes.state.offline": "Silent for {age}",
  "nodes.state.no_csi": "Online, no frames",
  "nodes.unheard": "Not heard since the start",
  "links.caption": "Radio paths of these nodes",
  "links.link": "Radio path",
  "links.rate": "Rate",
  "links.score": "Quality",
  "links.parts": "Made of",
  "links.part.rate": "rate",
  "links.part.usable": "usable",
  "links.part.noise": "calm",
  "links.part.coverage": "coverage",
  "links.none": "No frame has arrived yet.",

  "calibration.title": "Calibration",
  "calibration.baseline": "Empty room measured {time}, {seconds} s, {n} radio paths",
  "calibration.baseline.undated": "Empty room measured for {seconds} s on {n} radio paths",
  "calibration.baseline.none": "The empty room has not been measured.",
  "calibration.drift": "Drift",
  "calibration.drift.value": "{value} of a limit of {limit}",
  "calibration.drift.none": "Known once the empty room has been measured and frames arrive.",
  "calibration.drift.note": "It is judged only while the room is empty: a person shifts the profile, too.",
  "calibration.measure": "Measure empty room",
  "calibration.measure.confirm": "Everybody out? It starts in 15 s.",
  "calibration.measure.yes": "Start",
  "calibration.measure.no": "Not now",
  "calibration.teach": "Teach or change room",
  "calibration.running": "{phase}: {seconds} s left",
  "enrolment.title": "Enrolment",
  "enrolment.accepted": "accepted",
  "enrolment.rejected": "not accepted",
  "enrolment.skipped": "skipped",
  "enrolment.pending": "not yet",
  "banks.title": "What was learnt",
  "banks.none": "Nothing has been taught yet.",
  "banks.version": "Version {version}",
  "banks.current": "in use",
  "banks.at": "trained {time}",
  "banks.restore": "Restore",
  "banks.restore.label": "Restore version {version}",
  "banks.restored": "Version {version} is in use again.",
  "failed": "That did not work: {error}",
  "introspection.off": "Introspection is switched off in the options.",
  "introspection.waiting": "Waiting for frames…",

  "card.name": "RuView room",
  "card.description": "Occupancy, motion, posture, breathing and regime of one room, with their reasons.",
  "card.room": "Room",
  "card.name_label": "Name",
  "card.minutes": "Minutes of regime history",
  "card.none": "Choose a room in the card's settings.",
  "card.regime": "Regime",
  "card.missing": "This room cannot be found, or you may not see it.",

  // What introspection says in words of its own.
  "why.no baseline yet": "needs a measurement of the empty room",
  "why.the recent past is still too short": "the recent past is still too short",
  "why.the trajectory is still too short": "the trajectory is still too short",
  "why.points coincide or pairs crossed a silence": "the frames had gaps",
};

/** The sentence for a key, with its places filled. */
export function t(key, values = {}) {
  return (EN[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** A reason that the engine gives in words: ours where we have better ones, else its own. */
export const because = (reason) => EN[`why.${reason}`] ?? reason;

/** Home Assistant's translations of our states and reasons: `word("why_not", "absent")`. Loaded once per page. */
export class Words {
  async load(hass) {
    this._localize = await hass.loadBackendTranslation("selector", "ruview");
    return this;
  }

  word(group, key) {
    if (key === null || key === undefined) return "";
    return this._localize?.(`component.ruview.selector.${group}.options.${key}`) || String(key).replaceAll("_", " ");
  }

  /** A reason that may be a key of one of several groups, or a sentence already. */
  reason(key) {
    for (const group of ["why_not", "absent", "training", "verdict", "refusal"]) {
      const found = this._localize?.(`component.ruview.selector.${group}.options.${key}`);
      if (found) return found;
    }
    return because(String(key));
  }
}
