"""What is built elsewhere is well formed, asks for what there is, and runs as nobody."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from masquerade.cli import build_parser

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
_LINES = re.compile(r"\\\n\s*")


def instructions() -> list[tuple[str, str]]:
    """(instruction, what follows) of the Dockerfile."""
    text = _LINES.sub(" ", (DEPLOY / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def parsed(words: list[str]) -> None:
    """Passes where our own command line takes these words."""
    build_parser(words).parse_args(words)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def test_the_image_is_pinned_and_runs_as_nobody() -> None:
    told = instructions()
    names = [name for name, _ in told]
    assert set(names) <= {
        "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK",
        "ENTRYPOINT", "CMD",
    }  # fmt: skip
    for _, base in (one for one in told if one[0] == "FROM"):
        assert re.match(r"python:3\.\d+-\w+", base), base
    last = told[len(names) - names[::-1].index("FROM") :]
    user = next(value for name, value in last if name == "USER")
    assert user not in ("root", "0")
    assert [name for name, _ in last].index("USER") < [name for name, _ in last].index("ENTRYPOINT")
    for name, value in told:
        if name == "WORKDIR":
            assert value.startswith("/")
        if name == "RUN" and "pip" in value:
            assert "--no-cache-dir" in value
        assert "sudo" not in value


def test_the_image_starts_a_command_that_we_have() -> None:
    told = dict(instructions())
    words = json.loads(told["ENTRYPOINT"]) + json.loads(told["CMD"])
    assert words[0] == "masquerade"
    parsed(words[1:])
    check = json.loads(told["HEALTHCHECK"].partition("CMD ")[2])
    compile(check[-1], "healthcheck", "exec")
    assert "/v1/health" in check[-1]


def test_what_is_copied_is_there_and_extras_exist() -> None:
    let_through = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    for name, value in instructions():
        if name == "COPY" and not value.startswith("--from"):
            for source in value.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source.removeprefix('./')}" in let_through, source
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (extras,) = re.findall(r"'\.\[([\w,]+)\]'", (DEPLOY / "Dockerfile").read_text())
    assert set(extras.split(",")) <= set(project["optional-dependencies"])


def test_services_are_closed_and_name_what_is_declared(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"server", "worker", "database"}
    for name, one in services.items():
        assert one.get("build") or one["image"] == "masquerade" or ":" in one["image"], name
        assert set(one.get("depends_on", ())) <= set(services)
        assert set(one.get("secrets", ())) <= set(compose["secrets"])
        for port in one.get("ports", ()):
            assert port.startswith("127.0.0.1:"), "opened on this machine alone"
        for volume in one.get("volumes", ()):
            assert volume.partition(":")[0] in compose["volumes"]
        if name != "database":
            assert one["read_only"]
            assert one["cap_drop"] == ["ALL"]
            parsed(one["command"])
    build = services["server"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()
    assert "PASSWORD" not in "".join(services["database"]["environment"]).replace(
        "POSTGRES_PASSWORD_FILE", ""
    )


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("serve --workers 0", "serve --queue URL --workers 0"),
        ("serve key new --role admin", "serve key new --queue URL --role admin"),
        ("jobs worker", "jobs worker --queue URL"),
        ("verify a.png", "verify a.png"),
    ],
)
def test_the_queues_password_is_in_no_command_line(
    compose: dict[str, Any], tmp_path: Path, given: str, wanted: str
) -> None:
    script = tmp_path / "queue.sh"
    secret = tmp_path / "secret"
    secret.write_text("hush")
    text = compose["configs"]["queue"]["content"].replace("$$", "$")
    script.write_text(text.replace("/run/secrets/database_password", str(secret)))
    fake = tmp_path / "masquerade"
    fake.write_text('#!/bin/sh\necho "$PGPASSWORD|$*"\n')
    fake.chmod(0o700)
    surroundings = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    told = subprocess.run(
        ["sh", str(script), *given.split()], env=surroundings, capture_output=True, text=True,
        check=True,
    ).stdout  # fmt: skip
    password, _, words = told.strip().partition("|")
    assert password == "hush"
    plain = "postgresql://masquerade@database/masquerade"
    assert words == wanted.replace("URL", plain)
    parsed(shlex.split(words))


def test_the_unit_starts_a_command_that_we_have_and_fences_it_in() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "masquerade.service")
    service = unit["Service"]
    program, *words = shlex.split(service["ExecStart"])
    assert program.endswith("/masquerade")
    parsed(words)
    assert service["User"] != "root"
    for fence in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "PrivateDevices"):
        assert service[fence] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert unit["Install"]["WantedBy"] == "multi-user.target"
