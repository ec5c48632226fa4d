"""What the measurement must be told of the domain: its people, and names for kinds of rows."""

from dataclasses import dataclass

PEOPLE = {"ada": "member", "bob": "member", "sam": "staff", "eve": "admin"}
PRINCIPALS = "app.users"  # the table whose rows are the people; foreign keys lead to a row's owner
NAME_OF_PRINCIPAL = "username"
OWNER_COLUMNS = ("user_id", "subject")  # say whose a row is where no foreign key does

# A name for rows of which everybody may see some, so that the table says more than a number.
KINDS: dict[str, dict[str, str]] = {
    "app.posts": {"published": "published_at is not null"},
    "app.products": {"for sale": "is_active"},
    "report.sales_by_day": {"France": "country = 'France'"},
    "report.product_sales": {"France": "country = 'France'"},
}
# Of these everybody may see also what is not theirs.
PUBLIC = {"app.posts": "published"}
# These tell of other people, and are meant to: what they have published.
PUBLIC_CALLS = ("api.user_posts", "api.user_list_with_posts")
# What has a row only where a rule is broken: not what these pages are about.
LINT = ("penstock.lint", "penstock.lint_audit")
# What to give a function for a required argument that is no thing_id of a table things.
VALUES: dict[str, str] = {"job_id": "00000000-0000-4000-8000-000000000001"}


@dataclass(frozen=True)
class Persona:
    """Somebody, as PostgreSQL gets to know them."""

    name: str
    login: str  # who connects
    role: str | None = None  # what they become, as the API would
    person: str | None = None  # whose claims they carry

    @property
    def grantee(self) -> str:
        """The role whose privileges count."""
        return self.role or self.login


def personas(analyst_of_france: str) -> list[Persona]:
    """Everybody there is. The clerk and the auditor are nobody's to become, so a
    superuser does."""
    return [
        Persona("anon", "authenticator", "anon"),
        *(Persona(name, "authenticator", role, name) for name, role in PEOPLE.items()),
        Persona("analyst", "analyst"),
        Persona("analyst of France", analyst_of_france),
        Persona("authenticator", "authenticator"),
        Persona("gatekeeper", "authenticator", "gatekeeper"),
        Persona("penstock_agent", "authenticator", "penstock_agent"),
        Persona("penstock_clerk for ada", "postgres", "penstock_clerk", "ada"),
        Persona("penstock_auditor", "postgres", "penstock_auditor"),
    ]
