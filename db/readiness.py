"""What a running API says about itself at /readyz."""

import json
import urllib.error
import urllib.request


def readiness(root: str) -> tuple[bool, list[str]]:
    """Whether the API at `root` can serve, and what it complains of (it may do both)."""
    try:
        with urllib.request.urlopen(f"{root}/readyz", timeout=5) as answer:  # noqa: S310
            return True, _complaints(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return False, _complaints(error.read()) or [f"/readyz answers {error.code}"]
    except OSError as error:
        return False, [str(error)]


def page(root: str) -> str:
    """The metrics of the API at `root`; nothing where none answers."""
    try:
        with urllib.request.urlopen(f"{root}/metrics", timeout=5) as answer:  # noqa: S310
            return str(answer.read().decode())
    except OSError:
        return ""


def _complaints(body: bytes) -> list[str]:
    """Its errors, and a database that isn't `ok`."""
    try:
        report = json.loads(body)
    except ValueError:
        return [body.decode(errors="replace")]
    database = report.get("database", "ok")
    wrong = [] if database == "ok" else [f"database: {database}"]
    return wrong + [str(error) for error in report.get("errors", [])]
