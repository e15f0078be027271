"""The API: who may, what it takes, what it answers, and what it never says."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import builders
import httpx
import pytest
from evening import PASSWORD_ALONE, SITE, FakeLine, sign_in
from fastapi import FastAPI
from rota_on_console import SCHEME, a_rota, acts, who_is_on
from sqlalchemy import select, update

from console.api_description import described
from console.api_tokens import Scope, end_token, make_token
from console.app import create_app
from console.sessions import TRIES
from listeners.apart_store import import_keep_apart
from models import tables
from models.clock import now
from models.database import Database
from models.words import PhoneKind
from rota.site_rota import By

KEY = b"the key of the site"
HEADER = "code_name,prison_number,location,restriction,reason,role,other_code_name\n"
PAIR = {"code_name": "Kestrel", "restriction": "CELL", "reason": "THREAT", "role": "VICTIM"}
B14 = PAIR | {"prison_number": "A1234BC", "location": "B-2-014"}


@pytest.fixture
def app(database: Database, line: FakeLine) -> FastAPI:
    return create_app(
        database, line=line, secret="s" * 40, site=SITE, scheme=SCHEME, apart_key=KEY, rules=PASSWORD_ALONE
    )


@pytest.fixture
def monday(database: Database) -> date:
    return a_rota(database)


@pytest.fixture
def system(browser: httpx.Client, database: Database) -> Iterator[httpx.Client]:
    """The prison's records, which tell of movements."""
    yield from with_token(browser, database, Scope.MOVEMENTS)


@pytest.fixture
def safety(browser: httpx.Client, database: Database) -> Iterator[httpx.Client]:
    """Who keeps non-associations."""
    yield from with_token(browser, database, Scope.KEEP_APART)


def a_token(database: Database, scope: Scope, name: str = "records") -> str:
    return database.do(lambda session: make_token(session, SITE, name, scope, By("ann", now())))


def with_token(browser: httpx.Client, database: Database, scope: Scope) -> Iterator[httpx.Client]:
    secret = a_token(database, scope, f"for-{scope}")
    with httpx.Client(base_url=browser.base_url, headers={"Authorization": f"Bearer {secret}"}, timeout=60) as client:
        yield client


def a_movement(code_name: str = "Kestrel", kind: str = "court", since: object = "2026-12-01T08:30", **more: str) -> Any:
    return {"code_name": code_name, "kind": kind, "since": str(since)} | more


def told(system: httpx.Client, *rows: object) -> httpx.Response:
    return system.post("/api/v1/movements", json=list(rows))


def movements(database: Database) -> list[tuple[str, str]]:
    with database.transaction() as session:
        rows = session.scalars(select(tables.Movement).order_by(tables.Movement.listener_id))
        return [(row.listener_id.removeprefix("listener-"), row.source) for row in rows]


def pairs(database: Database) -> list[tuple[str, str | None, str]]:
    with database.transaction() as session:
        rows = session.scalars(select(tables.KeepApart).order_by(tables.KeepApart.listener_id, tables.KeepApart.other))
        return [(row.listener_id.removeprefix("listener-"), row.cell_id, row.restriction) for row in rows]


# ---- who may


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/v1/movements"), ("GET", "/api/v1/movements"), ("POST", "/api/v1/keep-apart")],
)
@pytest.mark.parametrize(
    "header", [None, "Bearer wingline_guessed", "Bearer", "Basic c2FtOnNhbQ==", "Bearer \xfcn\xef"]
)
def test_without_a_token_that_is_known_nothing_opens(
    browser: httpx.Client, database: Database, method: str, path: str, header: str | None
) -> None:
    headers = {"Authorization": header.encode("latin-1")} if header else {}
    answer = browser.request(method, path, headers=headers, json=a_movement() if method == "POST" else None)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert set(answer.json()) == {"error"}
    assert movements(database) == []


def test_the_cookie_of_a_coordinator_opens_no_api(browser: httpx.Client, database: Database) -> None:
    sign_in(browser, "sam")

    assert browser.post("/api/v1/movements", json=a_movement()).status_code == 401
    assert browser.get("/api/v1/movements").status_code == 401
    assert movements(database) == []


def test_a_token_opens_what_it_was_made_for_and_no_page(
    system: httpx.Client, safety: httpx.Client, database: Database
) -> None:
    wrong = (safety.post("/api/v1/movements", json=a_movement()), safety.get("/api/v1/movements"))
    other_wrong = system.post("/api/v1/keep-apart", json=B14)
    pages = [system.get(path).headers["location"] for path in ("/", "/movements", "/rota")]

    assert [one.status_code for one in (*wrong, other_wrong)] == [403] * 3
    assert wrong[0].json()["error"] == "this token opens keep-apart only; make one with the scope movements"
    assert pages == ["/sign-in"] * 3
    assert (movements(database), pairs(database)) == ([], [])


