"""Logging in: who may, what the token says, and what an attacker is not told."""

import json

import bcrypt
import jwt
import pytest

from db.database import Database
from tests.api.conftest import SECRET, Api

ADA = {"email": "ada@example.com", "username": "ada", "password": "correct horse"}
CREDENTIALS = {"email": "ADA@example.com", "password": "correct horse"}


@pytest.fixture
def ada(api: Api) -> int:
    answer = api.post("/users", json=ADA)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def stored(database: Database) -> str:
    return str(database.rows("select password_hash::text from auth.credentials")[0][0])


def test_register_log_in_and_be_known(api: Api, ada: int) -> None:
    answer = api.post("/auth/login", json=CREDENTIALS)

    assert answer.status_code == 200
    token = answer.json()["access_token"]
    claims = jwt.decode(token, SECRET, ["HS256"], audience="penstock")
    assert (claims["sub"], claims["role"], claims["typ"]) == (str(ada), "member", "access")
    assert claims["exp"] - claims["iat"] == answer.json()["expires_in"] == 900
    me = api.get("/me", headers={"authorization": f"Bearer {token}"}).json()
    assert me["email"] == ADA["email"]
    assert "password" not in json.dumps(me)


def test_the_password_is_kept_as_argon2id_alone(api: Api, ada: int, database: Database) -> None:
    assert stored(database).startswith("$argon2id$")


def test_wrong_and_unknown_are_told_the_same(api: Api, ada: int) -> None:
    wrong = api.post("/auth/login", json={**CREDENTIALS, "password": "wrong horse"})
    unknown = api.post("/auth/login", json={**CREDENTIALS, "email": "nobody@example.com"})

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() | {"request_id": ""} == unknown.json() | {"request_id": ""}


def test_who_is_not_active_does_not_get_in(api: Api, ada: int, database: Database) -> None:
    database.rows("update app.users set is_active = false")

    assert api.post("/auth/login", json=CREDENTIALS).status_code == 401


def test_a_bcrypt_hash_still_opens_and_is_replaced(api: Api, ada: int, database: Database) -> None:
    old = bcrypt.hashpw(ADA["password"].encode(), bcrypt.gensalt(rounds=4)).decode()
    database.rows("update auth.credentials set password_hash = %s", old)

    assert api.post("/auth/login", json=CREDENTIALS).status_code == 200
    assert stored(database).startswith("$argon2id$")
    assert api.post("/auth/login", json=CREDENTIALS).status_code == 200


@pytest.mark.parametrize("password", ["correct horse", "x" * 200])
@pytest.mark.parametrize("broken", ["$argon2id$v=19$broken", "$2b$04$tooshort"])
def test_a_broken_hash_opens_to_nobody(
    api: Api, ada: int, database: Database, broken: str, password: str
) -> None:
    database.rows("update auth.credentials set password_hash = %s", broken)

    answer = api.post("/auth/login", json={**CREDENTIALS, "password": password})

    assert answer.status_code == 401


def test_a_plain_password_can_not_reach_the_table(database: Database, api: Api, ada: int) -> None:
    with pytest.raises(Exception, match="password_is_hashed"):
        database.rows("update auth.credentials set password_hash = 'plain'")


def test_on_a_database_without_accounts_it_says_so(empty_database: Database, serve) -> None:
    api = serve(empty_database.serve_url, api_schemas=("public",))

    answer = api.post("/auth/login", json=CREDENTIALS)

    assert answer.status_code == 501
    assert answer.json()["type"] == "/problems/no-login"
