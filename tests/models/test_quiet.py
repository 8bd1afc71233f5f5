"""Native chatter is dropped; everything else still reaches stderr."""

import os
import subprocess
import sys

import pytest

from masquerade.models.quiet import quiet

SPEAK = """
import os
from masquerade.models.quiet import quiet
with quiet():
    os.write(2, b"INFO: Created a delegate.\\n")
    os.write(2, b"ERROR: something broke\\n")
    os.write(2, b"[W:onnxruntime:Default, device_discovery.cc:132 X] GPU discovery failed\\n")
    os.write(2, b"[W:onnxruntime:Default, other.cc:1 X] worth a look\\n")
os.write(2, b"INFO: afterwards\\n")
"""

CLOSED = """
import os
from masquerade.models.quiet import quiet
os.close(2)
with quiet():
    print("inside")
"""


def test_only_chatter_is_dropped() -> None:
    done = subprocess.run([sys.executable, "-c", SPEAK], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == [
        "ERROR: something broke",
        "[W:onnxruntime:Default, other.cc:1 X] worth a look",
        "INFO: afterwards",
    ]


def test_a_process_without_stderr_is_left_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CLOSED], capture_output=True, text=True, check=True
    )
    assert done.stdout == "inside\n"


def _warn_and_fail() -> None:
    os.write(2, b"WARNING: kept\n")
    raise ValueError("inside")


def test_an_error_inside_gives_stderr_back(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="inside"), quiet():
        _warn_and_fail()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "WARNING: kept\nafter\n"
