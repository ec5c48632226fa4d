"""`penstock import FILE --to PATH`: send a list, see how far it is and what came of it."""

import argparse
import gzip
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import SplitResult, urlsplit

from db.errors import SetupError

ALL_TAKEN, REFUSED, SOME_REJECTED = 0, 1, 3
_ACCEPTED = HTTPStatus.ACCEPTED
_PASSING = (429, 502, 503, 504)  # ask again: the job does not depend on whether we could ask
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0  # seconds between two looks at a job
_PIECE = 65_536
_BAR = 30
_EVERY = 0.1  # seconds between two looks of the progress
_TYPES = {"csv": "text/csv", "ndjson": "application/x-ndjson", "json": "application/json"}
_SUFFIXES = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "json"}


def parser() -> argparse.ArgumentParser:
    """Its flags."""
    parser = argparse.ArgumentParser(
        prog="penstock import",
        description="Send a list to an endpoint that takes lists.",
        epilog="Ends with 0 if all lines were taken, 3 if some were rejected (--lenient), 1 if"
        " nothing was taken.",
    )
    parser.add_argument("file", metavar="FILE", help="CSV, NDJSON or a JSON array; also .gz")
    parser.add_argument("--to", required=True, metavar="PATH", help="such as /products/bulk")
    parser.add_argument("--method", default="POST", choices=["POST", "PUT", "PATCH", "DELETE"])
    parser.add_argument("--type", choices=_TYPES, help="what it is, if its name doesn't say so")
    parser.add_argument(
        "--lenient", action="store_true", help="take the good lines where others are wrong"
    )
    parser.add_argument(
        "--async",
        dest="waits",
        action="store_true",
        help="end the request when all is sent, and ask what becomes of it: for lists that take"
        " longer than a proxy waits",
    )
    parser.add_argument(
        "--url",
        default=os.environ.get("PENSTOCK_URL"),
        help="where the API is, as in https://api.example.com/api/v1 (PENSTOCK_URL)",
    )
    parser.add_argument(
        "--token-file",
        type=Path,
        help="a file with the access token or API key; otherwise it is PENSTOCK_TOKEN",
    )
    parser.add_argument("--timeout", type=float, default=600, help="seconds to wait (600)")
    return parser


def run(arguments: Sequence[str], here: Callable[[], str | None]) -> int:
    """Send the file; `here` tells the URL of the API of this checkout, if that runs.

    The exit code is one of those above. Raises SetupError where nothing could be sent.
    """
    options = parser().parse_args(arguments)
    url = options.url or here()
    if not url:
        raise SetupError("Say where the API is: --url https://… or PENSTOCK_URL.")
    path = Path(options.file)
    kind = _kind(path, options.type)
    try:
        with path.open("rb") as file:
            status, answer = _send(urlsplit(url.rstrip("/")), options, path, kind, file)
        if status == _ACCEPTED:
            status, answer = _follow(urlsplit(url.rstrip("/")), options, json.loads(answer))
    except (OSError, HTTPException) as error:
        raise SetupError(f"The list could not be sent: {error}.") from None
    return _tell(status, answer)


def _kind(path: Path, said: str | None) -> str:
    bare = path.with_suffix("") if path.suffix == ".gz" else path
    kind = said or _SUFFIXES.get(bare.suffix.lower())
    if kind is None:
        raise SetupError(f"{path} does not say what it is: --type {', '.join(_TYPES)}.")
    return _TYPES[kind]


def _connect(url: SplitResult, timeout: float) -> HTTPConnection:
    if url.scheme not in ("http", "https") or not url.hostname:
        raise SetupError(f"{url.geturl()} is no URL like https://api.example.com/api/v1.")
    connect = HTTPSConnection if url.scheme == "https" else HTTPConnection
    return connect(url.hostname, url.port, timeout=timeout)


