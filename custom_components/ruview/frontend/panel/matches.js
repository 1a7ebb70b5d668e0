/* The signatures of a room, the likeliest first: how alike the moment is, and how far into each. */

import { h, memoised } from "../shared/element.js";
import { percent } from "../shared/format.js";
import { t, word } from "../shared/words.js";

export class Matches {
  constructor() {
    this._list = h("ul", { "data-testid": "matches" });
    this._show = memoised(this._list, (matches) => (matches.length ? matches.map((match) => this._row(match))
      : h("li", { class: "muted", text: t("matches_none") })));
    this.element = h("section", { class: "card half", "aria-labelledby": "matches-title" },
      h("h2", { id: "matches-title", text: t("matches_title") }), this._list);
    this._show([]);
  }

  push(snapshot) {
    const round = (value) => (value === null ? null : Math.round(100 * value) / 100);
    this._show((snapshot?.top_k_similarity ?? []).map((match) =>
      ({ ...match, score: round(match.score), progress: round(match.progress) })));
  }

  _row(match) {
    const bar = (label, share, isStrong) => [h("span", { text: label }),
      h("div", { class: isStrong ? "bar-line" : "bar-line soft", role: "progressbar", "aria-label": `${match.label}: ${label}`,
        "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(100 * share) },
      h("i", { style: `width: ${(100 * share).toFixed(0)}%` }))];
    const said = match.score === null ? word("why_unknown", match.why_not) : match.above_threshold ? t("matches_found") : percent(match.score);
    return h("li", { class: "match" }, h("span", { text: match.label }), h("span", { class: "muted number", text: said }),
      h("div", { class: "bars" }, ...bar(t("matches_score"), match.score ?? 0, match.above_threshold),
        ...bar(t("matches_progress"), match.progress ?? 0, false)));
  }
}
