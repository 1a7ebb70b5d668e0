/* One room in full: its streams live as long as it is looked at. */

import { h, memoised, setText } from "../shared/element.js";
import { moment, percent } from "../shared/format.js";
import { RegimeStrip } from "../shared/regime-strip.js";
import { SPEAKS_MS, Stream } from "../shared/stream.js";
import { t, word } from "../shared/words.js";
import { Answers } from "./answers.js";
import { Calibration, Running } from "./calibration.js";
import { ChangeChart } from "./change-chart.js";
import { Dynamics } from "./dynamics.js";
import { Matches } from "./matches.js";
import { Nodes } from "./nodes.js";
import { Waterfall } from "./waterfall.js";

//: Snapshots a second. Chosen: a chart of a minute has no more than ten pixels a second.
const SNAPSHOT_HZ = 10;

export class RoomView {
  constructor(room, hass) {
    this.room = room;
    this._hass = hass;
    this._waterfall = new Waterfall(room.room_id);
    this._change = new ChangeChart();
    this._strip = new RegimeStrip();
    this._regime = h("span", { class: "muted number", "data-testid": "regime-now" });
    this._dynamics = new Dynamics();
    this._matches = new Matches();
    this._answers = new Answers();
    this._nodes = new Nodes();
    this._calibration = new Calibration(hass, room, (name, data) => this._act(name, data));
    this._running = new Running();
    const stale = h("div", { class: "banner", hidden: true, role: "status", "data-testid": "stale" });
    this._stale = memoised(stale, (causes) => this._stalePart(stale, causes));
    this._off = h("div", { class: "banner info", hidden: true, role: "status" });
    const strip = h("section", { class: "card half", "aria-labelledby": "regime-title" },
      h("div", { class: "head" }, h("h2", { id: "regime-title", text: t("regime") }), this._regime), this._strip.element);
    this.element = h("div", { class: "room", "data-testid": "room", "aria-label": room.title, role: "group" }, stale, this._running.element, this._off,
      h("div", { class: "stack left" }, this._waterfall.element, this._change.element, strip, this._dynamics.element, this._matches.element),
      h("div", { class: "stack right" }, this._answers.element), this._nodes.element, this._calibration.element);
    this._streams = [
      new Stream({ type: "ruview/room/subscribe", room_id: room.room_id }, (event) => this._takeRoom(event),
        { patienceMs: SPEAKS_MS, lost: () => this._lost() }),
      new Stream({ type: "ruview/introspection/subscribe", room_id: room.room_id, max_hz: SNAPSHOT_HZ, profiles: false },
        (event) => this._takeSnapshot(event), { refused: () => this._switchedOff() }),
    ];
  }

  open(connection) {
    this._connection = connection;
    for (const stream of this._streams) stream.open(connection);
    this._waterfall.open(connection);
    for (const painter of [this._change.painter, this._strip.painter]) painter.connect();
    this._strip.remember(this._hass(), this.room.entities.regime);
  }

  close() {
    for (const stream of this._streams) stream.close();
    this._waterfall.close();
    for (const painter of [this._change.painter, this._strip.painter]) painter.disconnect();
  }

  /** What changes rarely has been asked for again. */
  takeDetails(details) {
    this._nodes.push(this.room, details);
    this._calibration.push(details);
    this._answers.skills(details.skills);
  }

  repaint() {
    this._waterfall.repaint();
    this._change.painter.ask();
    this._strip.painter.ask();
  }

  _takeRoom(room) {
    this._answers.push(room);
    this._running.push(room.progress);
    this._stale(room.stale);
    this._strip.push(room.is_fresh ? room.regime : "unknown");
    setText(this._regime, room.regime && room.regime !== "unknown" && room.is_fresh
      ? t("regime_confident", { regime: word("regime", room.regime), percent: percent(room.regime_confidence) }) : t("unknown"));
  }

  _takeSnapshot(event) {
    this._off.hidden = true; // it was switched on again meanwhile
    this._change.push(event.snapshot);
    this._dynamics.push(event.snapshot);
    this._matches.push(event.snapshot);
  }

  /** Nothing is heard: what was known holds no longer. If its entry was reloaded, its other streams hang on the former one, too. */
  _lost() {
    this._answers.push(null);
    this._running.push(null);
    this._strip.push("unknown");
    setText(this._regime, t("unknown"));
    this._takeSnapshot({ snapshot: null });
    if (!this._connection) return;
    this._streams[1].open(this._connection);
    this._waterfall.open(this._connection);
  }

  _switchedOff() {
    this._off.hidden = false;
    setText(this._off, t("introspection_off"));
  }

  _stalePart(banner, causes) {
    banner.hidden = !causes.length;
    if (!causes.length) return null;
    const rows = causes.map((cause) => {
      const time = moment(cause.since);
      return h("li", {}, word("stale", cause.reason), " ", h("span", { class: "muted", text: time ? t("stale_since", { time }) : "" }));
    });
    return [h("div", {}, h("strong", { text: t("stale_title") }), h("ul", {}, ...rows)),
      h("a", { class: "action", href: "/config/repairs", text: t("stale_open") })];
  }

  /** An action of ours on this room's device; its answer. */
  async _act(name, data) {
    const hass = this._hass();
    const device = Object.values(hass.devices).find((known) =>
      known.identifiers.some(([domain, id]) => domain === "ruview" && id === this.room.room_id));
    const { response } = await hass.connection.sendMessagePromise({ type: "call_service", domain: "ruview", service: name,
      service_data: { ...data, device_id: device.id }, return_response: true });
    return response;
  }
}
