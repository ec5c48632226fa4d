"""`penstock serve`: uvicorn with everything from the environment."""

import os
import tempfile

import uvicorn

from api import log
from api.metrics import FOLDER_VARIABLE
from api.protocol import Protocol
from api.settings import Settings, load


def main() -> None:
    """Serve until told to stop. Exits with a sentence where the configuration is wrong."""
    settings = load()
    if settings.processes == 1:
        _run(settings)
        return
    with tempfile.TemporaryDirectory(prefix="penstock-metrics-") as folder:
        os.environ[FOLDER_VARIABLE] = folder
        _run(settings)


def _run(settings: Settings) -> None:
    uvicorn.run(
        "api.app:asgi",
        factory=True,
        host=settings.host,
        port=settings.port,
        timeout_keep_alive=settings.keep_alive,
        backlog=65_535,  # as much as net.core.somaxconn allows: clients may all come back at once
        workers=settings.processes,
        loop="uvloop",
        http=Protocol,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
        log_config=log.configuration(settings.log_level),
    )
