/* One reading on the card: ring of confidence, name, value or the reason why there is none. */

import { h, setAttr, setText } from "../shared/element.js";
import { nameOf, tell } from "../shared/readings.js";
import { Ring } from "../shared/ring.js";

export class Fact {
  constructor(reading) {
    this._reading = reading;
    this.field = reading.field;
    this._ring = new Ring(28);
    this._value = h("dd", { class: "value" });
    this._why = h("dd", { class: "why" });
    this.element = h("div", { class: "fact", "data-testid": `fact-${reading.field}` }, this._ring.element,
      h("dt", { text: nameOf(reading) }), this._value, this._why);
  }

  push(room) {
    const said = tell(room, this._reading);
    this._ring.set(said.confidence);
    setText(this._value, said.text);
    setAttr(this._value, "class", said.isKnown ? "value" : "value unknown");
    setText(this._why, said.why);
  }
}
