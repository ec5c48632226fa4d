"""Logging in: Python hashes and signs, the database knows who is who.

The domain answers through one function, auth.login_find(login), which only gatekeeper may call;
auth.password_rehash(user_id, hash) is called where a stored hash is outdated.
"""

import json
import logging
from typing import Any

from fastapi import APIRouter, Request
from psycopg import Error
from pydantic import BaseModel, Field, ValidationError

from api.lane import Call, Context, Lane, NoConnectionError, ask, is_lost
from api.passwords import MAX_LENGTH, Passwords
from api.problems import Problem, invalid, unavailable
from api.reading import body, json_body, require_type
from api.settings import Settings
from api.tokens import Tokens

log = logging.getLogger("penstock.auth")

GATEKEEPER = "gatekeeper"
_FIND = "select row_to_json(f)::text from auth.login_find($1::text) as f"
_REHASH = "select auth.password_rehash($1::bigint, $2::text)"
_MISSING = ("42883", "3F000", "22023")


class Login(BaseModel):
    """Credentials."""

    email: str = Field(max_length=320, examples=["ada@example.com"])
    password: str = Field(max_length=MAX_LENGTH, json_schema_extra={"format": "password"})


class AccessToken(BaseModel):
    """A token to send as `Authorization: Bearer`."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 -- the scheme's name
    expires_in: int = Field(description="Seconds.")


def router(settings: Settings, lane: Lane, hasher: Passwords, tokens: Tokens) -> APIRouter:
    """The routes of logging in."""
    routes = APIRouter(prefix=f"{settings.api_prefix}/auth", tags=["auth"])

    @routes.post(
        "/login",
        summary="Log in with e-mail address and password.",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": Login.model_json_schema()}},
            }
        },
        responses={401: {"description": "The e-mail address or the password is wrong."}},
    )
    async def login(request: Request) -> AccessToken:
        given = await _read(request, settings)
        user = await _find(lane, given.email, settings)
        right, better = await hasher.verify(given.password, user.get("password_hash"))
        if not right or not user.get("is_active", True):
            raise Problem(
                401,
                "The e-mail address or the password is wrong.",
                slug="login-failed",
                headers=[(b"www-authenticate", b"Bearer")],
            )
        if better is not None:
            await _call(lane, _REHASH, (str(user["user_id"]), better), settings, read_only=False)
        token, seconds = tokens.sign(str(user["user_id"]), user["role"])
        return AccessToken(access_token=token, expires_in=seconds)

    return routes


async def _read(request: Request, settings: Settings) -> Login:
    content = await body(
        request.scope, request.receive, settings.max_body_bytes, settings.body_timeout
    )
    if content:
        require_type(request.scope, "application/json")
    try:
        return Login.model_validate(json_body(content or b"{}"), strict=True, extra="forbid")
    except ValidationError as error:
        raise invalid([_argument(item) for item in error.errors()]) from None


def _argument(item: Any) -> dict[str, str]:
    pointer = "".join(f"/{part}" for part in item["loc"])
    sentence = {
        "missing": "is required",
        "extra_forbidden": "is no argument of this endpoint; known are email, password",
        "string_type": "must be a string",
    }.get(item["type"], item["msg"][:1].lower() + item["msg"][1:])
    return {"pointer": pointer, "detail": sentence}


async def _find(lane: Lane, email: str, settings: Settings) -> dict[str, Any]:
    """The account of that address: user_id, role, password_hash, is_active; {} without one."""
    value = await _call(lane, _FIND, (email,), settings, read_only=True)
    found: dict[str, Any] = json.loads(value) if value else {}
    return found


async def _call(
    lane: Lane,
    statement: str,
    parameters: tuple[str, ...],
    settings: Settings,
    *,
    read_only: bool,
) -> bytes | None:
    context = Context(
        role=GATEKEEPER,
        claims="",
        method="POST",
        path="",
        timeout_ms=settings.statement_timeout,
        read_only=read_only,
    )
    try:
        answer = await ask(lane, Call(context, statement, parameters, reads_out=False))
    except Error as error:
        if error.sqlstate in _MISSING:
            log.warning("login is not possible: %s", error)
            raise Problem(
                501, "This database has no accounts to log in to.", slug="no-login"
            ) from None
        if is_lost(error) or isinstance(error, NoConnectionError):
            raise unavailable() from error
        raise
    return answer.row[0] if answer.row else None
