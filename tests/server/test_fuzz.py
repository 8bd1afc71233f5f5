"""Whatever is sent to any address, no answer is a fault of the server."""

from __future__ import annotations

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error

from masquerade.server.caller import Role

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def described(app: FastAPI) -> object:
    return schemathesis.openapi.from_asgi("/openapi.json", app)


@pytest.fixture(scope="session")
def admin(app: FastAPI) -> dict[str, str]:
    _, secret = app.state.studio.keys.new("fuzz", Role.ADMIN)
    return {"Authorization": f"Bearer {secret}"}


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_answer_is_a_fault_of_the_server(case: schemathesis.Case, admin: dict[str, str]) -> None:
    case.call_and_validate(headers=admin, checks=[not_a_server_error])
