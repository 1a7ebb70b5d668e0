"""Token buckets: bursts, refill, and who may not starve whom."""

from ruview_engine.ingest.limiter import BURST_S, MAX_STRANGERS, Limiter, LimiterSettings, TokenBucket

SETTINGS = LimiterSettings(reserve_per_s=10, pool_per_s=50, stranger_per_s=5, strangers_per_s=20)


def _taken(bucket: TokenBucket, n: int, at_s: float) -> int:
    return sum(bucket.take(at_s) for _ in range(n))


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = TokenBucket(10)
    assert _taken(bucket, 100, 5.0) == 10 * BURST_S
    assert _taken(bucket, 100, 5.5) == 5
    assert _taken(bucket, 100, 6.0) == 5
    assert _taken(bucket, 100, 1000.0) == 10 * BURST_S


def test_a_clock_that_goes_back_grants_nothing() -> None:
    bucket = TokenBucket(10)
    assert _taken(bucket, 100, 100.0) == 20
    assert _taken(bucket, 100, 0.0) == 0
    assert _taken(bucket, 100, 100.0) == 0


def test_slow_rates_accumulate_across_refusals() -> None:
    bucket = TokenBucket(1)
    taken = sum(bucket.take(i * 0.01) for i in range(1000))
    assert taken == 2 + 9  # the burst, then one a second over ten seconds less the first


def test_a_known_address_keeps_its_reserve_when_another_empties_the_pool() -> None:
    limiter = Limiter(SETTINGS)
    limiter.know("a")
    limiter.know("b")
    assert sum(limiter.admit_known("a", 0.0) for _ in range(1000)) == 10 * BURST_S + 50 * BURST_S
    assert sum(limiter.admit_known("b", 0.0) for _ in range(1000)) == 10 * BURST_S


def test_one_stranger_cannot_take_what_all_share() -> None:
    limiter = Limiter(SETTINGS)
    assert sum(limiter.admit_stranger("loud", 0.0) for _ in range(1000)) == 5 * BURST_S
    assert limiter.admit_stranger("quiet", 0.0)


def test_many_strangers_share_one_budget() -> None:
    limiter = Limiter(SETTINGS)
    assert sum(limiter.admit_stranger(f"s{i}", 0.0) for i in range(10_000)) == 20 * BURST_S


def test_strangers_are_bounded() -> None:
    limiter = Limiter(LimiterSettings(strangers_per_s=1e6))
    for i in range(10 * MAX_STRANGERS):
        assert limiter.admit_stranger(f"s{i}", i * 1.0)
    assert len(limiter._strangers) == MAX_STRANGERS


def test_knowing_and_forgetting() -> None:
    limiter = Limiter(SETTINGS)
    assert not limiter.knows("a")
    limiter.know("a")
    limiter.know("a")
    assert limiter.knows("a")
    limiter.forget("a")
    limiter.forget("a")
    assert not limiter.knows("a")


def test_knowing_again_does_not_refill() -> None:
    limiter = Limiter(LimiterSettings(reserve_per_s=1, pool_per_s=0.1))
    limiter.know("a")
    while limiter.admit_known("a", 0.0):
        pass
    limiter.know("a")
    assert not limiter.admit_known("a", 0.0)
