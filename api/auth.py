"""Logging in and out: Python hashes and signs, the database has the rules.

The domain answers through functions that only gatekeeper may call, see docs/dba.md. Without
auth.session_start() tokens name no session, and are good until they expire; without
auth.session_refresh() they can't be refreshed.

What is handed out is kept nowhere: only its SHA-256 reaches the database.
"""

import hashlib
import json
import logging
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api import cookies
from api.callers import Callers, require_csrf
from api.encode import ArgumentError
from api.gatekeeper import Gatekeeper, Missing
from api.passwords import MAX_LENGTH, MIN_LENGTH, Passwords, check
from api.problems import Headers, Problem, invalid
from api.reading import body, header, json_body, require_type
from api.settings import Settings
from api.tokens import Caller, Tokens

log = logging.getLogger("penstock.auth")

_BEGIN = "select row_to_json(b)::text from auth.login_begin($1::text, decode($2, 'hex')) as b"
_REHASH = "select auth.password_rehash($1::bigint, $2::text)"
_START = (
    "select row_to_json(s)::text from auth.session_start("
    "$1::bigint, decode($2, 'hex'), decode($3, 'hex'), $4::text, $5::timestamptz) as s"
)
_NOW = "select clock_timestamp()::text"
_REFRESH = (
    "select row_to_json(r)::text from auth.session_refresh("
    "decode($1, 'hex'), decode($2, 'hex'), $3::timestamptz) as r"
)
_END = "select auth.session_end($1::uuid, decode($2, 'hex'))"
_BEGIN_CHANGE = "select row_to_json(b)::text from auth.password_begin($1::bigint, $2::uuid) as b"
_CHANGE = (
    "select auth.password_change("
    "$1::bigint, $2::uuid, $3::text, $4::timestamptz, decode($5, 'hex'))"
)
_MAX_TOKEN = 200
_NO_STORE = (b"cache-control", b"no-store")

Given = TypeVar("Given", bound=BaseModel)


class Login(BaseModel):
    """Credentials."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=320, examples=["ada@example.com"])
    password: str = Field(max_length=MAX_LENGTH, json_schema_extra={"format": "password"})
    mode: Literal["bearer", "cookie"] = Field(
        "bearer", description="Tokens in the answer, or as cookies that scripts can't read."
    )
    device_token: str | None = Field(
        None,
        max_length=_MAX_TOKEN,
        description="What an earlier login gave: the tries of others don't count here then.",
    )


class Refresh(BaseModel):
    """A refresh token; none where it comes as a cookie."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: str | None = Field(None, max_length=_MAX_TOKEN)


class PasswordChange(BaseModel):
    """The old password and the new one."""

    model_config = ConfigDict(extra="forbid")

    password: str = Field(max_length=MAX_LENGTH, json_schema_extra={"format": "password"})
    new_password: str = Field(
        min_length=MIN_LENGTH, max_length=MAX_LENGTH, json_schema_extra={"format": "password"}
    )
    device_token: str | None = Field(
        None, max_length=_MAX_TOKEN, description="What a login gave; all others are forgotten."
    )


class Session(BaseModel):
    """What a login or a refresh gives; with cookies, they have the tokens."""

    token_type: Literal["bearer", "cookie"]
    expires_in: int = Field(description="Seconds that the access token is good for.")
    access_token: str | None = Field(None, description="To be sent as `Authorization: Bearer`.")
    refresh_token: str | None = Field(
        None, description="Good once, for the next one; used again, it ends the session."
    )
    refresh_expires_in: int | None = Field(
        None, description="Seconds that the refresh token is good for."
    )
    device_token: str | None = Field(
        None, description="To be sent with the next login from here; it lets nobody in by itself."
    )
    csrf_token: str | None = Field(
        None, description="To be sent as `X-CSRF-Token` with each change by cookie."
    )


