"""Small SVG charts and tables for the training report. No dependency, no script, no network; readable in the dark."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

import numpy as np

from ..shapes import Matrix, Vector

#: Size of every chart in CSS pixels. Origin: chosen, two side by side on a laptop.
WIDTH: Final = 520
HEIGHT: Final = 280
MARGIN: Final = 44

#: Distinguishable with any colour vision, on white and on black. Origin: Okabe & Ito 2008.
COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999")

#: From little to much, evenly bright. Origin: viridis at 0, ¼, ½, ¾, 1 (van der Walt & Smith 2015).
SCALE: Final = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))

#: Points drawn at most; more only make the file heavy. Origin: chosen.
MAX_POINTS: Final = 2000

#: Grid lines across a chart. Origin: chosen.
N_TICKS: Final = 4


def lines(title: str, series: Mapping[str, Sequence[float]], x_name: str) -> str:
    """One polyline per series over 0, 1, 2, …, each as a share of its own first value: curves of any size fit."""
    shares = {name: [value / one[0] for value in one] for name, one in series.items() if len(one) and one[0] > 0}
    values = [value for one in shares.values() for value in one]
    if not values:
        return ""
    low, high = min(0.0, *values), max(1.0, *values)
    longest = max(len(one) for one in shares.values())
    body = []
    for tick in np.linspace(low, high, N_TICKS + 1):
        height = _y((tick - low) / (high - low))
        body.append(f'<path d="M{MARGIN} {height:.1f}H{WIDTH - 12}" stroke="currentColor" stroke-opacity=".15"/>')
        body.append(_label(MARGIN - 6, height + 4, f"{100 * tick:.0f} %", "end"))
    for k, (name, one) in enumerate(shares.items()):
        colour = COLOURS[k % len(COLOURS)]
        places = ((i / max(longest - 1, 1), (value - low) / (high - low)) for i, value in enumerate(one))
        points = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in places)
        body.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        body.append(_legend_below(k, MARGIN, 160, f"{name} {series[name][0]:.3g} → {series[name][-1]:.3g}", colour))
    body.append(_label(MARGIN, HEIGHT - 24, "1", "middle"))
    body.append(_label(WIDTH - 12, HEIGHT - 24, str(longest), "end"))
    body.append(_label(WIDTH / 2, HEIGHT - 24, x_name, "middle"))
    return _frame(title, body)


def points(title: str, places: Matrix, group: Sequence[str]) -> str:
    """(n, 2) points, coloured by group."""
    names = sorted(set(group))
    colours = [COLOURS[names.index(name) % len(COLOURS)] for name in group]
    legend = [_legend(k, name, COLOURS[k % len(COLOURS)]) for k, name in enumerate(names)]
    return _scatter(title, places, colours, legend)


def shades(title: str, places: Matrix, value: Vector, little: str, much: str) -> str:
    """(n, 2) points, coloured from `little` to `much` by the rank of (n,) values."""
    if not len(places):
        return ""
    rank = np.argsort(np.argsort(value, kind="stable"), kind="stable") / max(len(value) - 1, 1)
    legend = [_legend(0, much, shade(1.0)), _legend(1, little, shade(0.0))]
    return _scatter(title, places, [shade(float(share)) for share in rank], legend)


def shade(share: float) -> str:
    """Colour of a share 0–1."""
    place = min(max(share, 0.0), 1.0) * (len(SCALE) - 1)
    k = min(int(place), len(SCALE) - 2)
    mixed = (round(a + (b - a) * (place - k)) for a, b in zip(SCALE[k], SCALE[k + 1], strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def bars(title: str, groups: Mapping[str, Mapping[str, float]], chance: float) -> str:
    """Horizontal bars 0–1, a few per group, with a line at what chance gives."""
    if not groups:
        return ""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    left, right = 150, WIDTH - 12
    row_height = (HEIGHT - MARGIN - 28) / sum(len(group) + 0.6 for group in groups.values())
    body, y = [], 34.0
    for label, group in groups.items():
        body.append(_label(left - 8, y + row_height * (len(group) / 2 + 0.3), label, "end"))
        for name, value in group.items():
            colour, length = COLOURS[names.index(name) % len(COLOURS)], (right - left) * min(max(value, 0.0), 1.0)
            body.append(
                f'<rect x="{left}" y="{y:.1f}" width="{length:.1f}" height="{row_height - 1:.1f}" fill="{colour}"/>'
            )
            body.append(_label(left + length - 4, y + row_height * 0.8, f"{value:.2f}", "end", "#fff"))
            y += row_height
        y += 0.6 * row_height
    at = left + (right - left) * chance
    body.append(f'<path d="M{at:.1f} 28V{HEIGHT - 36}" stroke="currentColor" stroke-dasharray="4 3"/>')
    body.append(_label(at, HEIGHT - 24, "chance", "middle"))
    body += [_legend_below(k, left, 120, name, COLOURS[k % len(COLOURS)]) for k, name in enumerate(names)]
    return _frame(title, body, has_axes=False)


def plane(embedding: Matrix) -> Matrix:
    """(n, d) → (n, 2) along the two directions of most variance; signs fixed so that the picture repeats."""
    centred = embedding - embedding.mean(axis=0)
    _values, vectors = np.linalg.eigh(centred.T @ centred / max(len(centred) - 1, 1))
    top: Matrix = vectors[:, [-1, -2]]
    signs: Vector = np.sign(top[np.argmax(np.abs(top), axis=0), [0, 1]])
    return np.asarray(centred @ (top * signs), dtype=np.float64)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """An HTML table; numbers are given their own class so that they align, True and False a mark."""

    def cell(value: object) -> str:
        if isinstance(value, bool):
            return '<td class="yes">✓</td>' if value else '<td class="no">✗</td>'
        if isinstance(value, float):
            return f'<td class="n">{value:.4g}</td>'
        kind = ' class="n"' if isinstance(value, int) else ""
        return f"<td{kind}>{escape(str(value))}</td>"

    return _table(head, ["".join(map(cell, row)) for row in rows])


def confusion(classes: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """Rows are the truth, columns the answer; cells as dark as their share of the row."""
    rows = []
    for truth, row in enumerate(counts):
        total = max(sum(row), 1)
        cells = "".join(
            f'<td class="n" style="background:{_wash(n / total, is_right=truth == answer)}">{n}</td>'
            for answer, n in enumerate(row)
        )
        rows.append(f"<th>{escape(classes[truth])}</th>{cells}<td class='n'>{100 * row[truth] / total:.0f} %</td>")
    return _table(("truth ↓ answer →", *classes, "recall"), rows)


def _wash(share: float, *, is_right: bool) -> str:
    red, green, blue = (0, 114, 178) if is_right else (213, 94, 0)
    return f"rgba({red},{green},{blue},{0.75 * share:.2f})"


def _table(head: Sequence[str], rows: Sequence[str]) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _scatter(title: str, places: Matrix, colours: Sequence[str], legend: Sequence[str]) -> str:
    if not len(places):
        return ""
    step = -(-len(places) // MAX_POINTS)
    low, high = places.min(axis=0), places.max(axis=0)
    scaled = (places - low) / np.maximum(high - low, 1e-12)
    body = [
        f'<circle cx="{_x(0.72 * float(x)):.1f}" cy="{_y(float(y)):.1f}" r="2" fill-opacity=".55" fill="{colour}"/>'
        for (x, y), colour in zip(scaled[::step], colours[::step], strict=True)
    ]
    return _frame(title, [*body, *legend], has_axes=False)


def _x(share: float) -> float:
    return MARGIN + share * (WIDTH - MARGIN - 12)


def _y(share: float) -> float:
    return HEIGHT - MARGIN - share * (HEIGHT - MARGIN - 28)


def _label(x: float, y: float, text: str, anchor: str, colour: str = "currentColor") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'


def _legend(k: int, name: str, colour: str) -> str:
    return _swatch(WIDTH - 150, 34 + 16 * k, name, colour)


def _legend_below(k: int, left: float, apart: float, name: str, colour: str) -> str:
    return _swatch(left + apart * k, HEIGHT - 6, name, colour)


def _swatch(x: float, y: float, name: str, colour: str) -> str:
    return f'<rect x="{x}" y="{y - 8}" width="10" height="10" fill="{colour}"/>' + _label(x + 16, y + 1, name, "start")


def _frame(title: str, body: Sequence[str], *, has_axes: bool = True) -> str:
    axes = f'<path d="M{MARGIN} 20V{HEIGHT - MARGIN}H{WIDTH - 12}" fill="none" stroke="currentColor"/>'
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f'<text x="{MARGIN}" y="14" font-weight="bold" fill="currentColor">{escape(title)}</text>'
        f"{axes if has_axes else ''}{''.join(body)}</svg>"
    )
