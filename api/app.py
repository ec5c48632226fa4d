"""The application, put together; its lifespan owns every resource and closes it."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from psycopg import Error
from starlette.exceptions import HTTPException

from api import __version__, auth, pages, quota
from api.address import Addresses, network
from api.api_keys import ApiKeys
from api.batch import Batches
from api.cache import Cache
from api.callers import Callers
from api.copying import CopyLane
from api.dispatch import Dispatcher
from api.door import Door
from api.drain import Drain
from api.exports import Exports
from api.gatekeeper import Gatekeeper
from api.gateway import Gateway, fastapi_problem
from api.lanes import Lanes
from api.log import AccessLog
from api.long_calls import LongCalls
from api.metrics import Metrics
from api.passwords import Passwords
from api.problems import Problem, unavailable
from api.rate import Rates
from api.sessions import Sessions
from api.settings import Settings
from api.stores import LocalStore, RedisStore, Store
from api.streams import Streams
from api.tokens import Tokens
from api.watcher import Watcher
from api.web import Web

log = logging.getLogger("penstock")


def create(settings: Settings) -> Gateway:
    """The ASGI application for these settings; nothing is opened before its lifespan begins."""
    metrics = Metrics()
    url = settings.database_url.get_secret_value()
    lanes = Lanes(
        url,
        settings.shared_size,
        settings.connections,
        settings.pool_timeout,
        settings.statement_timeout,
    )
    cache = Cache(lanes, metrics)
    drain = Drain(url, cache)
    watcher = Watcher(settings, metrics, lanes.plan_anew)
    # Of their own each: imports must not wait for readers.
    sizes = settings.copy_size, settings.batch_size, settings.export_size
    copy_lanes = [CopyLane(url, size, settings.pool_timeout) for size in sizes]
    loading, of_batches, unloading = copy_lanes
    tokens = Tokens(settings)
    gatekeeper = Gatekeeper(cache, settings.statement_timeout)
    keys = ApiKeys(gatekeeper, cache, settings.api_roles)
    callers = Callers(tokens, Sessions(gatekeeper, cache), keys)
    access, hasher = AccessLog(), Passwords()
    rates, long_calls = Rates(lanes, metrics), LongCalls()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if tokens.keys.signs is None:
            log.warning("neither JWT_KEYS nor JWT_SECRET is set: every caller is anonymous")
        store = _store(settings)
        cache.open(store)
        rates.open(store)
        await watcher.open()
        await drain.open()
        metrics.open()
        # What is there now stays: without this, each full collection walks all of it, and the
        # requests of that moment wait for tens of milliseconds.
        gc.collect()
        gc.freeze()
        # And what is made for a request mostly goes with it: look seldom, or hundreds of requests
        # under way are walked over and over.
        gc.set_threshold(10_000, 20, 50)
        yield
        gc.unfreeze()
        await long_calls.close()
        access.flush()
        metrics.close()
        await watcher.close()
        await drain.close()
        await lanes.close()
        await cache.close()
        await asyncio.gather(*(lane.close() for lane in copy_lanes))
        hasher.close()

    app = FastAPI(
        title="Penstock",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    if tokens.keys.signs is not None:
        app.include_router(auth.router(settings, gatekeeper, hasher, tokens, callers))
    app.include_router(pages.router(settings, watcher, metrics, tokens.keys, app))
    pages.mount_assets(app)
    _answer_problems(app, watcher)
    dispatcher = Dispatcher(
        settings, cache, loading, Exports(unloading, settings.export_size), hasher, long_calls
    )
    door = _door(settings, rates)
    streams = Streams(
        dispatcher,
        callers,
        cache,
        door.addresses,
        most=settings.streams,
        per_caller=settings.streams_per_caller,
        heartbeat=settings.stream_heartbeat,
    )
    drain.watch = streams.watch
    batches = Batches(settings, dispatcher, of_batches, door)
    return Gateway(app, watcher, dispatcher, callers, metrics, access, door, batches, streams)


def _door(settings: Settings, rates: Rates) -> Door:
    return Door(
        Web(settings.allowed_hosts, settings.cors_origins, settings.hsts_seconds),
        Addresses([network(each) for each in settings.trusted_proxies]),
        rates,
        f"{settings.api_prefix}/auth/",
        quota.together(map(quota.parse, settings.auth_rate)),
    )


def _store(settings: Settings) -> Store | None:
    """Where answers are kept; nowhere, if several workers have nothing in common."""
    if settings.redis_url is not None:
        return RedisStore(settings.redis_url.get_secret_value())
    return LocalStore(settings.cache_bytes) if settings.processes == 1 else None


def _answer_problems(app: FastAPI, watcher: Watcher) -> None:
    async def problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return Response(**fastapi_problem(error, request.scope))

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404 and watcher.state is None:
            # Not "no such path": the routes have not been read yet.
            return Response(**fastapi_problem(unavailable(), request.scope))
        return Response(**fastapi_problem(_from_http(error, request), request.scope))

    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("the request failed", exc_info=error)
        return Response(**fastapi_problem(Problem(500, slug="internal"), request.scope))

    async def unforeseen(request: Request, _: Exception) -> Response:
        # Starlette raises it again for the gateway, which logs it.
        return Response(**fastapi_problem(Problem(500, slug="internal"), request.scope))

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Error, unexpected)
    app.add_exception_handler(Exception, unforeseen)


def _from_http(error: HTTPException, request: Request) -> Problem:
    headers: list[tuple[bytes, bytes]] = [
        (name.lower().encode(), value.encode()) for name, value in (error.headers or {}).items()
    ]
    sentences: dict[int, tuple[str, str]] = {
        404: (f"There is nothing at {request.url.path[:200]}.", "no-such-path"),
        405: (f"{request.method[:20]} is not for this path.", "method-not-allowed"),
    }
    detail, slug = sentences.get(error.status_code, (str(error.detail), ""))
    return Problem(error.status_code, detail, slug=slug, headers=headers)


def asgi(_: Any = None) -> Gateway:
    """The factory that uvicorn calls in each worker."""
    from api.settings import load  # noqa: PLC0415 -- a worker reads its own environment

    return create(load())
