"""What specialists are asked about: the enrolled room's links, and a minute of one of them."""

import pytest

from ruview_engine.room.evidence import gather
from tests.engine.room.synthetic import LINK, window


@pytest.fixture
def known(enrolled):
    return {link.link: link for link in enrolled.baseline.links}


@pytest.fixture
def seen(rng, known):
    """Evidence of a minute with these ingredients."""

    def look(**ingredients):
        found = gather(window(rng, start_s=940, **ingredients), known[LINK], 1000.0)
        assert found is not None
        return found[0]

    return look
