"""What one persona does to one table: each row seen, entered, changed and deleted, or not."""

from collections import Counter
from dataclasses import dataclass

import psycopg
from psycopg import Connection, errors, sql

from tests.security.house import Persona
from tests.security.relations import Relation, texts

VERBS = ("select", "insert", "update", "delete")


@dataclass
class Reach:
    """What one verb of one persona comes to: which rows, and whether a rule refused them all."""

    rows: set[int]
    refused: bool = False
    error: str = ""
    others: int = 0  # rows that are none of the whole, being sums over a part of it

    def shown(self, relation: Relation, persona: Persona) -> str:
        if self.error:
            return f"error {self.error}"
        text = relation.named(self.rows, persona.person)
        if self.others:
            text = f"{self.others} sums of a part" + (f", {text}" if self.rows else "")
        return f"({text})" if self.refused else text


def privileges_of(boss: Connection, relation: Relation, role: str) -> dict[str, list[str]]:
    """The columns that a role may select, insert and update, and whether it may delete."""
    columns = boss.execute(
        """
        select v.name, array(
            select a.attname::text
            from pg_attribute as a
            where a.attrelid = %(oid)s
                and a.attnum > 0
                and not a.attisdropped
                and case
                    when v.name = 'delete' then has_table_privilege(%(role)s, %(oid)s::oid, v.name)
                    else has_column_privilege(%(role)s, %(oid)s::oid, a.attnum, v.name)
                end
            order by a.attnum
        )
        from unnest(%(verbs)s::text[]) as v (name)
        where has_schema_privilege(%(role)s, %(schema)s, 'usage')
        """,
        {"oid": relation.oid, "role": role, "verbs": list(VERBS), "schema": relation.schema},
    ).fetchall()
    return {verb: names for verb, names in columns if names}


def _select(connection: Connection, relation: Relation, may: dict[str, list[str]]) -> Reach:
    try:
        with connection.transaction():
            shown = connection.execute(
                sql.SQL("select {} from {}").format(texts(may["select"]), relation.sql)
            ).fetchall()
    except psycopg.Error as error:
        return Reach(set(), error=error.sqlstate or "?")
    seen = Counter(shown)
    places = [relation.columns.index(name) for name in may["select"]]
    rows = set()
    for i, row in enumerate(relation.rows):
        part = tuple(row[place] for place in places)
        if seen[part]:
            seen[part] -= 1
            rows.add(i)
    return Reach(rows, others=seen.total())


def _insert(connection: Connection, relation: Relation, may: dict[str, list[str]]) -> Reach:
    """Rows like those that are there: a policy is asked before any constraint."""
    names = [name for name in may["insert"] if name not in relation.fixed]
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        relation.sql,
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(
            sql.SQL("%s::" + relation.types[relation.columns.index(name)]) for name in names
        ),
    )
    done: set[int] = set()
    ruled: set[int] = set()
    for i, row in enumerate(relation.rows):
        values = [row[relation.columns.index(name)] for name in names]
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(statement, values)
                done.add(i)
        except errors.InsufficientPrivilege:
            continue
        except errors.IntegrityError:
            done.add(i)
        except psycopg.Error:
            ruled.add(i)
    return Reach(done | ruled, refused=bool(ruled) and not done)


def _update(connection: Connection, relation: Relation, may: dict[str, list[str]]) -> Reach:
    """Each row set to what it is."""
    free = [name for name in may["update"] if name not in relation.fixed] or may["update"]
    readable = [name for name in free if name in may.get("select", ())]
    name = sql.Identifier((readable or free)[0])
    value = name if readable else sql.SQL("default")
    change = sql.SQL("update {} set {} = {}").format(relation.sql, name, value)
    return _each(connection, relation, may, change)


def _delete(connection: Connection, relation: Relation, may: dict[str, list[str]]) -> Reach:
    change = sql.SQL("delete from {}").format(relation.sql)
    return _each(connection, relation, may, change)


def _each(
    connection: Connection, relation: Relation, may: dict[str, list[str]], change: sql.Composed
) -> Reach:
    """Do it to each row. What a policy hides is passed over, what a rule refuses was reached."""
    readable = may.get("select", [])
    by = relation.key if set(relation.key) <= set(readable) and relation.key else readable
    where = sql.SQL(" and ").join(
        sql.SQL("{}::text is not distinct from %s").format(sql.Identifier(name)) for name in by
    )
    statement = change + sql.SQL(" where ") + where if by else change
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(change + sql.SQL(" where false"))
    except psycopg.Error as error:
        return Reach(set(), error=error.sqlstate or "?")
    done: set[int] = set()
    ruled: set[int] = set()
    for i, row in enumerate(relation.rows):
        values = [row[relation.columns.index(name)] for name in by]
        try:
            with connection.transaction(force_rollback=True):
                if connection.execute(statement, values).rowcount:
                    done.add(i)
        except psycopg.Error:
            ruled.add(i)
    return Reach(done | ruled, refused=bool(ruled) and not done)


DO = {"select": _select, "insert": _insert, "update": _update, "delete": _delete}
