/* Rooms at a glance: one button per room, kept up to date by the stream everybody may have. */

import { h, setAttr, setText } from "../shared/element.js";
import { headline, READINGS, staleReasons, tell } from "../shared/readings.js";
import { SPEAKS_MS, Stream } from "../shared/stream.js";
import { t, word } from "../shared/words.js";

export class Overview {
  constructor(choose, heard) {
    this._choose = choose;
    this._heard = heard;
    this._tiles = new Map();
    this.element = h("ul", { class: "rooms", "aria-label": t("rooms"), "data-testid": "rooms" });
  }

  show(rooms, connection) {
    for (const [id, tile] of this._tiles) {
      if (rooms.some((room) => room.room_id === id)) continue;
      tile.stream.close();
      tile.item.remove();
      this._tiles.delete(id);
    }
    for (const room of rooms) {
      if (this._tiles.has(room.room_id)) continue;
      const tile = this._tile(room);
      this._tiles.set(room.room_id, tile);
      this.element.append(tile.item);
      tile.stream.open(connection);
    }
  }

  mark(roomId) {
    for (const [id, tile] of this._tiles) setAttr(tile.button, "aria-current", id === roomId ? "true" : null);
  }

  /** Node health of a room, from its details. */
  health(roomId, nodes, all) {
    const tile = this._tiles.get(roomId);
    if (!tile) return;
    const online = Object.values(nodes).filter((node) => node.is_online).length;
    setText(tile.nodes, all ? t("nodes_online", { online, all }) : t("nodes_none"));
    setAttr(tile.nodes, "class", online < all ? "small bad" : "small muted");
  }

  close() {
    for (const tile of this._tiles.values()) tile.stream.close();
    this._tiles.clear();
    this.element.replaceChildren();
  }

  _tile(room) {
    const title = h("span", { class: "tile-title", text: room.title });
    const badge = h("span", { class: "badge" });
    const dot = h("span", { class: "dot unknown", "aria-hidden": "true" });
    const state = h("span", { text: t("unknown") });
    const detail = h("span", { class: "muted" });
    const nodes = h("span", { class: "small muted" });
    const button = h("button", { type: "button", "data-testid": `room-${room.room_id}`, onclick: () => this._choose(room.room_id) },
      h("span", { class: "tile-top" }, title, badge), h("span", { class: "tile-state" }, dot, state), detail, nodes);
    const item = h("li", {}, button);
    let before = null;
    const stream = new Stream({ type: "ruview/room/subscribe", room_id: room.room_id }, (now) => {
      const head = headline(now);
      setAttr(dot, "class", `dot ${head.tone}`);
      setText(state, head.text);
      setText(detail, head.isKnown ? this._detail(now) : head.why);
      setText(badge, word("calibration", now.calibration));
      setAttr(badge, "class", now.stale.length ? "badge stale" : "badge");
      setAttr(badge, "title", staleReasons(now).join("; ") || null);
      if (before !== null && before !== head.text) this._heard(t("announce", { room: now.title, state: head.text }));
      before = head.text;
    }, { patienceMs: SPEAKS_MS, lost: () => {
      setText(state, t("unknown"));
      setAttr(dot, "class", "dot unknown");
      setText(detail, t("lost"));
      setText(nodes, "");
    } });
    return { item, button, nodes, stream };
  }

  _detail(room) {
    const said = ["motion", "posture", "breathing"].map((field) =>
      tell(room, READINGS.find((reading) => reading.field === field)));
    return said.filter((reading) => reading.isKnown).map((reading) => reading.text).join(" · ");
  }
}
