"""The package as a whole: its public names, and how little an import costs."""

import importlib
import json
import statistics
import subprocess
import sys
import time

import pytest

import masquerade

HEAVY = ("torch", "cv2", "av", "onnxruntime", "ai_edge_litert", "c2pa", "PIL", "tensorflow")
HELP_LIMIT_S = 0.4


def test_public_names_are_sorted_and_there() -> None:
    assert sorted(masquerade.__all__) == list(masquerade.__all__)
    assert len(set(masquerade.__all__)) == len(masquerade.__all__)
    for name in masquerade.__all__:
        assert getattr(masquerade, name) is not None
    assert set(masquerade.__all__) <= set(dir(masquerade))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = masquerade.no_such_name


def test_star_import_gives_the_public_names() -> None:
    given: dict[str, object] = {}
    exec("from masquerade import *", given)

    assert set(masquerade.__all__) - {"__version__"} <= set(given)


def test_the_version_is_that_of_the_distribution() -> None:
    from importlib.metadata import version

    assert masquerade.__version__ == version("masquerade")


@pytest.mark.parametrize("module", ["masquerade", "masquerade.cli", "masquerade.registry"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    importlib.import_module(module)
    code = (
        f"import json, sys, {module};"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == []


def test_help_comes_quickly() -> None:
    """Median of three after a warm-up; the bound grows with how slow Python itself starts here.

    0.4 s is for a machine on which an empty Python starts in 20 ms; a loaded or slower one gets
    the same multiple (20 starts of an empty Python) instead.
    """

    def seconds(*words: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, *words], capture_output=True, check=True)
        return time.perf_counter() - began

    seconds("-m", "masquerade", "--help")
    taken = statistics.median(seconds("-m", "masquerade", "--help") for _ in range(3))
    empty = statistics.median(seconds("-c", "pass") for _ in range(3))

    assert taken < max(HELP_LIMIT_S, 20 * empty), f"{taken:.2f} s; empty Python {empty:.3f} s"
