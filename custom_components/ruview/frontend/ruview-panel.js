/* RuView panel: rooms at a glance, and what the radio of one room sees. Plain web component, no dependencies. */

const STYLE = `
  :host { display: block; padding: 16px; color: var(--primary-text-color); background: var(--primary-background-color);
          min-height: 100vh; box-sizing: border-box; font-family: var(--ha-font-family-body, Roboto, sans-serif); }
  h1 { font-size: 1.4rem; font-weight: 500; margin: 0 0 16px; }
  .rooms { display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); }
  button.room { all: unset; cursor: pointer; box-sizing: border-box; padding: 16px; border-radius: 12px;
                background: var(--card-background-color); border: 1px solid var(--divider-color); }
  button.room:focus-visible, button.room[aria-pressed="true"] { outline: 2px solid var(--primary-color); }
  .title { font-weight: 500; } .muted { color: var(--secondary-text-color); font-size: 0.9rem; }
  section { margin-top: 20px; padding: 16px; border-radius: 12px; background: var(--card-background-color);
            border: 1px solid var(--divider-color); }
  canvas { width: 100%; height: 180px; display: block; border-radius: 8px; background: #0b1626; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 12px 0 0; }
  dt { color: var(--secondary-text-color); } dd { margin: 0; }
`;

class RuViewPanel extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" });
    this.shadowRoot.innerHTML = `<style>${STYLE}</style><h1>RuView</h1><div class="rooms" role="list"></div><section hidden>
      <div class="title" id="name"></div><canvas width="640" height="180" role="img"></canvas><dl></dl></section>`;
    this._rooms = [];
  }

  set hass(hass) {
    const first = !this._hass;
    this._hass = hass;
    if (first) this._load();
  }

  async _load() {
    const strings = await this._hass.loadBackendTranslation("selector", "ruview");
    this._word = (group, key) => strings(`component.ruview.selector.${group}.options.${key}`) || key || "–";
    const { rooms } = await this._hass.callWS({ type: "ruview/rooms" });
    this._rooms = rooms;
    this._list();
    if (rooms.length) this._open(rooms[0].room_id);
  }

  _list() {
    const list = this.shadowRoot.querySelector(".rooms");
    list.replaceChildren(...this._rooms.map((room) => {
      const button = document.createElement("button");
      button.className = "room";
      button.setAttribute("aria-pressed", String(room.room_id === this._room));
      const title = document.createElement("div");
      title.className = "title";
      title.textContent = room.title;
      const state = document.createElement("div");
      state.className = "muted";
      state.textContent = this._word("calibration", room.calibration);
      button.append(title, state);
      button.addEventListener("click", () => this._open(room.room_id));
      return button;
    }));
  }

  async _open(roomId) {
    await this._close();
    this._room = roomId;
    this._list();
    const room = this._rooms.find((known) => known.room_id === roomId);
    this.shadowRoot.querySelector("section").hidden = false;
    this.shadowRoot.querySelector("#name").textContent = room.title;
    const canvas = this.shadowRoot.querySelector("canvas");
    canvas.setAttribute("aria-label", `${room.title}: profile`);
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    this._unsubscribe = await this._hass.connection.subscribeMessage(
      (event) => this._draw(event), { type: "ruview/introspection/subscribe", room_id: roomId });
  }

  _draw(event) {
    const link = event.links[0];
    if (link?.profile) this._waterfall(link.profile);
    const shot = event.snapshot;
    const facts = shot === null ? [] : [
      ["Regime", `${this._word("regime", shot.regime)} (${Math.round(100 * shot.regime_confidence)} %)`],
      ["Change", shot.change_score === null ? "–" : `${shot.change_score.toFixed(2)} / ${(shot.change_threshold ?? 0).toFixed(2)}`],
      ["Signatures", shot.top_k_similarity.map((m) => `${m.label} ${m.score === null ? "–" : m.score.toFixed(2)}`).join(", ") || "–"],
      ["Links", String(event.links.length)],
      ["Left out", String(event.n_dropped)],
    ];
    this.shadowRoot.querySelector("dl").replaceChildren(...facts.flatMap(([name, value]) => {
      const dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.textContent = name;
      dd.textContent = value;
      return [dt, dd];
    }));
  }

  _waterfall(profile) {
    const canvas = this.shadowRoot.querySelector("canvas"), pen = canvas.getContext("2d");
    pen.drawImage(canvas, -2, 0);
    const height = canvas.height / profile.length;
    profile.forEach((value, bin) => {
      const light = Math.round(12 + 32 * Math.min(value ?? 0, 2));
      pen.fillStyle = `hsl(${200 - 30 * (value ?? 0)} 70% ${light}%)`;
      pen.fillRect(canvas.width - 2, bin * height, 2, Math.ceil(height));
    });
  }

  async _close() {
    const unsubscribe = this._unsubscribe;
    this._unsubscribe = undefined;
    if (unsubscribe) await unsubscribe();
  }

  disconnectedCallback() { this._close(); }

  connectedCallback() { if (this._hass && this._room) this._open(this._room); }
}

customElements.define("ruview-panel", RuViewPanel);
