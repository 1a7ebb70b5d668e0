/* RuView room card: one room for everybody who may see it. Plain web component, no dependencies. */

const STYLE = `
  ha-card { padding: 16px; } .row { display: flex; justify-content: space-between; align-items: baseline; gap: 12px; }
  .title { font-size: 1.1rem; font-weight: 500; } .big { font-size: 1.6rem; margin: 8px 0; }
  .muted { color: var(--secondary-text-color); font-size: 0.9rem; }
  .stale { color: var(--warning-color); font-weight: 500; }
`;

class RuViewRoomCard extends HTMLElement {
  setConfig(config) {
    this._config = config;
    this._close();
  }

  set hass(hass) {
    this._hass = hass;
    if (!this._unsubscribe && this.isConnected) this._open();
  }

  async _open() {
    this._unsubscribe = () => {};
    const strings = await this._hass.loadBackendTranslation("selector", "ruview");
    this._word = (group, key) => strings(`component.ruview.selector.${group}.options.${key}`) || key;
    const room = this._config.room ?? (await this._hass.callWS({ type: "ruview/rooms" })).rooms[0]?.room_id;
    if (!room) return this._show(null);
    this._unsubscribe = await this._hass.connection.subscribeMessage(
      (event) => this._show(event), { type: "ruview/room/subscribe", room_id: room });
  }

  _show(room) {
    if (!this._body) {
      this.innerHTML = `<ha-card><style>${STYLE}</style><div class="row"><span class="title"></span><span class="stale"></span></div>
        <div class="big"></div><div class="muted"></div></ha-card>`;
      this._body = true;
    }
    const text = (selector, value) => { this.querySelector(selector).textContent = value; };
    if (room === null) return text(".title", "RuView");
    const presence = room.state?.presence;
    text(".title", room.title);
    text(".stale", room.stale.length ? this._word("calibration", "stale") : "");
    text(".big", presence?.value ? this._word("presence", presence.value) : "?");
    const parts = [];
    if (presence?.reason) parts.push(this._word("why_not", presence.reason));
    if (room.state?.posture?.value) parts.push(this._word("posture", room.state.posture.value));
    if (room.state?.breathing?.value) parts.push(`${room.state.breathing.value.toFixed(1)} br/min`);
    if (room.regime) parts.push(this._word("regime", room.regime));
    text(".muted", parts.join(" · "));
  }

  _close() {
    this._unsubscribe?.();
    this._unsubscribe = undefined;
  }

  disconnectedCallback() { this._close(); }

  connectedCallback() { if (this._hass) this._open(); }

  getCardSize() { return 3; }

  getGridOptions() { return { rows: 3, columns: 6, min_rows: 2, min_columns: 3 }; }

  static async getStubConfig(hass) {
    const { rooms } = await hass.callWS({ type: "ruview/rooms" });
    return { room: rooms[0]?.room_id };
  }

  static getConfigForm() {
    return { schema: [{ name: "room", selector: { device: { filter: { integration: "ruview", model: "Room" } } } }] };
  }
}

/* Not before the frontend has installed its own registry, or the definition is lost. */
customElements.whenDefined("home-assistant").then(() => {
  if (!customElements.get("ruview-room-card")) customElements.define("ruview-room-card", RuViewRoomCard);
});

window.customCards = window.customCards ?? [];
window.customCards.push({ type: "ruview-room-card", name: "RuView room", description: "Occupancy, posture, breathing and regime of one room.", preview: true });
