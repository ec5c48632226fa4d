"""Hostile tokens, none of which lets anybody in or asks the database; and keys that are changed."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from pydantic import SecretStr, ValidationError

from api.keys import KeyFileError, Keyring
from api.problems import Problem
from api.settings import Settings
from api.tokens import Tokens
from db.database import Database
from tests.api.conftest import SECRET, Api, running

NOW = int(time.time())
CLAIMS: dict[str, Any] = {
    "iss": "penstock", "aud": "penstock", "sub": "1", "role": "member", "typ": "access",
    "iat": NOW, "exp": NOW + 3600, "jti": "x",
}  # fmt: skip


def write(path: Path, key: Any, *, public: bool = False) -> str:
    if public:
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    else:
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem)
    return str(path)


class Keys(NamedTuple):
    """The keys of the API under test: three that it verifies with, and the secret."""

    ed: Any
    ec: Any
    rsa: Any
    paths: tuple[str, ...]
    kids: tuple[str, ...]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("keys")
    made = (
        ed25519.Ed25519PrivateKey.generate(),
        ec.generate_private_key(ec.SECP256R1()),
        rsa.generate_private_key(65537, 2048),
    )
    names = ("ed.pem", "ec.pem", "rsa.pem")
    paths = tuple(
        write(folder / name, key, public=name == "rsa.pem")
        for name, key in zip(names, made, strict=True)
    )
    kids = tuple(str(key.kid) for key in Keyring(paths, None))
    return Keys(*made, paths, kids)


@pytest.fixture(scope="module")
def here(module_database: Database, keys: Keys) -> Iterator[Api]:
    with running(module_database.serve_url, jwt_keys=keys.paths) as api:
        yield api


def b64(data: bytes | str) -> str:
    data = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(
    header: Any,
    claims: Any = CLAIMS,
    key: bytes = SECRET.encode(),
    sign: Callable[[bytes], bytes] | None = None,
) -> str:
    """A token whose header and claims are as given, text or not, with a signature that is right."""
    parts = [each if isinstance(each, str) else json.dumps(each) for each in (header, claims)]
    text = ".".join(map(b64, parts))
    make = sign or (lambda data: hmac.new(key, data, hashlib.sha256).digest())
    return f"{text}.{b64(make(text.encode()))}"


HS = {"alg": "HS256", "typ": "JWT"}
LOOKED_UP = "sid that is no id"  # all is right with it but its session, which the database knows


def with_claims(**changes: Any) -> str:
    claims = {**CLAIMS, **changes}
    return signed(HS, {name: value for name, value in claims.items() if value is not ...})


def raw(old: str, new: str) -> str:
    """Claims whose JSON text has that piece instead of this."""
    text = json.dumps(CLAIMS)
    assert old in text
    return signed(HS, text.replace(old, new))


def hostile(keys: Keys) -> dict[str, str]:
    """Tokens by what is wrong with them; all are right but for that."""
    ed_kid, ec_kid, rsa_kid = keys.kids
    public = [
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        for key in (keys.ed, keys.ec, keys.rsa)
    ]
    good = signed(HS)
    head, body, signature = good.split(".")
    strange_key = ed25519.Ed25519PrivateKey.generate()
    other = keys.rsa
    found = {
        # No signature at all.
        **{
            f"alg {alg}": signed({"alg": alg, "typ": "JWT"}, sign=lambda _: b"")
            for alg in ("none", "None", "NONE", "nOnE", "noNe", "", "null")
        },
        "alg none, with a signature": f"{b64(json.dumps({'alg': 'none'}))}.{body}.{signature}",
        "alg none, with a kid": signed({"alg": "none", "kid": ed_kid}, sign=lambda _: b""),
        "alg null": signed({"alg": None}),
        "alg a list": signed({"alg": ["HS256"]}),
        "no alg": signed({"typ": "JWT"}),
        "empty signature": f"{head}.{body}.",
        "no signature": f"{head}.{body}",
        "half of a signature": f"{head}.{body}.{signature[:20]}",
        "another signature": f"{head}.{body}.{signature[::-1]}",
        "no claims": f"{head}..{signature}",
        "no header": f".{body}.{signature}",
        "dots": "..",
        "four parts": f"{good}.x",
        "five parts, as if encrypted": f"{head}.{body}.{signature}.a.b",
        # One algorithm's key for another.
        **{
            f"HS256 by the public key {number}": signed(HS, key=pem)
            for number, pem in enumerate(public)
        },
        **{
            f"HS256 by the public key of {name}": signed({**HS, "kid": kid}, key=pem)
            for name, kid, pem in zip(("ed", "ec", "rsa"), keys.kids, public, strict=True)
        },
        "HS256 with a kid of another key": signed({**HS, "kid": ed_kid}),
        "HS512": signed({"alg": "HS512"}, sign=lambda d: hmac.digest(SECRET.encode(), d, "sha512")),
        "HS256 in small letters": signed({"alg": "hs256"}),
        "EdDSA under the kid of ES256": jwt.encode(CLAIMS, keys.ed, "EdDSA", {"kid": ec_kid}),
        "EdDSA without a kid": jwt.encode(CLAIMS, keys.ed, "EdDSA"),
        "ES256 without a kid": jwt.encode(CLAIMS, keys.ec, "ES256"),
        "RS512 by a key of RS256": jwt.encode(CLAIMS, other, "RS512", {"kid": rsa_kid}),
        "PS256 by a key of RS256": jwt.encode(CLAIMS, other, "PS256", {"kid": rsa_kid}),
        "a stranger's key under our kid": jwt.encode(CLAIMS, strange_key, "EdDSA", {"kid": ed_kid}),
        "ES256 of nothing but zeros": signed(
            {"alg": "ES256", "kid": ec_kid}, sign=lambda _: bytes(64)
        ),
        "EdDSA of nothing but zeros": signed(
            {"alg": "EdDSA", "kid": ed_kid}, sign=lambda _: bytes(64)
        ),
        "another secret": signed(HS, key=b"another secret, 32 bytes or more as well"),
        "an empty secret": signed(HS, key=b""),
        # Keys that the token brings along.
        "jwk": jwt.encode(
            CLAIMS,
            strange_key,
            "EdDSA",
            {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": b64(bytes(32))}, "kid": ed_kid},
        ),
        "jku": signed({**HS, "jku": "http://127.0.0.1:9/jwks.json"}),
        "x5u": signed({**HS, "x5u": "http://127.0.0.1:9/x5u"}),
        "x5c": signed({**HS, "x5c": ["MIIB"]}),
        "crit": signed({**HS, "crit": ["exp"]}),
        "crit of nothing": signed({**HS, "crit": []}),
        "b64 false": signed({**HS, "b64": False, "crit": ["b64"]}),
        "zip": signed({**HS, "zip": "DEF"}),
        "cty": signed({**HS, "cty": "JWT"}),
        # What a kid might be used for.
        **{
            f"kid {kid!r}": signed({**HS, "kid": kid})
            for kid in (
                "../../../../dev/null", "/dev/null", "' or 1=1 --", "'; select pg_sleep(5) --",
                "http://127.0.0.1:9/", "", "\u0000", "a" * 3000,
            )
        },
        **{f"kid as {kid}": signed({**HS, "kid": kid}) for kid in (7, True, [], {}, [ed_kid])},
        "typ dpop": signed({"alg": "HS256", "typ": "dpop+jwt"}),
        "typ a number": signed({"alg": "HS256", "typ": 1}),
        # Claims.
        **{
            f"without {name}": with_claims(**{name: ...})
            for name in ("iss", "aud", "sub", "role", "typ", "iat", "exp")
        },
        "a refresh token's typ": with_claims(typ="refresh"),
        "typ in capitals": with_claims(typ="ACCESS"),
        "an array aud": with_claims(aud=["penstock"]),
        "an array aud with another": with_claims(aud=["other", "penstock"]),
        "another aud": with_claims(aud="other"),
        "an empty aud": with_claims(aud=""),
        "a prefix of iss": with_claims(iss="pen"),
        "iss and more": with_claims(iss="penstock.example"),
        "iss in capitals": with_claims(iss="Penstock"),
        "an array iss": with_claims(iss=["penstock"]),
        "expired": with_claims(exp=NOW - 31),
        "exp as a string": with_claims(exp=str(NOW + 3600)),
        "exp true": with_claims(exp=True),
        "exp null": with_claims(exp=None),
        "exp an array": with_claims(exp=[NOW + 3600]),
        "exp of below zero": with_claims(exp=-1),
        "exp huge": raw(f'"exp": {NOW + 3600}', '"exp": 1e308'),
        "exp beyond all numbers": raw(f'"exp": {NOW + 3600}', '"exp": 1e999'),
        "a claim beyond all numbers": raw('"role": "member"', '"role": "member", "n": -1e999'),
        "exp of 400 digits": raw(f'"exp": {NOW + 3600}', '"exp": ' + "9" * 400),
        "exp beyond all digits": raw(f'"exp": {NOW + 3600}', '"exp": ' + "9" * 5000),
        "exp NaN": raw(f'"exp": {NOW + 3600}', '"exp": NaN'),
        "exp Infinity": raw(f'"exp": {NOW + 3600}', '"exp": Infinity'),
        "exp twice": raw(f'"exp": {NOW + 3600}', f'"exp": 1, "exp": {NOW + 3600}'),
        "role twice": raw('"role": "member"', '"role": "admin", "role": "member"'),
        "alg twice": signed('{"alg": "none", "alg": "HS256"}'),
        "not before tomorrow": with_claims(nbf=NOW + 86_400),
        "nbf as a string": with_claims(nbf=str(NOW)),
        "issued tomorrow": with_claims(iat=NOW + 86_400),
        "iat as a string": with_claims(iat=str(NOW)),
        "a role that is none of ours": with_claims(role="penstock_owner"),
        "gatekeeper": with_claims(role="gatekeeper"),
        "a superuser": with_claims(role="postgres"),
        "a role with more in it": with_claims(role="member; set role admin"),
        "role a list": with_claims(role=["member"]),
        "role null": with_claims(role=None),
        "sub a number": with_claims(sub=1),
        "sub null": with_claims(sub=None),
        "sid a number": with_claims(sid=7),
        LOOKED_UP: with_claims(sid="' or 1=1 --"),
        "csrf a number": with_claims(csrf=7),
        "NUL": with_claims(sub="1\u0000"),
        "half of a surrogate pair": raw('"sub": "1"', '"sub": "\\ud800"'),
        "claims that are a list": signed(HS, [CLAIMS]),
        "claims that are a string": signed(HS, '"claims"'),
        "claims that are no JSON": signed(HS, "{"),
        "claims a thousand deep": signed(HS, "[" * 1000 + "]" * 1000),
        "header that is a list": signed([HS]),
        "header that is no JSON": signed("{"),
        "with padding": f"{head}=.{body}=.{signature}",
        "not base64": f"{head}.{body}!.{signature}",
        "base64, not base64url": f"{head}.{body}.+/{signature[2:]}",
        "not UTF-8": signed(HS, key=SECRET.encode()).replace(head, b64(b"\xff\xfe{}")),
        "8 KB": with_claims(more="x" * 8000),
        "64 KB": with_claims(more="x" * 48_000),
        "1 MB": with_claims(more="x" * 750_000),
    }  # fmt: skip
    assert good not in found.values()
    return found


def ask(api: Api, token: str) -> httpx.Response:
    return api.get("/me", headers=[(b"authorization", b"Bearer " + token.encode())])


def test_what_they_are_made_of_is_good(here: Api, keys: Keys) -> None:
    """The control: but for what is wrong with them, the hostile tokens would open."""
    ed_kid, ec_kid, rsa_kid = keys.kids
    good = (
        signed(HS),
        with_claims(nbf=NOW),
        jwt.encode(CLAIMS, keys.ed, "EdDSA", {"kid": ed_kid}),
        jwt.encode(CLAIMS, keys.ec, "ES256", {"kid": ec_kid}),
        jwt.encode(CLAIMS, keys.rsa, "RS256", {"kid": rsa_kid}),
    )

    assert [ask(here, token).status_code for token in good] == [404] * len(good)  # no such user


def test_a_hostile_token_opens_nothing(here: Api, keys: Keys, module_database: Database) -> None:
    corpus = hostile(keys)
    # Of this database: other tests, at the same time, have the same login in others.
    asked = (
        "select count(*) from pg_stat_activity"
        " where usename = 'authenticator' and datname = current_database()"
    )
    before = module_database.rows(asked)

    answers = {name: ask(here, token) for name, token in corpus.items() if name != LOOKED_UP}
    after = module_database.rows(asked)
    answers[LOOKED_UP] = ask(here, corpus[LOOKED_UP])

    assert len(corpus) >= 100
    wrong = {name: each.status_code for name, each in answers.items() if each.status_code != 401}
    assert wrong == {}
    for name, each in answers.items():
        assert each.headers["content-type"] == "application/problem+json", name
        assert each.headers["www-authenticate"] == 'Bearer error="invalid_token"', name
    assert after == before


def test_no_connection_is_used_for_one(keys: Keys) -> None:
    """Where there is no database at all they are refused, each before one would be asked."""
    settings = Settings(
        database_url=SecretStr("postgresql://nobody@127.0.0.1:9/nothing"),
        jwt_secret=SecretStr(SECRET),
        jwt_keys=keys.paths,
    )
    tokens = Tokens(settings)

    def status(token: str) -> int:
        try:
            tokens.caller(token)
        except Problem as problem:
            return problem.status
        return 200

    let_in = {name for name, token in hostile(keys).items() if status(token) != 401}
    assert let_in == {LOOKED_UP}


@pytest.mark.parametrize(
    "header",
    [b"", b"Bearer", b"Basic YTpi", b"Token x", b"Bearer \xff\xfe", b"Bearer a b"],
)
def test_a_header_that_is_none(here: Api, header: bytes) -> None:
    assert here.get("/me", headers=[(b"authorization", header)]).status_code == 401


def test_two_headers_are_none(here: Api) -> None:
    token = signed(HS)
    headers = [(b"authorization", f"Bearer {token}".encode())] * 2

    assert here.get("/me", headers=headers).status_code == 401


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────────


def header_of(token: str) -> dict[str, Any]:
    return jwt.get_unverified_header(token)


@pytest.mark.parametrize(("first", "algorithm"), [(0, "EdDSA"), (1, "ES256")])
def test_the_first_key_signs(keys: Keys, first: int, algorithm: str) -> None:
    settings = Settings(
        database_url=SecretStr("postgresql://x@localhost/x"), jwt_keys=(keys.paths[first],)
    )

    token, _ = Tokens(settings).sign("1", "member")

    assert header_of(token) == {"alg": algorithm, "kid": keys.kids[first], "typ": "JWT"}


def test_what_all_may_know(here: Api, keys: Keys) -> None:
    answer = httpx.get(f"{here.origin}/.well-known/jwks.json")

    shown = answer.json()["keys"]
    assert answer.headers["content-type"] == "application/jwk-set+json"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert [each["kid"] for each in shown] == list(keys.kids)
    assert [each["alg"] for each in shown] == ["EdDSA", "ES256", "RS256"]
    secret = {"d", "p", "q", "dp", "dq", "qi", "k"}
    assert all(not secret & set(each) for each in shown)
    assert SECRET not in answer.text


def test_others_can_verify_with_it(here: Api, keys: Keys) -> None:
    url = f"{here.origin}/.well-known/jwks.json"
    token = here.token(7, "member")

    found = jwt.PyJWKClient(url).get_signing_key_from_jwt(token)

    claims = jwt.decode(token, found, algorithms=["EdDSA"], audience="penstock")
    assert claims["sub"] == "7"


def test_a_key_is_changed_without_anybody_noticing(
    module_database: Database, keys: Keys, tmp_path: Path
) -> None:
    """Shown, then signing, then only verifying, then gone: no token is refused on the way."""
    old = write(tmp_path / "old.pem", ed25519.Ed25519PrivateKey.generate())
    new = write(tmp_path / "new.pem", ec.generate_private_key(ec.SECP256R1()))
    tokens: list[str] = []
    for paths in ((old,), (old, new), (new, old), (new,)):
        with running(module_database.serve_url, jwt_secret=None, jwt_keys=paths) as api:
            tokens.append(api.token(1, "member"))
            assert ask(api, tokens[-1]).status_code == 404
            if len(tokens) > 1:
                # What was signed before the last change.
                expected = 401 if paths == (new,) and len(tokens) == 2 else 404
                assert ask(api, tokens[-2]).status_code == expected
    with running(module_database.serve_url, jwt_secret=None, jwt_keys=(new,)) as api:
        assert [ask(api, token).status_code for token in tokens] == [401, 401, 404, 404]


FILES: dict[str, Callable[[Path], str]] = {
    "gone": lambda path: str(path / "none.pem"),
    "a folder": str,
    "no key": lambda path: _text(path, "hello"),
    "half a key": lambda path: _text(path, "-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n"),
    "public first": lambda path: write(
        path / "k.pem", ed25519.Ed25519PrivateKey.generate(), public=True
    ),
    "another curve": lambda path: write(path / "k.pem", ec.generate_private_key(ec.SECP384R1())),
    "RSA to sign with": lambda path: write(path / "k.pem", rsa.generate_private_key(65537, 2048)),
}


def _text(path: Path, text: str) -> str:
    (path / "k.pem").write_text(text)
    return str(path / "k.pem")


@pytest.mark.parametrize("make", FILES.values(), ids=FILES)
def test_a_key_file_that_can_not_be_used_is_named(
    tmp_path: Path, make: Callable[[Path], str]
) -> None:
    path = make(tmp_path)

    with pytest.raises(ValidationError) as refused:
        Settings(database_url=SecretStr("postgresql://x@localhost/x"), jwt_keys=(path,))

    assert path in str(refused.value)


def test_a_small_rsa_key_is_refused(tmp_path: Path) -> None:
    small = write(tmp_path / "k.pem", rsa.generate_private_key(65537, 1024), public=True)
    good = write(tmp_path / "g.pem", ed25519.Ed25519PrivateKey.generate())

    with pytest.raises(KeyFileError, match="2048 bits or more"):
        Keyring((good, small), None)


def test_one_key_twice_is_refused(keys: Keys) -> None:
    with pytest.raises(KeyFileError, match="twice"):
        Keyring((keys.paths[0], keys.paths[0]), None)
