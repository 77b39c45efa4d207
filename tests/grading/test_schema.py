"""The whole OpenAPI document, asked by schemathesis: no crash, and every answer as the document says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import openapi

from grading.people import Enrolment, School

from .conftest import bearing, graded, stored

if TYPE_CHECKING:
    import httpx

    from grading.service import Service

    from .conftest import Tokens

EXAMPLES = 12


@pytest.mark.parametrize("role", ["administrator", "li"])
def test_every_answer_is_as_the_document_says(role: str, http: httpx.Client, tokens: Tokens, service: Service) -> None:
    service.people.put_school(School("north", "北方"))
    service.people.enrol("north", [Enrolment("demo-class", "north-1", "1", "李明")])
    outcome, waiting = graded(service.database), stored(service.database, key="waits")
    known = {
        "submission_id": str(waiting.id),
        "outcome_id": str(outcome.id),
        "class_name": "demo-class",
        "school": "north",
        "learner": "li",
        "lab": "small-line",
        "slug": "small-line",
    }
    address = str(http.base_url).rstrip("/")
    schema = openapi.from_dict(http.get("/api/v1/openapi.json").json())
    schema.config.update(base_url=address)
    headers = bearing(getattr(tokens, role))
    checked = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.endswith("/events"):
            continue  # it lasts as long as the submission waits

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any) -> None:
            # Half of the cases name what exists: made-up ids would never come further than 404.
            if len(str(case.query)) % 2:
                for name in case.path_parameters or {}:
                    case.path_parameters[name] = known.get(name, case.path_parameters[name])
            answer = case.call(headers=headers)
            assert answer.status_code < 500 or answer.status_code == 503, answer.text
            case.validate_response(
                answer,
                checks=(
                    schemathesis.checks.not_a_server_error,
                    schemathesis.checks.response_schema_conformance,
                    schemathesis.checks.status_code_conformance,
                    schemathesis.checks.content_type_conformance,
                ),
            )

        ask()
        checked += 1
    assert checked > 20
