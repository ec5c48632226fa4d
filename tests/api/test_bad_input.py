"""Bad input gets a 4xx of its own that says what is wrong and where, and leaks nothing."""

import json
import re
import time

import httpx
import jwt
import pytest

from tests.api.conftest import SECRET, Api

DEEP = b'{"email":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
REGISTER = "/users"
USER = {"email": "ada@example.com", "username": "ada", "password": "correct horse"}


def body(**changes: object) -> bytes:
    return json.dumps({**USER, **changes}).encode()


BODIES = {
    "not JSON": (b"{", 400, "bad-json", None),
    "not UTF-8": (b'{"email":"\xff"}', 400, "bad-json", None),
    "trailing text": (b"{} {}", 400, "bad-json", None),
    "NaN": (b'{"email":NaN}', 422, "bad-json", ""),
    "Infinity": (b'{"email":-Infinity}', 422, "bad-json", ""),
    "NUL": (body(username="a\x00b"), 422, "bad-json", "/username"),
    "a lone surrogate": (b'{"username":"\\ud800"}', 422, "bad-json", "/username"),
    "a name twice": (b'{"email":"a","email":"b"}', 422, "bad-json", ""),
    "100,000 levels": (DEEP, 422, "bad-json", ""),
    "an array": (b"[]", 422, "invalid-arguments", ""),
    "null": (b"null", 422, "invalid-arguments", ""),
    "nothing": (b"", 422, "invalid-arguments", "/email"),
    "a missing argument": (b'{"email":"a@example.com"}', 422, "invalid-arguments", "/username"),
    "an unknown argument": (body(nick="x"), 422, "invalid-arguments", "/nick"),
    "the wrong type": (body(username=7), 422, "invalid-arguments", "/username"),
    "a broken check": (body(email="nobody"), 422, "invalid-arguments", "/email"),
    "a short password": (body(password="short"), 422, "invalid-arguments", "/password"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_says_what_is_wrong_and_where(shared_api: Api, name: str) -> None:
    content, status, slug, pointer = BODIES[name]

    answer = shared_api.post(
        REGISTER, content=content, headers={"content-type": "application/json"}
    )

    assert_problem(answer, status, slug)
    assert answer.json().get("pointer") == pointer


@pytest.mark.parametrize("name", ["not JSON", "NUL", "100,000 levels", "an array", "nothing"])
def test_a_bad_body_of_a_login_is_no_different(shared_api: Api, name: str) -> None:
    content = BODIES[name][0]

    answer = shared_api.post(
        "/auth/login", content=content, headers={"content-type": "application/json"}
    )

    assert_problem(answer, BODIES[name][1])


REQUESTS = {
    "unknown path": ("GET", "/nothing/here", {}, 404, "no-such-path"),
    "wrong method": ("PUT", "/products", {}, 405, "method-not-allowed"),
    "wrong method of a page": ("DELETE", "/auth/login", {}, 405, "method-not-allowed"),
    "no such row": ("GET", "/products/987654321", {}, 404, "not-found"),
    "no integer": ("GET", "/products/abc", {}, 422, "invalid-arguments"),
    "an integer too large": ("GET", "/products/9" + "9" * 40, {}, 422, "invalid-arguments"),
    "NUL in the path": ("GET", "/products/%00", {}, 422, "invalid-arguments"),
    "a path that is not UTF-8": ("GET", "/products/%ff", {}, 400, "bad-path"),
    "NUL in the query": ("GET", "/products?search=%00", {}, 422, "invalid-arguments"),
    "a query that is not UTF-8": ("GET", "/products?search=%ff", {}, 400, "bad-query"),
    "unknown argument": ("GET", "/products?colour=red", {}, 422, "invalid-arguments"),
    "argument given twice": ("GET", "/products?limit=1&limit=2", {}, 422, "invalid-arguments"),
    "too large a page": ("GET", "/products?limit=1000", {}, 422, "invalid-arguments"),
    "a cursor made up": ("GET", "/products?cursor=zzz", {}, 422, "invalid-arguments"),
    "too many fields": ("GET", "/products?" + "a=1&" * 2000, {}, 400, "bad-query"),
    "no token": ("GET", "/me", {}, 401, "token-needed"),
    "no bearer": ("GET", "/me", {"authorization": "Basic eA=="}, 401, "token-invalid"),
    "no JWT": ("GET", "/me", {"authorization": "Bearer x.y.z"}, 401, "token-invalid"),
    "wrong type": ("POST", "/users", {"content-type": "text/plain"}, 415, "wrong-content-type"),
    "wrong charset": (
        "POST", "/users", {"content-type": "application/json; charset=latin1"}, 415,
        "wrong-content-type",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_a_bad_request_has_its_own_problem(shared_api: Api, name: str) -> None:
    method, path, headers, status, slug = REQUESTS[name]
    content = b"{}" if method == "POST" else None

    answer = shared_api.request(method, path, headers=headers, content=content)

    assert_problem(answer, status, slug)


def test_a_body_over_the_limit_is_refused(shared_api: Api) -> None:
    content = body(email="a" * shared_api.settings.max_body_bytes)

    answer = shared_api.post(REGISTER, content=content)

    assert_problem(answer, 413, "body-too-large")


def test_a_body_over_the_limit_is_refused_without_its_length_too(shared_api: Api) -> None:
    chunks = (b" " * 65_536 for _ in range(shared_api.settings.max_body_bytes // 65_536 + 2))

    answer = shared_api.post(REGISTER, content=chunks)

    assert_problem(answer, 413, "body-too-large")


def claims(**changes: object) -> dict[str, object]:
    now = int(time.time())
    return {
        "iss": "penstock", "aud": "penstock", "sub": "1", "role": "member", "typ": "access",
        "iat": now, "exp": now + 60, **changes,
    }  # fmt: skip


DEEP_CLAIM: list[object] = []
for _ in range(100):
    DEEP_CLAIM = [DEEP_CLAIM]
FORGED = {
    "expired": jwt.encode(claims(exp=int(time.time()) - 3600), SECRET),
    "another key": jwt.encode(claims(), "another secret that is as long as it should be"),
    "no algorithm": jwt.encode(claims(), None, algorithm="none"),
    "another algorithm": jwt.encode(claims(), SECRET * 2, algorithm="HS512"),
    "another issuer": jwt.encode(claims(iss="elsewhere"), SECRET),
    "another audience": jwt.encode(claims(aud="elsewhere"), SECRET),
    "audience as a list": jwt.encode(claims(aud=["penstock", "elsewhere"]), SECRET),
    "no subject": jwt.encode({k: v for k, v in claims().items() if k != "sub"}, SECRET),
    "no expiry": jwt.encode({k: v for k, v in claims().items() if k != "exp"}, SECRET),
    "not an access token": jwt.encode(claims(typ="refresh"), SECRET),
    "a role of the machinery": jwt.encode(claims(role="gatekeeper"), SECRET),
    "a NUL in a claim": jwt.encode(claims(note="a\x00b"), SECRET),
    "half a surrogate pair in a claim": jwt.encode(claims(note="\ud800"), SECRET),
    "a claim that is no number": jwt.encode(claims(note=float("nan")), SECRET),
    "a claim too deep": jwt.encode(claims(note=DEEP_CLAIM), SECRET),
    "a role that is a list": jwt.encode(claims(role=["admin"]), SECRET),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_token_that_is_not_ours_is_refused(shared_api: Api, name: str) -> None:
    answer = shared_api.get("/me", headers={"authorization": f"Bearer {FORGED[name]}"})

    assert_problem(answer, 401, "token-invalid")
    assert "invalid_token" in answer.headers["www-authenticate"]


def test_a_good_token_is_not_refused(shared_api: Api) -> None:
    """The control: the same claims, signed with our key, are let in."""
    token = jwt.encode(claims(), SECRET)

    answer = shared_api.get("/products", headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == 200


def assert_problem(answer: httpx.Response, status: int, slug: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert len(problem["detail"]) > 10
    assert slug is None or problem["type"] == f"/problems/{slug}"
    leaks = re.search(r"\b(app|auth|pg_\w+)\.\w+|select |insert |Traceback|psycopg", answer.text)
    assert leaks is None, leaks
