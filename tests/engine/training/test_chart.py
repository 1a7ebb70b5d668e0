"""Charts are well-formed, keep their points inside, and survive whatever a run may give them."""

from xml.etree import ElementTree

import numpy as np
import pytest

from ruview_engine.training import chart


def drawn(svg: str) -> ElementTree.Element:
    """Parsed, with every drawn number inside the picture."""
    root = ElementTree.fromstring(svg)
    for one in root.iter():
        for name, limit in (("cx", chart.WIDTH), ("cy", chart.HEIGHT), ("x", chart.WIDTH), ("y", chart.HEIGHT)):
            if one.get(name) is not None:
                assert 0.0 <= float(one.get(name)) <= limit
        for pair in (one.get("points") or "").split():
            x, y = map(float, pair.split(","))
            assert 0.0 <= x <= chart.WIDTH
            assert 0.0 <= y <= chart.HEIGHT
    return root


def texts(root: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in root.iter() if one.tag == "text"]


def test_curves_of_any_size_fit_as_shares_of_their_start() -> None:
    root = drawn(chart.lines("Loss", {"small": [0.002, 0.001], "large": [500.0, 250.0]}, "epoch"))
    small, large = [one.get("points") for one in root.iter("polyline")]
    assert small == large
    assert any("500 → 250" in text for text in texts(root))


@pytest.mark.parametrize("series", [{}, {"x": []}, {"x": [0.0, 1.0]}])
def test_without_a_start_there_is_no_curve(series: dict) -> None:
    assert chart.lines("Loss", series, "epoch") == ""


def test_a_curve_that_rises_or_turns_negative_stays_inside() -> None:
    drawn(chart.lines("Loss", {"up": [1.0, 7.0, -2.0], "one": [3.0]}, "epoch"))


def test_points_are_coloured_by_group_and_thinned(rng: np.random.Generator) -> None:
    places = rng.normal(size=(3 * chart.MAX_POINTS, 2))
    group = ["a" if x > 0 else "b" for x, _ in places]
    root = drawn(chart.points("Map", places, group))
    circles = list(root.iter("circle"))
    assert len(circles) == chart.MAX_POINTS
    assert {one.get("fill") for one in circles} == set(chart.COLOURS[:2])
    assert chart.points("Map", np.zeros((0, 2)), []) == ""


def test_identical_points_are_drawn_too() -> None:
    assert len(list(drawn(chart.points("Map", np.ones((5, 2)), ["a"] * 5)).iter("circle"))) == 5


def test_shades_follow_the_rank_of_the_values() -> None:
    root = drawn(chart.shades("Map", np.arange(6.0).reshape(3, 2), np.array([1e9, -5.0, 0.0]), "less", "more"))
    assert [one.get("fill") for one in root.iter("circle")] == [chart.shade(1.0), chart.shade(0.0), chart.shade(0.5)]
    assert chart.shades("Map", np.zeros((0, 2)), np.zeros(0), "less", "more") == ""
    assert chart.shade(-1.0) == chart.shade(0.0) == "#440154"
    assert chart.shade(2.0) == chart.shade(1.0) == "#fde725"


def test_bars_are_as_long_as_their_values() -> None:
    root = drawn(chart.bars("Told apart", {"all": {"trained": 0.8, "raw": 0.4}}, 0.5))
    long, short = [float(one.get("width")) for one in root.iter("rect")][:2]
    assert long == pytest.approx(2 * short, rel=0.01)
    assert chart.bars("Told apart", {}, 0.5) == ""


def test_the_plane_is_the_widest_and_its_picture_repeats(rng: np.random.Generator) -> None:
    embedding = rng.normal(size=(300, 6)) * np.array([5.0, 3.0, 1, 1, 1, 1])
    places = chart.plane(embedding)
    assert np.allclose(np.abs(np.corrcoef(places[:, 0], embedding[:, 0])[0, 1]), 1.0, atol=0.02)
    assert np.allclose(places.mean(axis=0), 0.0)
    assert np.allclose(chart.plane(embedding + 7.0), places)


def test_names_from_outside_cannot_add_markup() -> None:
    evil = "<script>alert(1)</script>"
    for text in (
        chart.points(evil, np.ones((1, 2)), [evil]),
        chart.lines(evil, {evil: [1.0]}, evil),
        chart.bars(evil, {evil: {evil: 1.0}}, 0.5),
        chart.table((evil,), ((evil,),)),
        chart.confusion((evil,), ((1,),)),
    ):
        assert "<script" not in text


def test_tables_align_numbers_and_mark_answers() -> None:
    text = chart.table(("a", "b", "c", "d"), ((1, 0.123456, "x", True), (2, 3.0, "y", False)))
    assert '<td class="n">1</td><td class="n">0.1235</td><td>x</td><td class="yes">✓</td>' in text
    assert '<td class="no">✗</td>' in text


def test_confusion_shows_recall_and_an_empty_class() -> None:
    text = chart.confusion(("a", "b"), ((3, 1), (0, 0)))
    assert "75 %" in text
    assert "0 %" in text