def router(
    settings: Settings, gatekeeper: Gatekeeper, hasher: Passwords, tokens: Tokens, callers: Callers
) -> APIRouter:
    """The routes of logging in and out."""
    routes = APIRouter(prefix=f"{settings.api_prefix}/auth", tags=["auth"])
    desk = _Desk(settings, gatekeeper, tokens)

    @routes.post(
        "/login",
        summary="Log in with e-mail address and password.",
        openapi_extra=_takes(Login),
        response_model_exclude_none=True,
        responses={
            401: {"description": "The e-mail address or the password is wrong."},
            429: {"description": "Ten passwords were tried in fifteen minutes."},
        },
    )
    async def login(request: Request, response: Response) -> Session:
        given = await _read(Login, request, settings)
        device = given.device_token or cookies.cookie(request.scope, cookies.DEVICE)
        begun = await desk.begin(given.email, device)
        right, better = await hasher.verify(given.password, begun.get("password_hash"))
        if not right or not begun.get("is_active", True):
            raise _refused()
        user_id = str(begun["user_id"])
        if better is not None:
            await desk.rehash(user_id, better)
        started = await desk.start(request, user_id, begun, device)
        return desk.hand_over(response, started, given.mode)

    @routes.post(
        "/refresh",
        summary="Change a refresh token for new tokens.",
        openapi_extra=_takes(Refresh, required=False),
        response_model_exclude_none=True,
        responses={
            401: {"description": "The token is not good; used a second time, it ends its session."},
            403: {"description": "A cookie came without its X-CSRF-Token."},
            409: {"description": "Another request came with the same token, and was first."},
        },
    )
    async def refresh(request: Request, response: Response) -> Session:
        given = await _read(Refresh, request, settings)
        token = given.refresh_token or _refresh_cookie(request)
        if token is None:
            raise _refused("This needs a refresh token: log in.", "refresh-failed")
        started = await desk.refresh(token)
        return desk.hand_over(response, started, "bearer" if given.refresh_token else "cookie")

    @routes.post(
        "/logout",
        summary="End a session: that of the refresh token, or that of the access token.",
        openapi_extra=_takes(Refresh, required=False),
        status_code=204,
        responses={
            401: {"description": "There is no token, or it is not good."},
            403: {"description": "A cookie came without its X-CSRF-Token."},
        },
    )
    async def logout(request: Request) -> Response:
        given = await _read(Refresh, request, settings)
        token = given.refresh_token or _refresh_cookie(request)
        if token is not None:
            await desk.end(None, _hash(token))
        else:
            await desk.end((await _session_caller(callers, request)).session, None)
        response = Response(status_code=204)
        _add(response, [_NO_STORE, *cookies.of_logout(routes.prefix)])
        return response

    @routes.post(
        "/password",
        summary="Choose another password; all other sessions end.",
        openapi_extra=_takes(PasswordChange),
        status_code=204,
        responses={
            401: {"description": "There is no token of a session, or it is not good."},
            403: {"description": "A cookie came without its X-CSRF-Token."},
            429: {"description": "Ten passwords were tried in fifteen minutes."},
        },
    )
    async def password(request: Request) -> Response:
        caller = await _session_caller(callers, request)
        given = await _read(PasswordChange, request, settings)
        try:
            check(given.new_password, "/new_password")
        except ArgumentError as error:
            raise invalid([{"pointer": error.pointer, "detail": str(error)}]) from None
        begun = await desk.password_begin(caller)
        right, _ = await hasher.verify(given.password, begun.get("password_hash"))
        if not right:
            raise invalid([{"pointer": "/password", "detail": "is wrong"}])
        hashed = await hasher.hash(given.new_password)
        device = given.device_token or cookies.cookie(request.scope, cookies.DEVICE)
        await desk.password_change(caller, hashed, begun["attempt"], device)
        return Response(status_code=204)

    return routes


class _Desk:
    """Asks the database, and hands over what it gives."""

    def __init__(self, settings: Settings, gatekeeper: Gatekeeper, tokens: Tokens) -> None:
        self._path = f"{settings.api_prefix}/auth"
        self._gatekeeper = gatekeeper
        self._tokens = tokens

    async def begin(self, email: str, device: str | None) -> dict[str, Any]:
        """Who has that address (nothing of nobody), once there is a try left for them."""
        try:
            value = await self._write("login", _BEGIN, email, device and _hash(device))
        except Missing as missing:
            log.warning("login is not possible: %s", missing)
            sentence = "This database has no accounts to log in to."
            raise Problem(501, sentence, slug="no-login") from None
        return _with_a_try(value)

    async def start(
        self, request: Request, user_id: str, begun: dict[str, Any], device: str | None
    ) -> dict[str, Any]:
        """A session with its tokens: what was found at the beginning may have changed."""
        refresh, device = _secret(), device or _secret()
        agent = header(request.scope, b"user-agent")
        given = user_id, _hash(refresh), _hash(device), agent, begun.get("attempt")
        try:
            value = await self._write("login", _START, *given)
        except Missing:
            return {"user_id": user_id, "role": begun["role"]}
        if value is None:
            raise _refused()
        return {**json.loads(value), "user_id": user_id, "refresh": refresh, "device": device}

    async def refresh(self, token: str) -> dict[str, Any]:
        """The next tokens of the session."""
        refresh = _secret()
        try:
            # Before it waits for a connection, and by the clock that says when a token was used.
            came = await self._gatekeeper.read(_NOW, lane="shared")
            given = _hash(token), _hash(refresh), came.decode() if came else None
            value = await self._write("refresh", _REFRESH, *given)
        except Missing:
            sentence = "This database's sessions can't be refreshed."
            raise Problem(501, sentence, slug="no-refresh") from None
        found = json.loads(value or b'{"outcome": "ended"}')
        if found["outcome"] == "refreshed":
            return {**found, "refresh": refresh}
        if found["outcome"] == "overtaken":
            sentence = "Another request with this token came first: use what it was given."
            raise Problem(409, sentence, slug="refresh-overtaken")
        if found["outcome"] == "replayed":
            session = found["session_id"]
            log.warning("a refresh token was used twice: session %s is ended", session)
        raise _refused("The refresh token is not valid; log in again.", "refresh-failed")

    async def end(self, session: str | None, refresh_hash: str | None) -> None:
        """End a session, known by either of the two; one that has ended is none the worse."""
        try:
            await self._write("logout", _END, session, refresh_hash)
        except Missing:
            sentence = "This database's sessions can't be ended."
            raise Problem(501, sentence, slug="no-logout") from None

    async def password_begin(self, caller: Caller) -> dict[str, Any]:
        """The hash of the caller's password, once there is a try left."""
        try:
            value = await self._write("password", _BEGIN_CHANGE, caller.subject, caller.session)
        except Missing:
            sentence = "This database's passwords can't be changed."
            raise Problem(501, sentence, slug="no-password-change") from None
        return _with_a_try(value)

    async def password_change(
        self, caller: Caller, hashed: str, attempt: str | None, device: str | None
    ) -> None:
        """Another password; who came by the old one is out."""
        given = caller.subject, caller.session, hashed, attempt, device and _hash(device)
        await self._write("password", _CHANGE, *given)

    async def rehash(self, user_id: str, hashed: str) -> None:
        """The same password under a better hash."""
        await self._write("login", _REHASH, user_id, hashed)

    async def _write(self, name: str, statement: str, *parameters: str | None) -> bytes | None:
        return await self._gatekeeper.write(f"{self._path}/{name}", statement, *parameters)

    def hand_over(self, response: Response, started: dict[str, Any], mode: str) -> Session:
        """The answer, with what was started in its body or its cookies."""
        refresh, device = started.get("refresh"), started.get("device")
        csrf = _csrf(refresh or _secret()) if mode == "cookie" else None
        user_id, session = str(started["user_id"]), started.get("session_id")
        access, seconds = self._tokens.sign(user_id, started["role"], session, csrf)
        left = _seconds_until(started["expires_at"]) if refresh else None
        _add(response, [_NO_STORE])
        if csrf is None:
            return Session(
                token_type="bearer",  # noqa: S106 -- the scheme's name
                expires_in=seconds,
                access_token=access,
                refresh_token=refresh,
                refresh_expires_in=left,
                device_token=device,
            )
        _add(response, cookies.of_login(self._path, access, seconds, csrf, refresh, left or 0))
        if device is not None:
            _add(response, cookies.of_device(self._path, device))
        return Session(
            token_type="cookie",  # noqa: S106
            expires_in=seconds,
            refresh_expires_in=left,
            csrf_token=csrf,
        )


