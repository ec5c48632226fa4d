"""What the docs say is what the code does."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from api.worker_settings import WorkerSettings
from db.database import Database
from db.home import ROOT
from docs import write

MARKDOWN = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "db/CONVENTIONS.md"]


def test_the_readme_lists_every_endpoint(database: Database) -> None:
    text = (ROOT / "README.md").read_text()

    assert text == write.rewritten(text, "routes", write.routes(database.serve_url))


@pytest.mark.parametrize(
    ("path", "name", "make"),
    [
        ("docs/errors.md", "errors", write.errors),
        ("docs/configuration.md", "settings", write.settings),
        ("docs/configuration.md", "worker", lambda: write.settings(WorkerSettings)),
    ],
)
def test_a_table_taken_from_the_code_is_up_to_date(
    path: str, name: str, make: Callable[[], str]
) -> None:
    text = (ROOT / path).read_text()

    assert text == write.rewritten(text, name, make())


@pytest.mark.parametrize("file", MARKDOWN, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(file: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", file.read_text())

    assert [link for link in links if not (file.parent / link).exists()] == []


def test_the_threat_model_names_tests_that_are_there() -> None:
    text = (ROOT / "docs/threat-model.md").read_text()
    named = re.findall(r"`((?:api|db|faults|tooling|worker)/[\w/*]+\.(?:py|sql))`", text)

    assert len(named) > 30
    assert [each for each in named if not list((ROOT / "tests").glob(each))] == []


def test_the_readme_shows_the_endpoint_that_is_tested() -> None:
    """The SQL of "a new endpoint in 60 seconds" is deployed by a test, to the letter."""
    shown = re.search(
        r"```sql\n(begin;.*?commit;\n)```", (ROOT / "README.md").read_text(), re.DOTALL
    )

    assert shown is not None
    assert f'DEPLOY = """\\\n{shown[1]}"""' in (ROOT / "tests/api/test_reload.py").read_text()
