"""Who moves and who keeps still, second by second."""

import numpy as np
import pytest

from ruview_engine.room.stillness import is_active, is_moved, mean_motion, moving_share


def seconds(*loud: float, n: int = 18) -> np.ndarray:
    """Quiet seconds, of which the first few are as loud as given."""
    return np.r_[loud, np.zeros(n - len(loud))]


@pytest.mark.parametrize(
    ("motion", "moved"),
    [
        ([seconds()], False),
        ([seconds(8.0)], False),  # a fidget, however loud
        ([seconds(*[4.0] * 9)], True),
        ([seconds(*[1.4] * 18)], False),  # a chest in the line of sight hums
        ([seconds(*[4.0] * 18), seconds(), seconds()], True),  # one link of three sees it
        ([], False),
    ],
)
def test_moved(motion, moved):
    assert is_moved(motion) is moved


def test_who_was_to_move_did_when_one_link_saw_it():
    arms = seconds(*[2.0] * 18)
    assert is_active([arms])
    assert is_active([arms, seconds(), seconds()])
    assert not is_active([seconds(2.5, 2.5)])


def test_who_moves_is_louder_than_who_stood_still_there():
    hum, arms = seconds(*[1.5] * 18), seconds(*[2.5] * 18)
    assert is_active([hum])
    assert not is_active([hum], [hum])
    assert is_active([arms], [hum])
    assert not is_active([seconds()], [seconds()])


def test_links_that_heard_nothing_do_not_count():
    assert moving_share([np.empty(0), seconds(*[4.0] * 18)]) == 1.0
    assert mean_motion([np.empty(0)]) == 0.0
