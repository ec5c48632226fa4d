"""Real servers for every test: databases cloned from a deployed template, and a Redis."""

from collections.abc import Iterator

import pytest

from db.testbed import Database, Testbed, open_bed


@pytest.fixture(scope="session")
def bed() -> Iterator[Testbed]:
    """The test cluster with its deployed template; shared by all workers, kept between runs."""
    with open_bed() as bed:
        yield bed


@pytest.fixture
def database(bed: Testbed) -> Iterator[Database]:
    """A fresh clone of the deployed database, dropped after the test."""
    with bed.database() as database:
        yield database


@pytest.fixture(scope="module")
def module_database(bed: Testbed) -> Iterator[Database]:
    """One clone for all tests of a module."""
    with bed.database() as database:
        yield database


@pytest.fixture
def empty_database(bed: Testbed) -> Iterator[Database]:
    """A database with nothing of Penstock in it, as somebody else's would be."""
    with bed.database("template0") as database:
        yield database
