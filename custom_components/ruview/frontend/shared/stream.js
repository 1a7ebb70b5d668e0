/* One subscription that lives as long as somebody looks: it opens again after reloads, restarts and silence. */

//: Milliseconds between attempts. Chosen: a reload of the integration takes about a second.
const RETRY_MS = 3000;

//: A room speaks every second. Chosen: five missed ones and its listener was reloaded.
export const SPEAKS_MS = 6000;

export class Stream {
  /**
   * message: websocket command · take(event) · refused(error): it is not allowed, no more attempts
   * patienceMs: a source that always speaks and has been silent for so long is gone (its entry was reloaded)
   */
  constructor(message, take, { refused = () => {}, lost = () => {}, patienceMs = 0 } = {}) {
    this._message = message;
    this._take = take;
    this._refused = refused;
    this._lost = lost;
    this._patienceMs = patienceMs;
    this._turn = 0;
  }

  async open(connection) {
    this.close();
    const turn = this._turn;
    this._connection = connection;
    this._ready = () => this.open(connection);
    connection.addEventListener("ready", this._ready);
    this._watch();
    try {
      const unsubscribe = await connection.subscribeMessage((event) => {
        if (turn !== this._turn) return;
        this._watch();
        this._take(event);
      }, this._message, { resubscribe: false });
      if (turn === this._turn) this._unsubscribe = unsubscribe;
      else unsubscribe().catch(() => {});
    } catch (error) {
      if (turn !== this._turn) return;
      if (["unauthorized", "not_allowed"].includes(error?.code)) {
        clearTimeout(this._timer);
        this._refused(error);
        return;
      }
      this._lost(error);
      clearTimeout(this._timer);
      this._timer = setTimeout(() => this.open(connection), RETRY_MS);
    }
  }

  close() {
    this._turn += 1;
    clearTimeout(this._timer);
    this._connection?.removeEventListener("ready", this._ready);
    this._unsubscribe?.().catch(() => {});
    this._unsubscribe = undefined;
    this._connection = undefined;
  }

  _watch() {
    clearTimeout(this._timer);
    if (!this._patienceMs) return;
    const connection = this._connection;
    this._timer = setTimeout(() => {
      this._lost();
      this.open(connection);
    }, this._patienceMs);
  }
}

/** Calls `open` while the element is in the page and the page is visible, `close` otherwise. */
export class Attention {
  constructor(open, close) {
    this._open = open;
    this._close = close;
    this._isOpen = false;
    this._change = () => this._judge();
  }

  connected() {
    this._isConnected = true;
    document.addEventListener("visibilitychange", this._change);
    this._judge();
  }

  disconnected() {
    this._isConnected = false;
    document.removeEventListener("visibilitychange", this._change);
    this._judge();
  }

  get isOpen() { return this._isOpen; }

  _judge() {
    const wanted = Boolean(this._isConnected) && document.visibilityState === "visible";
    if (wanted === this._isOpen) return;
    this._isOpen = wanted;
    if (wanted) this._open();
    else this._close();
  }
}