async def _session_caller(callers: Callers, request: Request) -> Caller:
    """Whoever calls with a token of a session. Problem 401 for all others."""
    given = [value for name, value in request.scope["headers"] if name == b"authorization"]
    caller = await callers.ask(request.scope, given, "")
    if caller.session is None:
        raise _refused("This needs a token of a session: log in.", "no-session")
    return caller


def _refresh_cookie(request: Request) -> str | None:
    token = cookies.cookie(request.scope, cookies.REFRESH)
    if token is not None:
        require_csrf(request.scope, _csrf(token))
    return token


async def _read(model: type[Given], request: Request, settings: Settings) -> Given:
    content = await body(
        request.scope, request.receive, settings.max_body_bytes, settings.body_timeout
    )
    if content:
        require_type(request.scope, "application/json")
    try:
        return model.model_validate(json_body(content or b"{}"), strict=True)
    except ValidationError as error:
        known = ", ".join(model.model_fields)
        raise invalid([_argument(item, known) for item in error.errors()]) from None


def _argument(item: Any, known: str) -> dict[str, str]:
    pointer = "".join(f"/{part}" for part in item["loc"])
    sentence = {
        "missing": "is required",
        "extra_forbidden": f"is no argument of this endpoint; known are {known}",
        "string_type": "must be a string",
    }.get(item["type"], item["msg"][:1].lower() + item["msg"][1:])
    return {"pointer": pointer, "detail": sentence}


def _takes(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": required, "content": content}}


def _with_a_try(value: bytes | None) -> dict[str, Any]:
    """What was found. Problem 429 where there is no try left, whoever it was."""
    found: dict[str, Any] = json.loads(value) if value else {}
    seconds = found.get("wait_seconds")
    if seconds is not None:
        raise Problem(
            429,
            "Too many passwords were tried for this account: wait, or log in from where you"
            " have logged in before.",
            slug="too-many-tries",
            headers=[(b"retry-after", b"%d" % seconds)],
        )
    return found


def _refused(
    sentence: str = "The e-mail address or the password is wrong.", slug: str = "login-failed"
) -> Problem:
    return Problem(401, sentence, slug=slug, headers=[(b"www-authenticate", b"Bearer")])


def _add(response: Response, headers: Headers) -> None:
    for name, value in headers:
        response.headers.append(name.decode(), value.decode())


def _secret() -> str:
    return secrets.token_urlsafe(32)


def _hash(secret: str) -> str:
    """What the database keeps: of 256 random bits, a plain hash gives nothing away."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _csrf(refresh: str) -> str:
    """Known to whoever was given the cookies, and made anew of the one at each refresh."""
    digest = hashlib.sha256(b"csrf " + refresh.encode()).digest()
    return urlsafe_b64encode(digest[:18]).decode()


def _seconds_until(moment: str) -> int:
    return max(0, int((datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds()))
