"""Cookies for browsers: scripts can't read the tokens, other sites can't send them unnoticed.

The prefixes are kept by browsers: __Host- is for this host alone, over TLS (or on localhost).
"""

import hmac

from api.problems import Headers
from api.reading import Scope
from api.tokens import wrong_token

ACCESS = "__Host-penstock"
CSRF = "__Host-penstock-csrf"
REFRESH = "__Secure-penstock-refresh"
DEVICE = "__Secure-penstock-device"
CSRF_HEADER = b"x-csrf-token"
SAFE = ("GET", "HEAD", "OPTIONS")
_DEVICE_SECONDS = 400 * 86_400  # as long as browsers keep one


def cookie(scope: Scope, name: str) -> str | None:
    """The cookie of that name. Problem 401 where there are two: one may be put there by others."""
    found: list[str] = []
    for key, value in scope["headers"]:
        if key != b"cookie":
            continue
        for pair in value.decode("latin-1").split(";"):
            given, _, content = pair.strip().partition("=")
            if given == name:
                found.append(content)
    if len(found) > 1:
        raise wrong_token(f"There is more than one cookie {name}.")
    return found[0] if found else None


def same(given: str | None, expected: str) -> bool:
    """Whether they are the same, in a time that does not tell how far."""
    return given is not None and hmac.compare_digest(given.encode(), expected.encode())


def of_login(
    auth_path: str, access: str, seconds: int, csrf: str, refresh: str | None, refresh_seconds: int
) -> Headers:
    """What a browser keeps of a login."""
    kept = [
        _cookie(ACCESS, access, "/", seconds, "Lax"),
        _cookie(CSRF, csrf, "/", max(seconds, refresh_seconds), "Lax", readable=True),
    ]
    if refresh is not None:
        kept.append(_cookie(REFRESH, refresh, auth_path, refresh_seconds, "Strict"))
    return kept


def of_device(auth_path: str, device: str) -> Headers:
    """By what a browser is known at the next login."""
    return [_cookie(DEVICE, device, auth_path, _DEVICE_SECONDS, "Strict")]


def of_logout(auth_path: str) -> Headers:
    """What lets a browser forget them; where it has logged in it may remember."""
    return [
        _cookie(ACCESS, "", "/", 0, "Lax"),
        _cookie(CSRF, "", "/", 0, "Lax", readable=True),
        _cookie(REFRESH, "", auth_path, 0, "Strict"),
    ]


def _cookie(
    name: str, value: str, path: str, seconds: int, same_site: str, *, readable: bool = False
) -> tuple[bytes, bytes]:
    text = f"{name}={value}; Path={path}; Max-Age={seconds}; Secure; SameSite={same_site}"
    return b"set-cookie", (text if readable else f"{text}; HttpOnly").encode()
