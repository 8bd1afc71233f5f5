"""An encoder that takes real-time priority gives it back; other codecs are as they were."""

import os
import subprocess
import sys

import pytest

from masquerade.media.usual_priority import usual_priority

_AV1 = """
import os
import numpy as np
from fractions import Fraction
from pathlib import Path
from masquerade.media.encoding import Encoding
from masquerade.media.probe import MediaInfo
from masquerade.media.segment import encode_segment
from masquerade.types import Frame

info = MediaInfo(Path("made"), "video", "", size_wh=(64, 64), time_base=Fraction(1, 25))
policies = set()

def frames():
    for pts in range(4):
        yield Frame(np.full((64, 64, 3), 40 * pts, np.uint8), pts, Fraction(1, 25), 1)
        for task in os.listdir("/proc/self/task"):
            policies.add(os.sched_getscheduler(int(task)))

encode_segment(frames(), info, Encoding(codec="av1"))
print(sorted(policies), os.sched_getscheduler(0))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads are listed so on Linux alone")
def test_av1_is_encoded_at_the_programs_own_priority() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _AV1], capture_output=True, text=True, timeout=60, check=True
    )
    usual = os.sched_getscheduler(0)
    assert ran.stdout.split("\n")[-2] == f"[{usual}] {usual}"


def test_errors_pass_through() -> None:
    with pytest.raises(KeyError), usual_priority():
        raise KeyError("x")
