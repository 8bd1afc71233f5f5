"""How a machine takes part: with a token, without a dashboard, by ports that can be let through."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Final

import pytest

from masquerade.distributed.likeness import likeness
from masquerade.distributed.machine import (
    LATE,
    Machine,
    head_words,
    join_words,
    private_place,
    stay,
)
from masquerade.distributed.ray import RayExecutor
from masquerade.distributed.token import ray_environment
from masquerade.errors import MasqueradeError, UsageError

_JOINING: Final = """
from ray._private import ray_constants, services
from ray.scripts import scripts
from masquerade.distributed.ray import start

ray_constants.ENABLE_RAY_CLUSTER = False  # Ray refuses to join then
services.resolve_ip_for_localhost = lambda host: f"not {host}"
scripts.main = lambda: None
start()
assert ray_constants.ENABLE_RAY_CLUSTER
assert services.resolve_ip_for_localhost("127.0.0.1") == "127.0.0.1"
"""


def _ports(words: list[str]) -> list[int]:
    return [int(word.partition("=")[2]) for word in words if "-port=" in word]


def test_a_machine_offers_its_processors_to_its_like(tmp_path: Path) -> None:
    words = join_words(Machine(cpus=3, gpus=1), "10.0.0.1:6380", tmp_path)
    assert f'--resources={{"{likeness()}": 3}}' in words
    assert {"--address=10.0.0.1:6380", "--num-gpus=1", f"--temp-dir={tmp_path / 'r'}"} <= set(words)


def test_a_machine_that_only_seals_offers_none(tmp_path: Path) -> None:
    words = head_words(Machine(cpus=0), 6380, tmp_path)
    assert {"--resources={}", "--num-cpus=0", "--include-dashboard=false"} <= set(words)
    assert "--node-ip-address=127.0.0.1" in words


def test_all_ports_follow_the_first(tmp_path: Path) -> None:
    words = join_words(Machine(first_port=20000), "10.0.0.1:6380", tmp_path)
    assert sorted(_ports(words)) == [20000, 20001, 20002, 20003, 20004, 20005, 20006, 20105]
    free = _ports(join_words(Machine(), "10.0.0.1:6380", tmp_path))
    assert len(set(free)) == len(free) == 6


def test_ray_runs_with_a_token_and_tells_nobody(tmp_path: Path) -> None:
    told = ray_environment(tmp_path)
    assert (told["RAY_AUTH_MODE"], told["RAY_USAGE_STATS_ENABLED"]) == ("token", "0")
    assert Path(told["RAY_AUTH_TOKEN_PATH"]).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("host", "open_to_others"), [("127.0.0.1", "0"), ("10.0.0.1", "1")])
def test_what_is_asked_for_on_loopback_stays_there(
    tmp_path: Path, host: str, open_to_others: str
) -> None:
    told = ray_environment(tmp_path, host=host)
    assert told["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] == open_to_others


def test_a_machine_may_join_on_loopback() -> None:
    if importlib.util.find_spec("ray") is None:
        pytest.skip("Ray is not installed: pip install 'masquerade[cluster]'")
    # Elsewhere: a process in which Ray was imported without a token can open no cluster any more.
    subprocess.run([sys.executable, "-c", _JOINING], check=True)


@pytest.mark.parametrize(("late", "tries"), [(1, 2), (9, 3)])
def test_a_machine_that_is_too_slow_to_begin_tries_again(
    tmp_path: Path, late: int, tries: int
) -> None:
    told = tmp_path / "told"
    program = (
        "import sys; from pathlib import Path; told = Path(sys.argv[1]);"
        "count = told.write_text('x' + (told.read_text() if told.exists() else ''));"
        f"sys.exit({LATE} if count <= {late} else 0)"
    )
    folder = private_place()
    words = [sys.executable, "-c", program, str(told)]
    with nullcontext() if late < tries else pytest.raises(MasqueradeError, match=f"code {LATE}"):
        stay(words, folder, home=tmp_path)
    assert len(told.read_text()) == tries
    assert not folder.exists()


def test_an_address_where_nothing_is_is_told_at_once() -> None:
    if importlib.util.find_spec("ray") is None:
        pytest.skip("Ray is not installed: pip install 'masquerade[cluster]'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UsageError, match="no cluster answers"):
        RayExecutor(f"127.0.0.1:{port}")
