"""The one clock of the integration: monotonic seconds, the same that datagrams are stamped with."""

import time


def now_s() -> float:
    """Monotonic seconds."""
    return time.monotonic()
