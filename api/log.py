"""Logs as one JSON object a line."""

import asyncio
import json
import logging
import re
import sys
import time
from collections.abc import Iterable
from typing import Any

_FLUSH_SECONDS = 0.1
_access = logging.getLogger("penstock.access")
_quote = json.encoder.encode_basestring_ascii

_LEFT_OUT = "…"
_LEAST_TELLING = 4  # shorter ones are left out where they stand in quotes
_IN_QUOTES = re.compile(r'"([^"]+)"')
_OF_A_DOCUMENT = re.compile(r"(?m)^(?:JSON|XML) data, .*\n?")

_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "color_message"}


def one_line(error: BaseException) -> str:
    """What an error says, in one line; its kind where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__


def unquoted(text: str, given: Iterable[str | None]) -> str:
    """What PostgreSQL says, without what it quotes of the arguments that a client has given.

    They may be anything, and people read logs.
    """
    values = sorted(filter(None, given), key=len, reverse=True)
    for value in values:
        if len(value) >= _LEAST_TELLING:
            text = text.replace(value, _LEFT_OUT)
    text = _OF_A_DOCUMENT.sub("", text)
    return _IN_QUOTES.sub(
        lambda match: f'"{_LEFT_OUT}"' if any(match[1] in value for value in values) else match[0],
        text,
    )


class JsonFormatter(logging.Formatter):
    """time, level, logger, message, whatever `extra` adds, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        entry: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry |= {key: value for key, value in record.__dict__.items() if key not in _OWN}
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


class AccessLog:
    """A line for each request, put together by hand and written a few times a second.

    The same fields as JsonFormatter would write; going through logging costs a fifth of what
    this server can do.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._second = 0
        self._stamp = ""
        self._timer: asyncio.TimerHandle | None = None

    def write(
        self,
        request_id: str,
        method: str,
        path: str,
        route: str,
        status: int,
        seconds: float,
        role: str,
        client: str,
    ) -> None:
        """Note one request."""
        if not _access.isEnabledFor(logging.INFO):
            return
        now = time.time()
        second = int(now)
        if second != self._second:
            self._second = second
            self._stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        quoted = _quote(path)
        self._lines.append(
            f'{{"time": "{self._stamp}.{int(now % 1 * 1000):03d}Z", "level": "info",'
            f' "logger": "penstock.access", "message": "{method} {quoted[1:-1]} {status}",'
            f' "request_id": "{request_id}", "method": "{method}", "path": {quoted},'
            f' "route": {_quote(route)}, "status": {status}, "ms": {seconds * 1000:.2f},'
            f' "role": {_quote(role)}, "client": "{client}"}}\n'
        )
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Write out what was noted."""
        self._timer = None
        lines, self._lines = self._lines, []
        if lines:
            sys.stderr.write("".join(lines))
            sys.stderr.flush()


def configuration(level: str) -> dict[str, Any]:
    """A logging.config dictionary, which uvicorn takes as well."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "stream": "ext://sys.stderr",  # by name: workers get this in a pickle
            }
        },
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            "uvicorn": {"level": "INFO"},
            "uvicorn.access": {"level": "WARNING"},
            # A server that is down is told once by the watcher, not once a connection.
            # And a pipeline that a client's mistake cut short is no news.
            "psycopg": {"level": "ERROR"},
        },
    }
