"""Whatever is sent to any address, no answer is a fault of the server."""

from __future__ import annotations

import os

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error

from masquerade.server.caller import Role

EXAMPLES = int(os.environ.get("MASQUERADE_FUZZ_EXAMPLES", "15"))
"""Requests to each address."""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_answer_is_a_fault_of_the_server(app: FastAPI) -> None:
    _, secret = app.state.studio.keys.new("fuzz", Role.ADMIN)
    headers = {"Authorization": f"Bearer {secret}"}
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def answers(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers, checks=[not_a_server_error])

        answers()
        tried += 1
    assert tried > 40