def _send(
    url: SplitResult, options: argparse.Namespace, path: Path, kind: str, file: BinaryIO
) -> tuple[int, bytes]:
    connection = _connect(url, options.timeout)
    size = path.stat().st_size
    headers = {"Content-Type": kind, "Content-Length": str(size), "Accept": "application/json"}
    if path.suffix == ".gz":
        with gzip.open(path) as packed:  # better to fail here than there
            packed.read(1)
        headers["Content-Encoding"] = "gzip"
    wishes = ["handling=lenient"] if options.lenient else []
    wishes += ["respond-async"] if options.waits else []
    if wishes:
        headers["Prefer"] = ", ".join(wishes)
    headers |= _authorization(options.token_file)
    target = url.path + "/" + options.to.lstrip("/")
    try:
        # It may be refused before all was sent, and then says why.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(options.method, target, _watched(file, size), headers)
        answer: HTTPResponse = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _follow(
    url: SplitResult, options: argparse.Namespace, job: dict[str, Any]
) -> tuple[int, bytes]:
    """Ask for a job until it has ended; the status and body that the answer would have had."""
    until = time.monotonic() + options.timeout
    place = f"{url.path}/jobs/{job['id']}"
    shows = sys.stderr.isatty()
    pause = _FIRST_PAUSE
    while job["state"] == "running":
        if time.monotonic() > until:
            raise SetupError(f"It is still running after {options.timeout:g} s: GET {place}.")
        if shows:
            print(f"\r{applying(job)}", end="", file=sys.stderr, flush=True)
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
        with closing(_connect(url, options.timeout)) as connection:
            connection.request("GET", place, headers=_authorization(options.token_file))
            answer = connection.getresponse()
            said = answer.read()
        if answer.status in _PASSING:
            continue
        if answer.status != HTTPStatus.OK:
            raise SetupError(
                f"The list is being taken in, but its job can't be read ({answer.status}):"
                f" GET {place}."
            )
        job = json.loads(said)
    if shows:
        print(file=sys.stderr)
    return job["status"], json.dumps(job["result"]).encode()


def applying(job: dict[str, Any]) -> str:
    """What is said of a job that runs."""
    lines, done = job["lines"], job["done"]
    return f"{_drawn(done, lines)} {done:,} of {lines:,} lines are done"


def _authorization(file: Path | None) -> dict[str, str]:
    token = file.read_text().strip() if file else os.environ.get("PENSTOCK_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _watched(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The file's bytes, with a bar on a terminal."""
    shows = sys.stderr.isatty()
    sent, shown = 0, 0.0
    while piece := file.read(_PIECE):
        yield piece
        sent += len(piece)
        if shows and (time.monotonic() - shown > _EVERY or sent == size):
            shown = time.monotonic()
            print(f"\r{bar(sent, size)}", end="", file=sys.stderr, flush=True)
    if shows:
        print("\nSent; it is being taken in …", file=sys.stderr)


def bar(sent: int, size: int) -> str:
    """How far it is."""
    megabytes = f"{sent / 2**20:,.1f} of {size / 2**20:,.1f} MB"
    return f"{_drawn(sent, size)} {100 * sent // max(size, 1):3d} %  {megabytes}"


def _drawn(part: int, whole: int) -> str:
    full = _BAR * part // max(whole, 1)
    return f"[{'#' * full}{'.' * (_BAR - full)}]"


def _tell(status: int, answer: bytes) -> int:
    try:
        said: Any = json.loads(answer)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        print(answer.decode(errors="replace")[:2000])
        return ALL_TAKEN if status < 300 else REFUSED
    _tell_rejects(said)
    if status >= 300:
        print(f"Nothing was taken ({status}): {said.get('detail', 'no reason given')}")
        return REFUSED
    if "accepted" not in said:  # a function that reports in its own way
        print(json.dumps(said, indent=2, ensure_ascii=False))
        return ALL_TAKEN
    if "result" in said:
        print(json.dumps(said["result"], ensure_ascii=False)[:2000])
    print(f"{said['lines']:,} lines: {said['accepted']:,} taken, {said['rejected']:,} rejected.")
    return SOME_REJECTED if said["rejected"] else ALL_TAKEN


def _tell_rejects(said: dict[str, Any]) -> None:
    rejects = said.get("rejects") or []
    for each in rejects:
        field = f" {each['field']}:" if each.get("field") else ""
        print(f"line {each['line']}:{field} {each['detail']}")
    lines = len({each["line"] for each in rejects})
    if said.get("rejected", 0) > lines:
        print(f"… and {said['rejected'] - lines:,} more lines")
