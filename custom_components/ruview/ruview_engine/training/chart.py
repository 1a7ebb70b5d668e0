"""Small SVG charts for the training report: lines, points, a table of counts. No dependency, no script, no network."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

import numpy as np

from ..shapes import Matrix, Vector

#: Size of every chart in CSS pixels. Origin: chosen, two side by side on a laptop.
WIDTH: Final = 520
HEIGHT: Final = 280
MARGIN: Final = 44

#: Distinguishable with any colour vision. Origin: Okabe & Ito 2008.
COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

#: Points drawn at most; more only make the file heavy. Origin: chosen.
MAX_POINTS: Final = 2000


def lines(title: str, series: Mapping[str, Sequence[float]], x_name: str) -> str:
    """One polyline per series over 0, 1, 2, …"""
    values = [value for one in series.values() for value in one]
    if not values:
        return ""
    low, high = min(values), max(values)
    longest = max(len(one) for one in series.values())
    body = []
    for k, (name, one) in enumerate(series.items()):
        colour = COLOURS[k % len(COLOURS)]
        span = max(high - low, 1e-12)
        places = ((i / max(longest - 1, 1), (value - low) / span) for i, value in enumerate(one))
        points = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in places)
        body.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        body.append(_legend(k, name, colour))
    body.append(_label(WIDTH / 2, HEIGHT - 8, x_name, "middle"))
    body.append(_label(MARGIN - 6, _y(0.0), f"{low:.3g}", "end"))
    body.append(_label(MARGIN - 6, _y(1.0) + 8, f"{high:.3g}", "end"))
    return _frame(title, body)


def points(title: str, places: Matrix, group: Sequence[str]) -> str:
    """(n, 2) points, coloured by group."""
    if not len(places):
        return ""
    step = -(-len(places) // MAX_POINTS)
    low, high = places.min(axis=0), places.max(axis=0)
    scaled = (places - low) / np.maximum(high - low, 1e-12)
    names = sorted(set(group))
    body = [
        f'<circle cx="{_x(float(x)):.1f}" cy="{_y(float(y)):.1f}" r="2" fill-opacity="0.5" '
        f'fill="{COLOURS[names.index(name) % len(COLOURS)]}"/>'
        for (x, y), name in zip(scaled[::step], list(group)[::step], strict=True)
    ]
    body += [_legend(k, name, COLOURS[k % len(COLOURS)]) for k, name in enumerate(names)]
    return _frame(title, body)


def plane(embedding: Matrix) -> Matrix:
    """(n, d) → (n, 2) along the two directions of most variance; signs fixed so that the picture repeats."""
    centred = embedding - embedding.mean(axis=0)
    _values, vectors = np.linalg.eigh(centred.T @ centred / max(len(centred) - 1, 1))
    top: Matrix = vectors[:, [-1, -2]]
    signs: Vector = np.sign(top[np.argmax(np.abs(top), axis=0), [0, 1]])
    return np.asarray(centred @ (top * signs), dtype=np.float64)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """An HTML table; numbers are given their own class so that they align."""

    def cell(value: object) -> str:
        if isinstance(value, float):
            return f'<td class="n">{value:.4g}</td>'
        kind = ' class="n"' if isinstance(value, int) else ""
        return f"<td{kind}>{escape(str(value))}</td>"

    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(cell(value) for value in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _x(share: float) -> float:
    return MARGIN + share * (WIDTH - MARGIN - 12)


def _y(share: float) -> float:
    return HEIGHT - MARGIN - share * (HEIGHT - MARGIN - 28)


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _legend(k: int, name: str, colour: str) -> str:
    x, y = WIDTH - 130, 34 + 16 * k
    return f'<rect x="{x}" y="{y - 8}" width="10" height="10" fill="{colour}"/>' + _label(x + 16, y + 1, name, "start")


def _frame(title: str, body: list[str]) -> str:
    axes = f'<path d="M{MARGIN} 20V{HEIGHT - MARGIN}H{WIDTH - 12}" fill="none" stroke="#888"/>'
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f'<text x="{MARGIN}" y="14" font-weight="bold">{escape(title)}</text>{axes}{"".join(body)}</svg>'
    )
