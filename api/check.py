"""What `penstock check` and `penstock routes` print: the catalogue as the API reads it."""

import asyncio

from prometheus_client.parser import text_string_to_metric_families
from psycopg import AsyncConnection

from api import catalog
from api.contract import build
from api.endpoint import Endpoint
from api.slices import at_once

DEFAULT_SCHEMAS = ("api",)
DEFAULT_ROLES = ("anon", "member", "staff", "admin")


def check(database_url: str, schemas: tuple[str, ...] = DEFAULT_SCHEMAS) -> int:
    """Print a sentence for each function that can't be served; 1 if there is any, else 0."""
    endpoints, errors = read(database_url, schemas)
    for error in errors:
        print(f"error: {error}")
    if not errors:
        print(f"The catalogue is in order: {len(endpoints)} endpoints.")
    return 1 if errors else 0


def routes(
    database_url: str, schemas: tuple[str, ...] = DEFAULT_SCHEMAS, *, metrics: str = ""
) -> int:
    """Print every endpoint with its function, who may call it, how it is cached, and how often.

    `metrics` is the page of the API that serves them, if one does.
    """
    endpoints, errors = read(database_url, schemas)
    caches = _caches(metrics)
    rows = [
        (
            each.method,
            each.path,
            str(each.function),
            "read" if each.read_only else "write",
            ", ".join(role for role in DEFAULT_ROLES if role in each.roles) or "nobody",
            "; ".join(filter(None, (_policy(each) + caches.get(each.name, ""), _rates(each)))),
        )
        for each in sorted(endpoints, key=lambda each: (each.path, each.method))
    ]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(6)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    for error in errors:
        print(f"error: {error}")
    return 1 if errors else 0


def _policy(endpoint: Endpoint) -> str:
    """A `@cache` line in a few words."""
    if endpoint.cache is None:
        return ""
    policy = endpoint.cache.policy
    shown = f"cached {policy.ttl:g} s by {policy.vary}"
    if policy.tags:
        shown += f", ends with {' '.join(policy.tags)}"
    if policy.stale:
        shown += f", stale {policy.stale:g} s"
    if policy.local:
        shown += f", local {policy.local * 1000:g} ms"
    return shown


def _rates(endpoint: Endpoint) -> str:
    """Its `@rate` lines in a few words."""
    return (
        "" if endpoint.limits is None else f"at most {', '.join(map(str, endpoint.limits.rates))}"
    )


def _caches(metrics: str) -> dict[str, str]:
    """By route: how many of its lookups were hits, and how much was kept."""
    lookups: dict[str, float] = {}
    hits: dict[str, float] = {}
    kept: dict[str, float] = {}
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            route = sample.labels.get("route", "")
            if sample.name == "penstock_cache_lookups_total":
                lookups[route] = lookups.get(route, 0) + sample.value
                if sample.labels["result"] == "hit":
                    hits[route] = sample.value
            elif sample.name == "penstock_cache_kept_bytes_total":
                kept[route] = sample.value
    return {
        route: f": {hits.get(route, 0) / number:.0%} of {number:,.0f} hit,"
        f" {kept.get(route, 0):,.0f} bytes kept"
        for route, number in lookups.items()
    }


def read(database_url: str, schemas: tuple[str, ...]) -> tuple[list[Endpoint], list[str]]:
    """The endpoints of a database, and the errors of those that can't be."""

    async def run() -> tuple[list[Endpoint], list[str]]:
        async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
            read = await catalog.read(connection, list(schemas), list(DEFAULT_ROLES))
        return at_once(build(read, "/api/v1"))

    return asyncio.run(run())
