/* RuView panel for administrators: rooms at a glance, one of them in full. Plain web component, nothing downloaded. */

import { dialogsOf } from "./panel/calibration.js";
import { Overview } from "./panel/overview.js";
import { RoomView } from "./panel/room-view.js";
import { STYLE } from "./panel/style.js";
import { fire, h, memoised, navigate, setAttr, setText, svg } from "./shared/element.js";
import { STRIP_STYLE } from "./shared/regime-strip.js";
import { RING_STYLE } from "./shared/ring.js";
import { Attention } from "./shared/stream.js";
import { speakTo, t } from "./shared/words.js";

//: Milliseconds between questions for what changes rarely. Chosen: ages and rates are read, not watched.
const DETAILS_MS = 2000;
const ROOMS_MS = 10000;

//: Where Home Assistant shows all our listeners.
const ENTRY = "/config/integrations/integration/ruview";

const picture = () => svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", fill: "none", stroke: "currentColor", "stroke-width": 1.5,
  "stroke-linecap": "round" }, svg("path", { d: "M4 21V9l8-6 8 6v12" }), svg("circle", { cx: 12, cy: 17, r: 1.2, fill: "currentColor" }),
svg("path", { d: "M9.5 14.5a3.6 3.6 0 0 1 5 0M7.4 12.2a6.6 6.6 0 0 1 9.2 0" }));

class RuViewPanel extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" });
    this._menu = h("button", { type: "button", class: "icon", hidden: true, onclick: () => fire(this, "hass-toggle-menu") },
      svg("svg", { viewBox: "0 0 24 24", width: 24, height: 24, fill: "currentColor", "aria-hidden": "true" },
        svg("path", { d: "M3 6h18v2H3zm0 5h18v2H3zm0 5h18v2H3z" })));
    this._manage = h("a", { href: ENTRY, "data-testid": "manage" });
    const empty = h("div", { style: "display: contents" });
    this._showEmpty = memoised(empty, (why) => this._empty(why));
    this._live = h("p", { class: "sr", role: "status", "aria-live": "polite", "data-testid": "live" });
    this._place = h("div", { style: "display: contents" }, h("p", { class: "muted" }));
    this._main = h("main", {}, this._live, empty, this._place);
    this.shadowRoot.append(h("style", { text: STYLE + RING_STYLE + STRIP_STYLE }),
      h("header", { class: "bar" }, this._menu, h("h1", { text: "RuView" }), this._manage), this._main);
    this.addEventListener("click", (event) => this._follow(event));
    this._rooms = [];
    this._attention = new Attention(() => this._open(), () => this._close());
  }

  set hass(hass) {
    const isDark = hass.themes?.darkMode;
    const isFirst = !this._hass;
    this._hass = hass;
    if (isFirst && this._attention.isOpen) this._open();
    if (isDark !== this._isDark) {
      this._isDark = isDark;
      requestAnimationFrame(() => this._view?.repaint());
    }
  }

  get hass() { return this._hass; }

  set narrow(narrow) { this._menu.hidden = !narrow; }

  set route(route) {
    this._wanted = decodeURIComponent((route?.path ?? "").split("/")[1] ?? "") || null;
    if (this._overview) this._choose(this._wanted ?? this._view?.room.room_id);
  }

  connectedCallback() { this._attention.connected(); }

  disconnectedCallback() { this._attention.disconnected(); }

  _open() {
    if (!this._hass) return;
    this._turn = (this._turn ?? 0) + 1;
    const turn = this._turn;
    this._ask(turn, ROOMS_MS, async () => {
      await this._speak();
      await this._askRooms(turn);
    });
    this._ask(turn, DETAILS_MS, () => this._askDetails(turn));
  }

  /** Learn the words, and say what stands here before there is a room to tell of. */
  async _speak() {
    await speakTo(this._hass);
    setAttr(this._menu, "aria-label", t("menu"));
    setText(this._manage, t("manage"));
    if (this._place.firstChild?.className === "muted") setText(this._place.firstChild, t("loading"));
  }

  _close() {
    this._turn = (this._turn ?? 0) + 1;
    this._overview?.close();
    this._overview = undefined;
    this._view?.close();
    this._view?.element.remove();
    this._view = undefined;
  }

  /** Ask now and again after every `everyMs`, one question at a time, until the panel is closed. */
  async _ask(turn, everyMs, question) {
    while (turn === this._turn) {
      try {
        await question();
      } catch (error) {
        // while Home Assistant restarts there is no answer; the next question will have one
        if (turn === this._turn && !this._overview) setText(this._place.firstChild ?? this._place, t("lost"));
      }
      await new Promise((done) => setTimeout(done, everyMs));
    }
  }

  async _askRooms(turn) {
    const { rooms, is_off: isOff } = await this._hass.callWS({ type: "ruview/rooms" });
    if (turn !== this._turn) return;
    this._rooms = rooms;
    if (!rooms.length) {
      if (this._overview) this._close();
      this._turn = turn; // goes on asking: a room may be added while we are looked at
      this._place.replaceChildren();
      this._showEmpty(isOff ? "off" : "none");
      return;
    }
    this._showEmpty(null);
    if (!this._overview) {
      this._overview = new Overview((id) => navigate(`/ruview/${encodeURIComponent(id)}`), (text) => setText(this._live, text));
      this._place.replaceChildren(this._overview.element);
    }
    this._overview.show(rooms, this._hass.connection);
    this._manage.href = dialogsOf(rooms[0].entry_id);
    const isGone = this._view && !rooms.some((room) => room.room_id === this._view.room.room_id);
    if (!this._view || isGone) {
      this._choose(this._wanted ?? rooms[0].room_id);
    }
    for (const room of rooms) if (room.room_id !== this._view.room.room_id) await this._askDetails(turn, room);
  }

  async _askDetails(turn, room = this._view?.room) {
    if (!room || turn !== this._turn) return;
    const details = await this._hass.callWS({ type: "ruview/room/details", room_id: room.room_id });
    if (turn !== this._turn || !this._overview) return;
    this._overview.health(room.room_id, details.nodes, room.nodes.length);
    if (this._view?.room.room_id === room.room_id) this._view.takeDetails(details);
  }

  _choose(roomId) {
    const room = this._rooms.find((known) => known.room_id === roomId) ?? this._rooms[0];
    if (!room || this._view?.room.room_id === room.room_id) return;
    this._view?.close();
    this._view?.element.remove();
    this._view = new RoomView(room, () => this._hass);
    this._place.append(this._view.element);
    this._view.open(this._hass.connection);
    this._overview.mark(room.room_id);
    this._manage.href = dialogsOf(room.entry_id);
    this._askDetails(this._turn, room).catch(() => {}); // it is asked again soon
  }

  /** why: "none" there is no room · "off" no listener runs · null there are rooms */
  _empty(why) {
    return why && h("div", { class: "empty", "data-testid": "empty" }, picture(), h("h2", { text: t(`${why}_title`) }), h("p", { text: t(`${why}_text`) }),
      h("a", { class: "action main", href: ENTRY, text: t(`${why}_action`) }));
  }

  /** Links to pages of Home Assistant do not load it anew. */
  _follow(event) {
    const link = event.composedPath().find((part) => part instanceof HTMLAnchorElement);
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    navigate(link.getAttribute("href"));
  }
}

/* Not before the frontend has installed its own registry, or the definition is lost. */
customElements.whenDefined("home-assistant").then(() => {
  if (!customElements.get("ruview-panel")) customElements.define("ruview-panel", RuViewPanel);
});
