"""A database of the test cluster, with the ways in that each kind of user has."""

from dataclasses import dataclass
from typing import Any

import psycopg

from db.cluster import Cluster
from db.provision import ANALYST, DEPLOYER, SERVER
from db.tools import psql


@dataclass(frozen=True)
class Database:
    """One database of the test cluster and the ways in. All of them are libpq URLs."""

    name: str
    cluster: Cluster

    @property
    def superuser_url(self) -> str:
        return self.cluster.url(self.name)

    @property
    def deployer_url(self) -> str:
        """Acts as penstock_owner, who owns every object."""
        return self.cluster.url(self.name, DEPLOYER)

    @property
    def serve_url(self) -> str:
        """The authenticator, as which the API connects."""
        return self.cluster.url(self.name, SERVER)

    @property
    def analyst_url(self) -> str:
        """A login with the role reporter."""
        return self.cluster.url(self.name, ANALYST)

    def psql(self, script: str, url: str | None = None) -> str:
        """What psql prints, unaligned and bare, as the superuser unless a URL is given."""
        return psql(url or self.superuser_url, "-c", script)

    def rows(self, query: str, *parameters: Any, url: str | None = None) -> list[tuple[Any, ...]]:
        """Run one statement and give its rows (an empty list if it has none)."""
        with psycopg.connect(url or self.superuser_url, autocommit=True) as connection:
            cursor = connection.execute(query.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []
