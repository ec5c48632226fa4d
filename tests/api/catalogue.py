"""The catalogue of a database, for tests that need no server."""

import asyncio

from psycopg import AsyncConnection

from api import catalog
from api.catalog import Catalog
from db.database import Database


def read_catalog(
    database: Database, schemas: list[str], roles: list[str], before: Catalog | None = None
) -> Catalog:
    """What `catalog.read()` finds as the superuser."""

    async def read() -> Catalog:
        async with await AsyncConnection.connect(database.superuser_url) as connection:
            return await catalog.read(connection, schemas, roles, before)

    return asyncio.run(read())
