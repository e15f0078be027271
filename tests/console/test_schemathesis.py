"""The API against its own description: what it describes is true, and nothing that is sent makes it fail.

A long run: ``WINGLINE_FUZZ=500 pytest tests/console/test_schemathesis.py`` (docs/console-figures.md).
"""

import copy
from collections.abc import Iterator

import pytest
import requests
import schemathesis
from fuzzed import a_console, bounded
from hypothesis import given
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import CHECKS
from test_roles import SCOPES

from console.api_description import described
from console.api_tokens import Scope, make_token
from models.clock import now
from models.words import SiteId
from rota.site_rota import By

PATHS = (
    *(("GET", path) for path in SCOPES if path not in {"/api/v1/keep-apart", "/api/v1/alarms"}),
    ("POST", "/api/v1/movements"),
    ("POST", "/api/v1/keep-apart"),
    ("POST", "/api/v1/alarms"),
    ("GET", "/api/v1/openapi.json"),
)
# Which Listeners, cells and words there are, and what is published, no schema says. Of wrong tokens the sixth is braked
# with 429, which the check for them takes for no refusal: the last test here is in its place.
NOT_ALL_TAKEN = {
    ("POST", "/api/v1/movements"),
    ("POST", "/api/v1/keep-apart"),
    ("GET", "/api/v1/figures"),
    ("GET", "/api/v1/rota"),
}


class Api:
    """Every operation, and the token that opens it."""

    def __init__(self, address: str, schema: schemathesis.BaseSchema, tokens: dict[Scope, str]) -> None:
        self.address, self._schema, self._tokens = address, schema, tokens

    def operation(self, method: str, path: str) -> APIOperation:
        return self._schema[path][method]

    def headers(self, path: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens[SCOPES.get(path, Scope.HEALTH)]}"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with a_console(tmp_path_factory.mktemp("fuzzed")) as (app, address, database):
        by = By("root", now())
        site = SiteId(app.state.desk.site)
        tokens = {
            scope: database.do(lambda session, one=scope: make_token(session, site, f"of-{one}", one, by))
            for scope in Scope
        }
        yield Api(address, schemathesis.openapi.from_dict(copy.deepcopy(described(app))), tokens)


def test_every_operation_is_tried(api: Api) -> None:
    tried = {f"{method} {path}" for method, path in PATHS}

    assert {one.ok().label for one in api._schema.get_all_operations()} == tried


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("method", "path"), PATHS)
def test_the_description_is_true_whatever_is_sent(api: Api, method: str, path: str, mode: GenerationMode) -> None:
    operation = api.operation(method, path)
    left_out = {"ignored_auth", *({"positive_data_acceptance"} if (method, path) in NOT_ALL_TAKEN else ())}
    not_these = CHECKS.get_by_names(sorted(left_out))
    with requests.Session() as session:

        @given(case=operation.as_strategy(generation_mode=mode))
        @bounded(25)
        def conforms(case: Case) -> None:
            case.call_and_validate(
                base_url=api.address, session=session, headers=api.headers(path), excluded_checks=not_these
            )

        conforms()


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_nobody_gets_in_without_a_token(api: Api, method: str, path: str) -> None:
    @given(case=api.operation(method, path).as_strategy())
    @bounded(4)
    def refused(case: Case) -> None:
        answer = case.call(base_url=api.address, headers={"Authorization": ""})
        # What is no text is refused before anybody is asked who they are (console/texts.py).
        sent = (*(case.query or {}).values(), *(case.path_parameters or {}).values())
        assert answer.status_code == (422 if any("\0" in str(one) for one in sent) else 401)
        assert set(answer.json()) == {"error"}

    refused()
