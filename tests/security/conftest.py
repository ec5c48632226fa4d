"""One seeded database and one server process for all tests of a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.database import Database
from db.testbed import Testbed
from tests.security.grounds import Server, seeded, served


@pytest.fixture(scope="module")
def shop(bed: Testbed) -> Iterator[Database]:
    """The deployed database with the demo data."""
    yield from seeded(bed)


@pytest.fixture(scope="module")
def server(shop: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The API on it."""
    folder: Path = tmp_path_factory.mktemp("server")
    with served(shop, folder / "api.log") as running:
        yield running
