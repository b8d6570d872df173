"""The description in /openapi.json, tried out by schemathesis."""

import hypothesis
import pytest

from tests.serving.running import serving

schemathesis = pytest.importorskip("schemathesis")
checks = pytest.importorskip("schemathesis.specs.openapi.checks")
pytestmark = [pytest.mark.once, pytest.mark.large]
EXAMPLES = 15
"""Requests of each kind to each operation."""


@pytest.fixture(scope="module")
def described(saved_models):
    models = [saved_models / name for name in ("half_plus_two", "two")]
    with serving(*models) as server:
        yield schemathesis.openapi.from_url(f"{server.url}/openapi.json")


@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
def test_answers_are_those_that_are_described(described, mode):
    mode = schemathesis.GenerationMode[mode]
    tried = 0
    for result in described.get_all_operations():
        operation = result.ok()
        if mode.is_negative and not (operation.body or operation.query):
            continue

        @hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(operation.as_strategy(generation_mode=mode))
        def ask(case):
            # What a model takes is no part of the schema.
            case.call_and_validate(
                excluded_checks=[checks.positive_data_acceptance]
            )

        ask()
        tried += 1
    assert tried >= 6
