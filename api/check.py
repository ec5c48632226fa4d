"""What `penstock check` and `penstock routes` print: the catalogue as the API reads it."""

import asyncio

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


def routes(database_url: str, schemas: tuple[str, ...] = DEFAULT_SCHEMAS) -> int:
    """Print every endpoint with its function and the roles that may call it."""
    endpoints, errors = read(database_url, schemas)
    rows = [
        (
            each.method,
            each.path,
            str(each.function),
            "read" if each.read_only else "write",
            ", ".join(role for role in DEFAULT_ROLES if role in each.roles) or "nobody",
        )
        for each in sorted(endpoints, key=lambda each: (each.path, each.method))
    ]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(5)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    for error in errors:
        print(f"error: {error}")
    return 1 if errors else 0


def read(database_url: str, schemas: tuple[str, ...]) -> tuple[list[Endpoint], list[str]]:
    """The endpoints of a database, and the errors of those that can't be."""

    async def run() -> tuple[list[Endpoint], list[str]]:
        async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
            read = await catalog.read(connection, list(schemas), list(DEFAULT_ROLES))
        return at_once(build(read, "/api/v1"))

    return asyncio.run(run())
