"""A thin wrapper round the real sqitch: it names the target, and nothing more."""

import subprocess
from urllib.parse import unquote, urlsplit

from db.errors import SetupError
from db.home import ROOT
from db.tools import call

PLAN = ROOT / "sqitch.plan"


def sqitch(
    *arguments: str, url: str | None = None, quiet: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run sqitch; `url` (as libpq writes it) becomes its target."""
    if url is None:
        return call(["sqitch", *arguments], quiet=quiet)
    command, *rest = arguments
    target, password = _target(url)
    return call(["sqitch", command, "--target", target, *rest], quiet=quiet, env=password)


def _target(url: str) -> tuple[str, dict[str, str]]:
    """Sqitch's `db:pg://…`, with the password beside it: a command line is no secret."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{parts.username}@{host}" if parts.username else host
    password = {"SQITCH_PASSWORD": unquote(parts.password)} if parts.password else {}
    return "db:" + parts._replace(scheme="pg", netloc=netloc).geturl(), password


def deploy(url: str, *arguments: str, quiet: bool = False) -> None:
    """Deploy with verification; what went wrong is Sqitch's own words."""
    done = sqitch("deploy", "--verify", *arguments, url=url, quiet=quiet)
    if done.returncode:
        shown = f"\n{done.stdout.strip()}" if quiet else " See above."
        raise SetupError(
            f"`sqitch deploy` stopped: the change it names was not deployed, all before it "
            f"were. Mend its script in deploy/ and run `./dev deploy`.{shown}"
        )
