"""Equal content, equal name."""

import numpy as np

from ruview_engine.room.fingerprint import fingerprint


def test_order_of_keys_does_not_matter():
    assert fingerprint({"a": 1, "b": 2.0}) == fingerprint({"b": 2.0, "a": 1})


def test_pieces_are_framed():
    assert fingerprint(["ab", "c"]) != fingerprint(["a", "bc"])
    assert fingerprint([1, [2]]) != fingerprint([[1], 2])


def test_one_bit_changes_the_name():
    array = np.zeros(8)
    other = array.copy()
    other[3] = np.nextafter(0, 1)
    assert fingerprint(array) != fingerprint(other)
    assert fingerprint(array) != fingerprint(array.astype(np.float32))
    assert fingerprint(array) != fingerprint(array.reshape(2, 4))
