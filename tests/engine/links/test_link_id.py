"""Names of links are written and read back."""

import pytest

from ruview_engine.links.link_id import LinkId


@pytest.mark.parametrize("link", [LinkId("1", "64", "a"), LinkId("2@192.0.2.1", "192-40", "a0b1c2d3e4f5")])
def test_reading_undoes_writing(link):
    assert LinkId.parse(str(link)) == link


@pytest.mark.parametrize("text", ["", "1/64", "1/64/a/b", "nonsense"])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(ValueError):
        LinkId.parse(text)


def test_names_sort_by_node_first():
    assert sorted([LinkId("2", "64", "a"), LinkId("1", "64", "b"), LinkId("1", "64", "a")]) == [
        LinkId("1", "64", "a"), LinkId("1", "64", "b"), LinkId("2", "64", "a"),
    ]  # fmt: skip
