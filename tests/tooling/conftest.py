"""What the tests of the tooling share: a folder that servers can enter, and taken ports."""

import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from db import process


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder with a space in its path, which every user may enter (pytest's own is private)."""
    folder = Path(tempfile.mkdtemp(prefix="pen stock "))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def occupy() -> Callable[[int], AbstractContextManager[None]]:
    """Something else that listens on a port."""

    @contextmanager
    def listening(port: int) -> Iterator[None]:
        with socket.create_server((process.LOOPBACK, port)):
            yield

    return listening
