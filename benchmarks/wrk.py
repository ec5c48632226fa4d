"""wrk, the client: one thread, many connections, the requests of a file in turn."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.install import program
from db.errors import SetupError

SCRIPT = Path(__file__).with_name("wrk.lua")
STEADY = Path(__file__).with_name("steady.lua")
LEAD_SECONDS = 1.0  # in which all connections have begun
MOST_SECONDS = 120


@dataclass(frozen=True)
class Request:
    """One request as it goes over the wire."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    def line(self) -> str:
        headers = "\1".join(f"{name}: {value}" for name, value in self.headers.items())
        return f"{self.method}\t{self.path}\t{headers}\t{self.body}"


@dataclass(frozen=True)
class Load:
    """What wrk saw. Latencies in milliseconds; `requests` are those that were answered.

    Errors: `failed` answers said 4xx or 5xx; `refused` requests had none, their connection was
    refused or reset; `timeouts` are answers that came after wrk's patience was over.
    """

    requests: int
    seconds: float
    p50: float
    p95: float
    p99: float
    longest: float
    failed: int = 0
    refused: int = 0
    timeouts: int = 0

    @property
    def errors(self) -> int:
        """Whatever went wrong."""
        return self.failed + self.refused + self.timeouts

    @property
    def error_percent(self) -> float:
        """Errors of all that was asked: what was refused is not among the answered requests."""
        return 100 * self.errors / max(self.requests + self.refused, 1)

    @property
    def told(self) -> str:
        """The errors in words."""
        return f"{self.failed} not 2xx, {self.refused} refused, {self.timeouts} timed out"

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def write_requests(path: Path, requests: Sequence[Request]) -> Path:
    """Keep the requests where wrk finds them."""
    path.write_text("".join(f"{request.line()}\n" for request in requests))
    return path


def command(
    url: str,
    requests: Path,
    seconds: float,
    connections: int,
    script: Path = SCRIPT,
    patience: int = 10,
) -> list[str]:
    """How wrk is called; `patience` is the seconds after which an answer counts as an error."""
    return [
        *(program("wrk"), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"),
        *("--timeout", f"{patience}s", "-s", str(script), url),
        *("--", str(requests), str(connections)),
    ]


def run(
    url: str,
    requests: Path,
    seconds: float,
    connections: int,
    script: Path = SCRIPT,
    patience: int = 10,
) -> Load:
    """Load a server; raises SetupError where wrk itself failed."""
    called = command(url, requests, seconds, connections, script, patience)
    done = subprocess.run(called, check=False, capture_output=True, text=True)
    return parse(done.stdout + done.stderr)


def meanwhile(url: str, requests: Path, connections: int, work: Callable[[], None]) -> Load:
    """Load a server while the work is done, from a second before it on; raises what that does."""
    called = command(url, requests, MOST_SECONDS, connections, STEADY)
    child = subprocess.Popen(called, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        time.sleep(LEAD_SECONDS)
        work()
    finally:
        child.send_signal(signal.SIGINT)  # it stops, and says what it saw
        output, _ = child.communicate(timeout=30)
    return parse(output)


def parse(output: str) -> Load:
    """The last line that wrk.lua printed."""
    line = output.strip().rpartition("\n")[2]
    if not line.startswith("{"):
        raise SetupError(f"wrk failed:\n{output.strip()}")
    found = json.loads(line)
    return Load(
        requests=found["requests"],
        seconds=found["seconds"],
        p50=found["p50"] / 1000,
        p95=found["p95"] / 1000,
        p99=found["p99"] / 1000,
        longest=found["max"] / 1000,
        failed=found["failed"],
        refused=found["refused"],
        timeouts=found["timeouts"],
    )
