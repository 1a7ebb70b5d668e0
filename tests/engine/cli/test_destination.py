"""HOST:PORT, and what is none."""

import socket

import pytest

from ruview_engine.cli.destination import destination
from ruview_engine.errors import FormatError


def test_both_families() -> None:
    assert destination("127.0.0.1:5005") == (socket.AF_INET, ("127.0.0.1", 5005))
    family, address = destination("[::1]:65535")
    assert (family, address[:2]) == (socket.AF_INET6, ("::1", 65535))


@pytest.mark.parametrize(
    "text",
    ["", "127.0.0.1", ":", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:\u00b2",
     "127.0.0.1:" + 5000 * "1"],
)  # fmt: skip
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="expected HOST:PORT"):
        destination(text)


def test_an_address_of_the_wrong_family_is_refused() -> None:
    with pytest.raises(FormatError, match=r"--to \[::1\]:5005"):
        destination("[::1]:5005", socket.AF_INET)
