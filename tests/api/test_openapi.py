"""The description tells the truth: it is valid, complete, and what is answered fits it."""

import http.client
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from api import check
from db import demo
from db.database import Database
from db.testbed import Testbed
from tests.api.conftest import Api, running
from tests.api.test_retail import SMALL


@pytest.fixture(scope="module")
def base(bed: Testbed) -> Iterator[Database]:
    with bed.database() as database:
        demo.seed(database.deployer_url)
        yield database


@pytest.fixture(scope="module")
def shop(base: Database) -> Iterator[Api]:
    with running(base.serve_url) as client:
        yield client


@pytest.fixture(scope="module")
def admin(shop: Api, base: Database) -> Iterator[Api]:
    ((user_id,),) = base.rows("select id from app.users where email = 'admin@demo.example'")
    with shop.as_user(user_id, "admin") as client:
        yield client


@pytest.fixture(scope="module")
def document(shop: Api) -> dict[str, Any]:
    described: dict[str, Any] = shop.get("/openapi.json").json()
    return described


def operation(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"]["/api/v1" + path][method.lower()]
    return found


def validator(document: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": document["components"]})


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()

    assert document["openapi"] == "3.1.0"


def test_a_broken_document_would_not_be(document: dict[str, Any]) -> None:
    """The control of the one above."""
    broken = {**document, "paths": {"/x": {"get": {"responses": {"200": {}}}}}}

    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


def test_every_endpoint_of_the_store_is_there(document: dict[str, Any], base: Database) -> None:
    endpoints, errors = check.read(base.serve_url, ("api",))
    described = {
        (method.upper(), path) for path, item in document["paths"].items() for method in item
    }

    assert errors == []
    assert described == {(e.method, "/api/v1" + e.path) for e in endpoints} | {
        ("POST", f"/api/v1/auth/{name}") for name in ("login", "refresh", "logout", "password")
    } | {("POST", "/api/v1/batch")}
    assert len(endpoints) > 25


def test_every_operation_has_its_words_and_its_problems(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for method, described in item.items():
            assert described["summary"], (method, path)
            assert described["responses"]["default"], (method, path)
            for status, response in described["responses"].items():
                assert response["description"], (method, path, status)
                if status[0] in "45":
                    assert list(response["content"]) == ["application/problem+json"]


def test_the_limits_of_domains_are_told(document: dict[str, Any]) -> None:
    listed = operation(document, "GET", "/products")
    parameters = {each["name"]: each for each in listed["parameters"]}
    limit = parameters["limit"]

    assert {k: limit["schema"][k] for k in ("type", "minimum", "maximum", "default")} == {
        "type": "integer", "minimum": 1, "maximum": 100, "default": 20,
    }  # fmt: skip
    assert limit["in"] == "query"
    assert limit["required"] is False
    assert limit["description"] == "How many entries of a list to return at once."
    assert parameters["cursor"]["schema"]["type"] == "string"
    sort = document["components"]["schemas"]["product_sort"]
    assert sort["enum"] == ["name", "price", "newest"]


def test_a_body_is_described_field_by_field(document: dict[str, Any]) -> None:
    body = operation(document, "POST", "/users")["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    password = schema["properties"]["password"]

    assert body["required"] is True
    assert schema["required"] == ["email", "username", "password"]
    assert schema["additionalProperties"] is False
    assert (password["format"], password["minLength"]) == ("password", 8)


def test_who_may_call_is_told(document: dict[str, Any]) -> None:
    assert operation(document, "GET", "/products")["security"] == [
        {}, {"bearer": []}, {"cookie": []},
    ]  # fmt: skip
    assert operation(document, "GET", "/me")["security"] == [{"bearer": []}, {"cookie": []}]


def fill(path: str, base: Database) -> str:
    tables = {"product_id": "app.products", "user_id": "app.users", "order_id": "app.orders",
              "job_id": "penstock.long_calls",
              "post_id": "app.posts where published_at is not null"}  # fmt: skip

    def one(match: re.Match[str]) -> str:
        table = tables.get(match[1])
        first = f"select id from {table} order by id limit 1"
        return str(base.rows(first)[0][0]) if table else "1"

    return re.sub(r"\{(\w+)\}", one, path)


def test_what_is_answered_fits_what_is_described(
    document: dict[str, Any], admin: Api, base: Database
) -> None:
    checked, empty = 0, []
    assert admin.post("/me/keys", json={"name": "a service"}).status_code == 201
    file = {"content": SMALL, "headers": {"content-type": "text/csv"}}
    assert admin.post("/imports/retail", **file).status_code == 201
    file["headers"]["prefer"] = "respond-async"
    assert admin.post("/imports/retail", **file).status_code == 202
    for path, item in document["paths"].items():
        if "get" not in item or path.endswith("/events"):  # a stream never ends
            continue
        answer = admin.get(admin.origin + fill(path, base))
        if answer.status_code == 404:
            continue
        assert answer.status_code == 200, (path, answer.text)
        schema = item["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        problems = list(validator(document, schema).iter_errors(answer.json()))
        assert problems == [], path
        checked += 1
        if not answer.json():
            empty.append(path)

    assert checked >= 10
    assert len(empty) <= 2, empty


def test_a_validator_of_these_schemas_can_fail(
    document: dict[str, Any], admin: Api, base: Database
) -> None:
    """The control of the one above: spoil each field of an answer, and it no longer fits."""
    described = operation(document, "GET", "/products/{product_id}")
    schema = described["responses"]["200"]["content"]["application/json"]["schema"]
    row = admin.get(fill("/products/{product_id}", base)).json()
    checks = validator(document, schema)

    assert checks.is_valid(row)
    for field in row:
        assert not checks.is_valid({**row, field: [[]]}), field
        assert not checks.is_valid({k: v for k, v in row.items() if k != field}), field


def test_a_problem_fits_its_schema(document: dict[str, Any], shop: Api) -> None:
    checks = validator(document, {"$ref": "#/components/schemas/Problem"})
    answers = [
        shop.get("/products?limit=0"),
        shop.get("/products/999999999"),
        shop.get("/nothing"),
        shop.get("/me"),
        shop.post("/auth/login", json={}),
        shop.post("/auth/login", json={"email": "a@b.example", "password": "wrong"}),
    ]

    assert [answer.status_code for answer in answers] == [422, 404, 404, 401, 422, 401]
    for answer in answers:
        assert list(checks.iter_errors(answer.json())) == []


class Links(HTMLParser):
    """Everything that a page loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline: list[str] = []
        self._in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [v for k in ("src", "href", "spec-url", "data-url") if (v := given.get(k))]
        self._in_script = tag == "script" and "src" not in given

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.inline.append(data)


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_a_page_loads_from_this_server_alone(shop: Api, page: str) -> None:
    answer = httpx.get(shop.origin + page)
    links = Links(answer.text)

    assert answer.status_code == 200
    assert links.found
    assert links.inline == []
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"https?:|//", answer.text.replace("<!doctype html>", ""))
    for link in links.found:
        loaded = httpx.get(httpx.URL(shop.origin + page).join(link))
        assert loaded.status_code == 200, link
        assert len(loaded.content) > 100, link


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../pyproject.toml", "/assets/..%2f..%2f..%2fetc/passwd", "/assets/%2e%2e/x",
        "/assets//etc/passwd", "/assets/%00", "/assets/", "/assets/nothing.js", "/assets/..\\x",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_assets(shop: Api, path: str) -> None:
    connection = http.client.HTTPConnection(shop.origin.removeprefix("http://"))
    connection.request("GET", path)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()

    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert b"root:" not in content


FOREIGN = """
create schema one; create schema two;
create type one.thing as (a int); create type two.thing as (b text);
create type one."Odd / Thing" as ("a b" int);
create type one.tree as (name text, price numeric(5,2), children text[]);
create function one.get_thing() returns one.thing stable language sql as 'select 1';
comment on function one.get_thing is 'HTTP';
create function two.get_thing() returns two.thing stable language sql as $$ select 'x' $$;
comment on function two.get_thing is 'HTTP GET /two';
create function one.odd() returns one."Odd / Thing" stable language sql as 'select 1';
comment on function one.odd is 'HTTP';
create function one.grow(t one.tree) returns setof one.tree immutable language sql as 'select t';
comment on function one.grow is 'HTTP POST';
create type one."Problem" as (mine text);
create function one.problem() returns one."Problem" stable language sql as $$ select 'x' $$;
comment on function one.problem is 'HTTP';
grant usage on schema one, two to public;
"""


def test_somebody_elses_schemas_with_equal_and_odd_names_are_described_well(bed: Testbed) -> None:
    with bed.database("template0") as database:
        database.psql(FOREIGN)
        with running(database.serve_url, api_schemas=("one", "two"), api_prefix="") as api:
            described = api.get("/openapi.json").json()
            OpenAPIV31SpecValidator(described).validate()

            for path in ("/get-thing", "/two", "/odd", "/problem"):
                get = described["paths"][path]["get"]
                schema = get["responses"]["200"]["content"]["application/json"]["schema"]
                value = api.get(path).json()
                assert list(validator(described, schema).iter_errors(value)) == [], path
                assert not validator(described, schema).is_valid({"other": 1}), path
            tree = {"name": "a", "price": 1.25, "children": ["b"]}
            assert api.post("/grow", json={"t": tree}).json() == [tree]
