import sys
from pathlib import Path

import pytest

from masquerade.pipelines.memory import give_back, share_pools


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's account of the process")
def test_freed_memory_goes_back() -> None:
    share_pools()
    held = [bytes(2_000) for _ in range(100_000)]
    full = _resident_kb()
    del held[:-1]
    give_back()
    assert _resident_kb() < full - 100_000


def test_it_can_be_called_anywhere_and_often() -> None:
    for _ in range(3):
        share_pools()
        give_back()


def _resident_kb() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
