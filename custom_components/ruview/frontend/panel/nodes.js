/* Health of nodes and radio paths: two tables that fold into lists on a phone. */

import { h, memoised } from "../shared/element.js";
import { age, percent, withUnit } from "../shared/format.js";
import { t, word } from "../shared/words.js";

const cell = (label, ...children) => h("td", { "data-label": t(label) }, ...children);

const heads = (...labels) => h("thead", {}, h("tr", {}, ...labels.map((label) => h("th", { scope: "col", text: t(label) }))));

export class Nodes {
  constructor() {
    const nodes = h("tbody");
    const links = h("tbody");
    this._nodes = memoised(nodes, (rows) => rows.map((row) => this._node(row)));
    this._links = memoised(links, (rows) => (rows.length ? rows.map((row) => this._link(row))
      : h("tr", {}, h("td", { colspan: 5, class: "muted", text: t("links_none") }))));
    this.element = h("section", { class: "card", "aria-labelledby": "nodes-title", "data-testid": "nodes" },
      h("h2", { id: "nodes-title", text: t("nodes_title") }),
      h("div", { class: "scroll" }, h("table", {}, h("caption", { text: t("nodes_caption") }),
        heads("nodes_node", "nodes_state", "nodes_rate", "nodes_loss", "nodes_rssi", "nodes_mix"), nodes)),
      h("div", { class: "scroll" }, h("table", {}, h("caption", { text: t("links_caption") }),
        heads("links_link", "links_rate", "nodes_rssi", "links_score", "links_parts"), links)));
  }

  push(room, details) {
    this._nodes(room.nodes.map((key) => {
      const node = details.nodes[key];
      if (!node) return { key };
      return {
        key,
        advice: node.advice,
        state: !node.is_online ? "offline" : node.sends_csi ? "online" : "no_csi",
        age: node.is_online ? 0 : node.age_s,
        rate: withUnit(node.csi_rate_hz, "Hz"),
        loss: percent(node.loss, 1),
        rssi: withUnit(node.rssi_dbm, "dBm"),
        mix: node.frame_mix.map(([kind, share]) => `${kind.n_pairs} ${t("waterfall_tones")} ${percent(share)}`).join(", "),
      };
    }));
    const round = (value) => (value === null || value === undefined ? 0 : Math.round(20 * value) / 20);
    this._links(details.links.map((link) => ({ id: link.id, rate: withUnit(link.quality.fs_hz, "Hz"), rssi: withUnit(link.rssi_dbm, "dBm"),
      score: round(link.quality.score), parts: ["rate", "usable", "coverage"].map((part) => [part, round(link.quality[part])]) }))
      .sort((a, b) => b.score - a.score || a.id.localeCompare(b.id)));
  }

  _node(row) {
    const head = h("th", { scope: "row", text: `${t("nodes_node")} ${row.key}` });
    if (row.state === undefined) return h("tr", {}, head, h("td", { colspan: 5, class: "muted", text: t("nodes_unheard") }));
    const state = h("span", { class: row.state === "online" ? "ok" : "bad", text: t(`nodes_state_${row.state}`, { age: age(row.age) }) });
    const advice = row.advice ? h("div", { class: "small muted", text: word("advice", row.advice) }) : null;
    return h("tr", {}, head, cell("nodes_state", h("div", {}, state, advice)), cell("nodes_rate", row.rate), cell("nodes_loss", row.loss),
      cell("nodes_rssi", row.rssi), cell("nodes_mix", row.mix));
  }

  _link(row) {
    const [node, layout, transmitter] = row.id.split("/");
    const parts = h("td", { class: "block", "data-label": t("links_parts") }, h("div", { class: "parts" }, ...row.parts.map(([part, share]) =>
      h("div", {}, h("span", { class: "muted", text: t(`links_part_${part}`) }),
        h("div", { class: "bar-line soft", role: "meter", "aria-label": t(`links_part_${part}`), "aria-valuemin": 0, "aria-valuemax": 100,
          "aria-valuenow": Math.round(100 * share) }, h("i", { style: `width: ${100 * share}%` }))))));
    return h("tr", {}, h("th", { scope: "row", text: t("link_name", { node, layout, transmitter }) }), cell("links_rate", row.rate),
      cell("nodes_rssi", row.rssi), cell("links_score", percent(row.score)), parts);
  }
}
