"""Logging in: Python hashes and signs, the database knows who is who.

The domain answers through functions that only gatekeeper may call: auth.login_find(login), then
auth.password_rehash(user_id, hash) where a stored hash is outdated, and auth.session_start(user_id)
where there is one: without it tokens name no session, and are good until they expire.
"""

import json
import logging
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.gatekeeper import Gatekeeper, Missing
from api.passwords import MAX_LENGTH, Passwords
from api.problems import Problem, invalid
from api.reading import body, json_body, require_type
from api.settings import Settings
from api.tokens import Tokens

log = logging.getLogger("penstock.auth")

_FIND = "select row_to_json(f)::text from auth.login_find($1::text) as f"
_REHASH = "select auth.password_rehash($1::bigint, $2::text)"
_START = "select row_to_json(s)::text from auth.session_start($1) as s"


class Login(BaseModel):
    """Credentials."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=320, examples=["ada@example.com"])
    password: str = Field(max_length=MAX_LENGTH, json_schema_extra={"format": "password"})


class AccessToken(BaseModel):
    """A token to send as `Authorization: Bearer`."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 -- the scheme's name
    expires_in: int = Field(description="Seconds.")


def router(
    settings: Settings, gatekeeper: Gatekeeper, hasher: Passwords, tokens: Tokens
) -> APIRouter:
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
        user = await _find(gatekeeper, given.email)
        right, better = await hasher.verify(given.password, user.get("password_hash"))
        if not right or not user.get("is_active", True):
            raise _refused()
        user_id = str(user["user_id"])
        if better is not None:
            await gatekeeper.write(_REHASH, user_id, better)
        session, role = await _start(gatekeeper, user_id, user["role"])
        token, seconds = tokens.sign(user_id, role, session)
        return AccessToken(access_token=token, expires_in=seconds)

    return routes


async def _read(request: Request, settings: Settings) -> Login:
    content = await body(
        request.scope, request.receive, settings.max_body_bytes, settings.body_timeout
    )
    if content:
        require_type(request.scope, "application/json")
    try:
        return Login.model_validate(json_body(content or b"{}"), strict=True)
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


async def _find(gatekeeper: Gatekeeper, email: str) -> dict[str, Any]:
    """The account of that address: user_id, role, password_hash, is_active; {} without one."""
    try:
        value = await gatekeeper.read(_FIND, email)
    except Missing as missing:
        log.warning("login is not possible: %s", missing)
        raise Problem(501, "This database has no accounts to log in to.", slug="no-login") from None
    found: dict[str, Any] = json.loads(value) if value else {}
    return found


async def _start(gatekeeper: Gatekeeper, user_id: str, role: str) -> tuple[str | None, str]:
    """A session, and the role to go with it: what was found may have changed meanwhile."""
    try:
        value = await gatekeeper.write(_START, user_id)
    except Missing:
        return None, role
    if value is None:
        raise _refused()
    started = json.loads(value)
    return str(started["session_id"]), started["role"]


def _refused() -> Problem:
    return Problem(
        401,
        "The e-mail address or the password is wrong.",
        slug="login-failed",
        headers=[(b"www-authenticate", b"Bearer")],
    )
