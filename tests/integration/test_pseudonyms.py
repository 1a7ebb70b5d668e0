"""What identifies is replaced, what only tells apart stays."""

import pytest

from custom_components.ruview.pseudonyms import Pseudonyms


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("1/192-40/a0b1c2d3e4f5", "1/192-40/address-1"),
        ("1@192.0.2.9/64/a", "1@address-1/64/a"),
        ("7@fe80::1%eth0/64/a", "7@address-1/64/a"),
        ("heard a0:b1:c2:d3:e4:f5 on channel 6", "heard address-1 on channel 6"),
        ("1/64/a", "1/64/a"),
        ("baselines/4f05845e992ad3ef.json", "baselines/4f05845e992ad3ef.json"),
        ("2026-11-30T06:10:00+00:00", "2026-11-30T06:10:00+00:00"),
    ],
)
def test_addresses_are_found_where_names_carry_them(text: str, hidden: str) -> None:
    assert Pseudonyms().hide(text) == hidden


def test_an_address_is_the_same_number_everywhere() -> None:
    found = {"3@192.0.2.9": [1.5, None, "3@192.0.2.9/64/a"], "links": ("4@192.0.2.8/64/b",)}
    assert Pseudonyms().hide(found) == {
        "3@address-1": [1.5, None, "3@address-1/64/a"],
        "links": ["4@address-2/64/b"],
    }


def test_given_names_are_numbers_and_poses_are_not() -> None:
    found = {
        "signatures": [{"signature_id": "annas_door", "label": "Anna's door"}],
        "notices": [{"label": "Anna's door", "score": 0.5}],
        "refused_files": {"signatures/annas_door.json": "not JSON"},
        "enrolment": [{"anchor": "sit"}],
    }
    assert Pseudonyms({"label", "signature_id"}).hide(found) == {
        "signatures": [{"signature_id": "name-1", "label": "name-2"}],
        "notices": [{"label": "name-2", "score": 0.5}],
        "refused_files": {"signatures/name-1.json": "not JSON"},
        "enrolment": [{"anchor": "sit"}],
    }
