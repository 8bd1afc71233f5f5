"""Two machines on one: the same bytes, nothing lost when one goes, nothing secret on either."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import av
import pytest

from masquerade.cli import main
from masquerade.distributed.ray import RayExecutor
from masquerade.distributed.token import take_token
from masquerade.errors import MasqueradeError, UsageError
from masquerade.pipelines.make import Made, make
from masquerade.types import Resources

pytestmark = pytest.mark.cluster


@pytest.fixture
def executor(two_machines):
    take_token(two_machines.token)
    made = RayExecutor(two_machines.ray.address, alone_s=0.5)
    yield made
    made.close()


def test_a_piece_that_no_machine_can_take_is_an_error_in_words(executor, monkeypatch) -> None:
    monkeypatch.setattr("masquerade.distributed.ray.likeness", lambda: "masquerade-other")
    with pytest.raises(MasqueradeError, match="no machine of the cluster is like this one"):
        list(executor.each(len, "asked", ["one"], resources=Resources(memory_mb=1)))


@pytest.mark.media
@pytest.mark.weights
def test_a_machine_lost_in_the_middle_loses_nothing(
    executor, two_machines, clip, small_pieces, media_dir, tmp_path
) -> None:
    record = tmp_path / "b00.consent"
    face = media_dir / "personas" / "persona_b00.jpg"
    words = ["consent", "new", "-o", str(record), "--kind", "persona", "--name", "b00"]
    words += ["--grantee", "tests", "--purpose", "any", "--adult", "--declared-by", "SFHQ"]
    words += ["--proof", str(media_dir / "MANIFEST.csv"), "--face", str(face)]
    assert main(words) == 0

    def made(name: str, **how: object) -> tuple[Made, str]:
        out = tmp_path / f"{name}.mp4"
        kept = make("swap_mesh", target=clip, out=out, sources=[face], consents=[record], **how)
        return kept, _pictures(out)

    killed: list[int] = []

    def progress(stage: str, done: int, _total: int | None) -> None:
        if stage == "frames" and not killed:  # the first piece is back, others are under way
            killed.append(done)
            two_machines.ray.kill(1)

    here, there = made("here"), made("there", executor=executor, progress=progress)
    assert killed
    assert here[1] == there[1]
    assert here[0].plan.tally.pieces == there[0].plan.tally.pieces
    assert len(there[0].plan.tally.pieces) == 4
    assert not list(
        two_machines.drawing_home.iterdir()
    )  # no key, no ledger on the machines that draw


@pytest.mark.slow
def test_another_token_opens_nothing(two_machines, tmp_path) -> None:
    words = ["cluster", "show", two_machines.ray.address]
    environment = {**os.environ, "MASQUERADE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "masquerade", *words]
    told = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert told.returncode == UsageError.exit_code
    assert "no cluster answers" in told.stderr


def _pictures(path: Path) -> str:
    digest = hashlib.sha256()
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams.video[0]):
            digest.update(bytes(packet))
    return digest.hexdigest()
