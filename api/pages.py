"""What is Python's own besides logging in: health, metrics and the documentation's pages."""

import weakref
from collections.abc import Callable
from importlib import resources
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from psycopg import Error
from starlette.staticfiles import StaticFiles

from api.keys import Keyring
from api.metrics import Metrics
from api.openapi import document
from api.problems import unavailable
from api.routes import Routes
from api.settings import Settings
from api.watcher import Watcher

# A page may load from this server alone, and run no script of its own text: ReDoc would otherwise
# fetch its maker's logo. Both write styles into elements, and ReDoc searches in a worker.
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " style-src 'self' 'unsafe-inline'; font-src 'self'; worker-src 'self' blob:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_JWKS_SECONDS = 300
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="assets/favicon.png">
{head}
</head>
<body>
{body}
</body>
</html>
"""
_SWAGGER_START = """
SwaggerUIBundle({
  url: document.currentScript.dataset.url,
  dom_id: "#docs",
  deepLinking: true,
  persistAuthorization: true,
  validatorUrl: null,
});
"""


def mount_assets(app: FastAPI) -> None:
    """Serve the documentation's scripts and styles from the package that carries them."""
    folder = resources.files("fastapi_offline") / "static"
    app.mount("/assets", StaticFiles(directory=str(folder)), name="assets")


def router(
    settings: Settings, watcher: Watcher, metrics: Metrics, keys: Keyring, app: FastAPI
) -> APIRouter:
    """The routes; those that are not part of the API are left out of its description."""
    routes = APIRouter(include_in_schema=False)
    describe = _describer(settings, watcher, app)

    @routes.get("/healthz")
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    @routes.get("/readyz")
    async def readyz() -> JSONResponse:
        report = await _readiness(watcher)
        return JSONResponse(report, status_code=200 if report["ready"] else 503)

    @routes.get("/metrics")
    async def prometheus() -> Response:
        return Response(metrics.page(), media_type=CONTENT_TYPE_LATEST)

    @routes.get("/.well-known/jwks.json")
    async def jwks() -> JSONResponse:
        # A new key is shown before it signs, so that nobody's copy is older than a token of it.
        kept = {"cache-control": f"public, max-age={_JWKS_SECONDS}"}
        return JSONResponse(keys.jwks(), media_type="application/jwk-set+json", headers=kept)

    @routes.get(f"{settings.api_prefix}/openapi.json")
    async def openapi() -> JSONResponse:
        return JSONResponse(describe())

    @routes.get("/docs")
    async def docs() -> HTMLResponse:
        url = f"{settings.api_prefix}/openapi.json"
        return _html(
            "Penstock: try the API",
            '<link rel="stylesheet" href="assets/swagger-ui.css">',
            '<div id="docs"></div>\n<script src="assets/swagger-ui-bundle.js"></script>\n'
            f'<script src="docs/start.js" data-url="{url}"></script>',
        )

    @routes.get("/docs/start.js")
    async def start() -> Response:
        return Response(_SWAGGER_START, media_type="text/javascript")

    @routes.get("/redoc")
    async def redoc() -> HTMLResponse:
        url = f"{settings.api_prefix}/openapi.json"
        return _html(
            "Penstock: the API's reference",
            "<style>body { margin: 0 }</style>",
            f'<redoc spec-url="{url}"></redoc>\n<script src="assets/redoc.standalone.js"></script>',
        )

    return routes


def _html(title: str, head: str, body: str) -> HTMLResponse:
    return HTMLResponse(
        _PAGE.format(title=title, head=head, body=body),
        headers={"content-security-policy": _POLICY},
    )


async def _readiness(watcher: Watcher) -> dict[str, Any]:
    """Whether to send requests here: the database answers, and routes are loaded from it.

    An error in the catalogue that came while we serve keeps the old routes, which is no reason
    to go away; one that was there at the start is, for something that was deployed is missing.
    """
    deployed, database = None, "ok"
    try:
        deployed = await watcher.deployed()
    except (Error, OSError, TimeoutError):
        database = watcher.trouble or "The database does not answer."
    state = watcher.state
    missing = bool(state and state.errors)
    return {
        "ready": database == "ok" and state is not None and not missing,
        "database": database,
        "deployed": deployed,
        "routes": len(state.routes.endpoints) if state else 0,
        "errors": list(watcher.errors),
    }


def _describer(settings: Settings, watcher: Watcher, app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Describes the routes of the moment, once for each set of routes."""
    of: weakref.ref[Routes] | None = None
    made: dict[str, Any] = {}

    def describe() -> dict[str, Any]:
        nonlocal of, made
        if watcher.state is None:
            raise unavailable()
        routes = watcher.state.routes
        if of is None or of() is not routes:
            of, made = weakref.ref(routes), document(routes, settings, app.openapi())
        return made

    return describe