def test_a_token_that_was_ended_opens_nothing_and_another_of_its_name_does(
    browser: httpx.Client, database: Database
) -> None:
    old = a_token(database, Scope.MOVEMENTS)
    database.do(lambda session: end_token(session, SITE, "records", By("ann", now())))
    new = a_token(database, Scope.MOVEMENTS)

    answers = [
        browser.get("/api/v1/movements", headers={"Authorization": f"Bearer {one}"}).status_code for one in (old, new)
    ]
    assert answers == [401, 200]


def test_wrong_tokens_are_braked_and_who_has_the_right_one_is_let_in_meanwhile(
    browser: httpx.Client, system: httpx.Client
) -> None:
    wrong = {"Authorization": "Bearer wingline_guessed"}
    answers = [browser.get("/api/v1/movements", headers=wrong) for _ in range(TRIES + 1)]

    assert [one.status_code for one in answers] == [401] * TRIES + [429]
    assert answers[-1].headers["retry-after"] == "120"
    assert system.get("/api/v1/movements").status_code == 200
    assert browser.get("/api/v1/movements", headers=wrong).status_code == 429


def test_when_a_token_was_used_is_kept(system: httpx.Client, database: Database) -> None:
    before = now()
    system.get("/api/v1/movements")

    with database.transaction() as session:
        row = session.scalars(select(tables.Token)).one()
        assert row.last_used_at is not None
        assert before <= row.last_used_at <= now()
        assert row.hash not in {None, ""}
        assert row.hash not in system.headers["Authorization"]


# ---- movements


def test_movements_that_are_told_take_effect_at_once(system: httpx.Client, database: Database, monday: date) -> None:
    answer = told(system, a_movement("Kestrel", "court", f"{monday}T18:00"), a_movement("Osprey", "hospital", monday))

    assert answer.status_code == 200
    found = answer.json()
    assert (found["right"], found["new"], found["changed"], found["wrong"]) == (2, 2, 0, [])
    (freed,) = found["freed"]
    assert (freed["code_name"], freed["slot"], freed["cover"]) == ("Kestrel", f"night {monday}", "first")
    assert who_is_on(database, monday) == {("Linnet", "backup")}
    assert movements(database) == [("Kestrel", "api"), ("Osprey", "api")]
    assert ("token for-movements", "movements_recorded") in acts(database)


def test_one_row_may_come_without_a_list(system: httpx.Client, database: Database) -> None:
    answer = system.post("/api/v1/movements", json=a_movement())

    assert (answer.status_code, answer.json()["new"]) == (200, 1)
    assert len(movements(database)) == 1


def test_told_again_it_is_the_same_movement_and_what_is_new_about_it_counts(
    system: httpx.Client, database: Database
) -> None:
    told(system, a_movement())
    again = told(system, a_movement()).json()
    changed = told(system, a_movement(until="2026-12-01T17:00")).json()

    assert (again["right"], again["new"], again["changed"]) == (1, 0, 0)
    assert (changed["new"], changed["changed"]) == (0, 1)
    assert len(movements(database)) == 1
    assert [what for _, what in acts(database) if what == "movements_recorded"] == ["movements_recorded"] * 2


def test_wrong_rows_are_named_and_keep_no_right_one_back(system: httpx.Client, database: Database) -> None:
    rows = [
        a_movement("Kite"),
        a_movement(),
        "court",
        {"code_name": "Kestrel", "kind": 7, "since": "2026-12-01"},
        a_movement(kind="holiday"),
        {"kind": "court"},
        a_movement(kind="cell_move", cell="B-9-999"),
        a_movement(until="2020-01-01"),
    ]
    answer = told(system, *rows)

    assert answer.status_code == 422
    found = answer.json()
    assert (found["right"], found["new"]) == (1, 1)
    said = {one["row"]: one["what"] for one in found["wrong"]}
    assert sorted(said) == [1, 3, 4, 5, 6, 7, 8]
    assert said[1] == "code_name: there is no Listener with this code name at this site; correct it"
    assert said[3] == "row: write an object whose keys are the names of the columns"
    assert said[4] == "kind: write it as text, in quotation marks"
    assert said[5].startswith("kind: write one of transfer,")
    assert said[7].startswith("cell: there is no such cell")
    assert said[8] == "until: it must be later than since"
    assert not [word for word in ("Kite", "holiday", "B-9-999", "2020") if word in answer.text]
    assert len(movements(database)) == 1


