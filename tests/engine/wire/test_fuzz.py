"""A hundred thousand mutated datagrams, the short form of benchmarks/fuzz_wire.py."""

from benchmarks.fuzz_wire import fuzz


def test_a_hundred_thousand_mutations_are_kept_refused_and_accounted_for() -> None:
    report = fuzz(100_000, seed=20260403)
    outcomes = report["outcomes"]
    assert isinstance(outcomes, dict)
    # The mutations must reach everything there is: acceptance and every reason.
    assert outcomes["accepted"] > 20_000
    assert set(outcomes) == {
        "accepted",
        "checksum",
        "empty",
        "header",
        "length",
        "short",
        "unknown_magic",
        "unsupported",
    }
