/* RuView room card: one room for everybody who may see it. What privacy mode hides never reaches the browser. */

import { Fact } from "./card/fact.js";
import { CARD_STYLE } from "./card/style.js";
import { suggestionFor } from "./card/suggestion.js";
import { fire, h, memoised, navigate, setAttr, setText } from "./shared/element.js";
import { percent } from "./shared/format.js";
import { headline, READINGS, staleReasons, tell } from "./shared/readings.js";
import { RegimeStrip, STRIP_STYLE } from "./shared/regime-strip.js";
import { Ring, RING_STYLE } from "./shared/ring.js";
import { Attention, SPEAKS_MS, Stream } from "./shared/stream.js";
import { speakTo, t, word } from "./shared/words.js";

const FACTS = ["posture", "breathing", "heart_rate"];
const ICONS = { present: "mdi:home-account", clear: "mdi:home-outline", unknown: "mdi:help" };
const MOTION = READINGS.find((reading) => reading.field === "motion");

class RuViewRoomCard extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" });
    this._attention = new Attention(() => this._open(), () => this._close());
  }

  setConfig(config) {
    this._config = config;
    this._close();
    if (this._attention.isOpen) this._open();
  }

  set hass(hass) {
    const isFirst = !this._hass;
    const isDark = hass.themes?.darkMode;
    this._hass = hass;
    if (isFirst && this._attention.isOpen) this._open();
    if (isDark !== this._isDark) {
      this._isDark = isDark;
      requestAnimationFrame(() => this._strip?.painter.ask());
    }
  }

  connectedCallback() { this._attention.connected(); }

  disconnectedCallback() { this._attention.disconnected(); }

  async _open() {
    if (!this._hass || !this._config) return;
    this._turn = (this._turn ?? 0) + 1;
    const turn = this._turn;
    await speakTo(this._hass).catch(() => {}); // without a connection there is nothing to say either; the stream tries again
    const { rooms } = await this._hass.callWS({ type: "ruview/rooms" }).catch(() => ({ rooms: [] }));
    if (turn !== this._turn) return;
    this._build();
    const wanted = this._config.entity ? this._hass.entities?.[this._config.entity]?.device_id : this._config.room;
    const roomId = wanted ?? rooms[0]?.room_id;
    if (!roomId) return this._say(t("card_none"));
    this._room = rooms.find((room) => room.room_id === this._idOf(roomId));
    // The pulse is nearly always unknown and its sensor off by default: no place is kept for it until somebody wants it.
    for (const fact of this._facts) fact.element.hidden = fact.field === "heart_rate" && !this._room?.entities.heart_rate;
    this._stream = new Stream({ type: "ruview/room/subscribe", room_id: roomId }, (room) => this._take(room), {
      patienceMs: SPEAKS_MS, lost: (error) => this._say(t(error?.code === "not_found" ? "card_missing" : "lost")) });
    this._stream.open(this._hass.connection);
    this._strip.painter.connect();
    this._strip.remember(this._hass, this._room?.entities.regime);
  }

  _close() {
    this._turn = (this._turn ?? 0) + 1;
    this._stream?.close();
    this._stream = undefined;
    this._strip?.painter.disconnect();
  }

  /** The room's own id behind the id of its device. */
  _idOf(roomId) {
    const device = this._hass.devices?.[roomId];
    return device?.identifiers.find(([domain]) => domain === "ruview")?.[1] ?? roomId;
  }

  _build() {
    this._title = h("span", { class: "title" });
    this._stale = h("button", { type: "button", class: "stale", hidden: true, "data-testid": "card-stale", onclick: () => this._explain() },
      t("stale"));
    this._ring = new Ring(56);
    this._icon = h("ha-icon", { icon: ICONS.unknown, "aria-hidden": "true" });
    this._ringed = h("span", { class: "ringed" }, this._ring.element, this._icon);
    this._word = h("span", { class: "word", "data-testid": "card-occupancy" });
    this._sub = h("span", { class: "sub" });
    this._now = h("button", { type: "button", class: "now", onclick: () => this._more() }, this._ringed, h("span", {}, this._word, this._sub));
    this._facts = READINGS.filter((reading) => FACTS.includes(reading.field)).map((reading) => new Fact(reading));
    this._reasons = h("ul", { class: "explain", hidden: true });
    this._showReasons = memoised(this._reasons, (reasons) => reasons.map((reason) => h("li", { text: reason })));
    this._strip = new RegimeStrip({ minutes: this._config.minutes ?? 10, hasKey: false });
    this._regime = h("span", { "data-testid": "card-regime" });
    this._live = h("p", { class: "sr", role: "status", "aria-live": "polite" });
    this._body = [this._now, this._reasons, h("dl", { class: "facts" }, ...this._facts.map((fact) => fact.element)),
      h("div", {}, h("div", { class: "fact-line" }, h("span", { text: t("regime") }), this._regime), this._strip.element)];
    this._message = h("p", { class: "sub", hidden: true });
    this.shadowRoot.replaceChildren(h("style", { text: CARD_STYLE + RING_STYLE + STRIP_STYLE }),
      h("ha-card", { "data-testid": "ruview-card" }, h("div", { class: "top" }, this._title, this._stale), this._message, ...this._body, this._live));
    setText(this._title, this._config.name ?? "RuView");
    this._say(t("loading"));
  }

  _say(message) {
    setText(this._message, message);
    this._message.hidden = false;
    for (const part of this._body) part.style.display = "none"; // `hidden` says something else of the reasons
  }

  _take(room) {
    this._message.hidden = true;
    for (const part of this._body) part.style.display = "";
    const head = headline(room);
    const motion = tell(room, MOTION);
    setText(this._title, this._config.name || room.title);
    setAttr(this._ringed, "class", `ringed ${head.tone}`);
    setAttr(this._icon, "icon", ICONS[head.tone]);
    this._ring.set(head.confidence);
    setText(this._word, head.text);
    setText(this._sub, head.isKnown ? [motion.isKnown ? motion.text : t("motion_unknown"), t("confidence", { percent: percent(head.confidence) })].join(" · ")
      : head.why);
    for (const fact of this._facts) fact.push(room);
    const reasons = staleReasons(room);
    this._stale.hidden = !reasons.length;
    if (!reasons.length) this._reasons.hidden = true;
    this._showReasons([...reasons, ...(this._hass.user?.is_admin ? [] : [t("stale_ask")])]);
    this._strip.push(room.is_fresh ? room.regime : "unknown");
    setText(this._regime, room.is_fresh && room.regime ? word("regime", room.regime) : t("unknown"));
    if (this._told !== undefined && this._told !== head.text) setText(this._live, t("announce", { room: room.title, state: head.text }));
    this._told = head.text;
  }

  /** An administrator can repair it; everybody else is told why. */
  _explain() {
    if (this._hass.user?.is_admin) navigate("/config/repairs");
    else this._reasons.hidden = !this._reasons.hidden;
  }

  _more() {
    const entityId = this._config.entity ?? this._room?.entities.occupancy;
    if (entityId) fire(this, "hass-more-info", { entityId });
  }

  getCardSize() { return 4; }

  getGridOptions() { return { columns: 12, min_columns: 6, min_rows: 3 }; }

  static async getStubConfig(hass) {
    const { rooms } = await hass.callWS({ type: "ruview/rooms" }).catch(() => ({ rooms: [] }));
    const entity = rooms[0]?.entities.occupancy;
    return entity ? { entity } : {};
  }

  static async getConfigForm() {
    await speakTo(document.querySelector("home-assistant").hass);
    const schema = [
      { name: "entity", selector: { entity: { filter: { integration: "ruview", domain: "binary_sensor", device_class: "occupancy" } } } },
      { name: "name", selector: { text: {} } },
      { name: "minutes", selector: { number: { min: 1, max: 60, mode: "box", unit_of_measurement: "min" } } },
    ];
    return { schema, computeLabel: (field) => t(`card_field_${field.name}`) };
  }
}

/* Not before the frontend has installed its own registry, or the definition is lost. */
customElements.whenDefined("home-assistant").then(() => {
  if (!customElements.get("ruview-room-card")) customElements.define("ruview-room-card", RuViewRoomCard);
});

window.customCards = window.customCards ?? [];
if (!window.customCards.some((card) => card.type === "ruview-room-card")) {
  window.customCards.push({ type: "ruview-room-card", name: "RuView", preview: true, getEntitySuggestion: suggestionFor,
    get description() { return t("card_description"); } }); // asked for when the words have been loaded: a preview came first
}