@pytest.mark.parametrize(
    "body", [b"", b"code_name,kind,since\n", b'{"code_name": "A1234BC', b"\xff\xfe", b"[" * 90_000]
)
def test_what_is_not_json_is_refused_without_being_repeated(
    system: httpx.Client, database: Database, body: bytes
) -> None:
    answer = system.post("/api/v1/movements", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json() == {"error": "the body is not JSON; send one row as an object, or a list of them"}
    assert movements(database) == []


def test_a_list_of_nothing_is_right_and_changes_nothing(system: httpx.Client, database: Database) -> None:
    answer = told(system)

    assert (answer.status_code, answer.json()["right"]) == (200, 0)
    assert [what for who, what in acts(database) if who.startswith("token")] == []


def test_a_cell_move_says_who_has_another_phone(system: httpx.Client, database: Database, monday: date) -> None:
    with database.transaction() as session:
        session.add(builders.a_phone(PhoneKind.CELL, id="phone-14", cell_id="cell-b14"))
    answer = told(system, a_movement(kind="cell_move", since=monday - timedelta(days=30), cell="B-2-014"))

    assert answer.json()["moved"] == ["Kestrel"]
    with database.transaction() as session:
        assert session.get_one(tables.Listener, "listener-Kestrel").phone_id == "phone-14"


def test_what_counts_now_or_will_can_be_asked(system: httpx.Client, database: Database) -> None:
    at = now().replace(microsecond=0)
    later = (at + timedelta(days=9)).isoformat()
    told(
        system, a_movement("Linnet", "release", later), a_movement("Kestrel", "court", "2020-01-01", until="2020-01-02")
    )
    told(system, a_movement("Merlin", "hospital", (at - timedelta(days=1)).isoformat()))
    with database.transaction() as session:
        session.execute(update(tables.Movement).where(tables.Movement.kind == "release").values(source="csv"))
    found = system.get("/api/v1/movements").json()["movements"]

    assert [(one["code_name"], one["kind"], one["until"], one["cell"]) for one in found] == [
        ("Merlin", "hospital", None, None),
        ("Linnet", "release", None, None),
    ]
    assert found[1]["since"].startswith(later[:19])


# ---- keep-apart rules


def test_pairs_come_in_hmpps_own_shape_and_the_answer_names_nobody(safety: httpx.Client, database: Database) -> None:
    other = PAIR | {"code_name": "Linnet", "other_code_name": "Merlin", "restriction": "wing"}
    answer = safety.post("/api/v1/keep-apart", json=[B14, other])

    assert answer.status_code == 200
    assert answer.json() == {"right": 2, "new": 2, "changed": 0, "removed": 0, "wrong": []}
    assert pairs(database) == [("Kestrel", "cell-b14", "CELL"), ("Linnet", None, "WING")]
    assert ("token for-keep-apart", "keep_apart_recorded") in acts(database)


def test_a_pair_is_the_same_whether_it_comes_by_file_or_by_api(safety: httpx.Client, database: Database) -> None:
    file = f"{HEADER}Kestrel,A1234BC,B-2-014,CELL,THREAT,VICTIM,\n"
    database.do(lambda session: import_keep_apart(session, SITE, file, key=KEY))
    same = safety.post("/api/v1/keep-apart", json=B14).json()
    wider = safety.post("/api/v1/keep-apart", json=B14 | {"restriction": "WING"}).json()

    assert (same["right"], same["new"], same["changed"]) == (1, 0, 0)
    assert (wider["new"], wider["changed"]) == (0, 1)
    assert pairs(database) == [("Kestrel", "cell-b14", "WING")]


def test_whole_removes_what_is_not_there_unless_a_row_is_wrong(safety: httpx.Client, database: Database) -> None:
    safety.post("/api/v1/keep-apart", json=[B14, B14 | {"prison_number": "B2345CD"}])
    wrong = safety.post("/api/v1/keep-apart?whole=true", json=[B14, B14 | {"prison_number": "17"}])
    nothing = safety.post("/api/v1/keep-apart?whole=true", json=[])
    whole = safety.post("/api/v1/keep-apart?whole=true", json=B14)

    assert (wrong.status_code, wrong.json()["removed"]) == (422, 0)
    assert nothing.json()["removed"] == 0
    assert (whole.status_code, whole.json()["removed"]) == (200, 1)
    assert len(pairs(database)) == 1


def test_wrong_pairs_are_named_by_row_and_never_by_what_stands_there(safety: httpx.Client, database: Database) -> None:
    rows = [
        B14 | {"prison_number": "A12"},
        B14 | {"location": "X-9"},
        B14,
        B14 | {"reason": "DISLIKE"},
        B14,
        PAIR | {"other_code_name": "Kestrel"},
        B14 | {"role": None},
    ]
    answer = safety.post("/api/v1/keep-apart", json=rows)

    said = {one["row"]: one["what"] for one in answer.json()["wrong"]}
    assert answer.status_code == 422
    assert sorted(said) == [1, 2, 4, 5, 6, 7]
    assert said[5] == "code_name: the same pair stands in row 3 already; leave one of the two rows"
    assert not [word for word in ("A12", "X-9", "DISLIKE", "B-2-014") if word in answer.text.replace("A1234BC", "")]
    assert len(pairs(database)) == 1


def test_who_is_kept_apart_cannot_be_asked(safety: httpx.Client) -> None:
    assert safety.get("/api/v1/keep-apart").status_code == 405


def test_without_the_sites_key_there_is_no_such_address(database: Database, line: FakeLine) -> None:
    app = create_app(database, line=line, secret="s" * 40, site=SITE, rules=PASSWORD_ALONE)

    assert "/api/v1/keep-apart" not in described(app)["paths"]


# ---- what it says of itself


def test_it_describes_itself_and_nothing_else(app: FastAPI) -> None:
    paths = described(app)["paths"]

    assert {(method, path.removeprefix("/api/v1/")) for path in paths for method in paths[path]} == {
        ("get", "openapi.json"),
        ("post", "alarms"),
        ("get", "rota"),
        ("post", "movements"),
        ("get", "movements"),
        ("get", "escalations"),
        ("get", "health"),
        ("post", "keep-apart"),
        ("get", "listeners"),
        ("get", "figures"),
    }
    for path in ("/api/v1/movements", "/api/v1/keep-apart"):
        one, many = paths[path]["post"]["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
        assert many["items"] == one
        assert "code_name" in one["required"]


def test_each_address_says_which_scope_opens_it_and_how_it_refuses(app: FastAPI) -> None:
    said = described(app)
    operations = {path: one for path, some in said["paths"].items() for one in some.values()}
    own = operations.pop("/api/v1/openapi.json")

    assert said["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert own["security"] == [{"session": []}, {"token": []}]
    for path, one in operations.items():
        assert one["security"] == [{"token": [path.removeprefix("/api/v1/")]}]
        assert {"200", "401", "403", "422", "429", "503"} <= set(one["responses"])
    assert {"400", "411", "413"} <= set(said["paths"]["/api/v1/keep-apart"]["post"]["responses"])


@pytest.mark.parametrize("scope", Scope)
def test_a_token_of_any_scope_reads_the_description(
    scope: Scope, app: FastAPI, browser: httpx.Client, database: Database
) -> None:
    headers = {"Authorization": f"Bearer {a_token(database, scope)}"}

    assert browser.get("/api/v1/openapi.json", headers=headers).json() == described(app)


def test_who_is_signed_in_reads_the_description_and_nobody_else(browser: httpx.Client) -> None:
    path = "/api/v1/openapi.json"
    before, wrong = browser.get(path), browser.get(path, headers={"Authorization": "Bearer wingline_guessed"})
    sign_in(browser, "sam")

    assert [one.status_code for one in (before, wrong, browser.get(path))] == [401, 401, 200]
    for elsewhere in ("/openapi.json", "/docs", "/redoc", "/api/v1"):
        assert browser.get(elsewhere).status_code == 404


def test_a_wrong_parameter_is_named_and_not_repeated(browser: httpx.Client, database: Database) -> None:
    headers = {"Authorization": f"Bearer {a_token(database, Scope.ROTA)}"}
    for query, said in (
        ("days=93", "days: write less than or equal to 92"),
        ("days=many", "days: write a valid integer"),
        ("since=2026-13-01", "since: write a valid date or datetime"),
        ("since=1999-01-01", "since: write a day of the years 2000 to 2199"),
        ("days=1&since=2026-12-01%00", "something that was sent is too long"),
        ("day=1", "this address takes days, since; leave out what is called otherwise"),
    ):
        answer = browser.get(f"/api/v1/rota?{query}", headers=headers)
        assert answer.status_code == 422
        assert answer.json()["error"].startswith(said)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/v1/rotas", 404), ("DELETE", "/api/v1/rota", 405)])
def test_what_there_is_not_is_said_as_json(browser: httpx.Client, method: str, path: str, status: int) -> None:
    answer = browser.request(method, path)

    assert (answer.status_code, set(answer.json())) == (status, {"error"})
