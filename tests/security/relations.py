"""The tables and views of ours with all their rows, and whose each row is.

A superuser reads them, whom no policy hides a row from.
"""

from dataclasses import dataclass, field

from psycopg import Connection, sql

from tests.security import house

ROOMS = "pg_get_userbyid(n.nspowner) = 'penstock_owner' and n.nspname <> 'sqitch'"


@dataclass
class Relation:
    """A table or view with all its rows, as texts, and whose each is."""

    oid: int
    schema: str
    name: str
    is_table: bool
    columns: list[str]
    types: list[str]
    fixed: set[str]  # columns that PostgreSQL fills
    key: list[str]
    rows: list[tuple[str | None, ...]]
    owners: list[str | None] = field(default_factory=list)
    kinds: dict[str, set[int]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def sql(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    def of(self, person: str | None) -> set[int]:
        """The rows of one person."""
        return {i for i, owner in enumerate(self.owners) if person and owner == person}

    def named(self, rows: set[int], person: str | None) -> str:
        """What to call a part of the rows."""
        own = self.of(person)
        if not rows or len(rows) == len(self.rows):
            return "all" if rows else "none"
        if rows == own:
            return "own"
        for name, kind in self.kinds.items():
            if rows == kind:
                return name
            if rows == own | kind:
                return f"own + {name}"
        return f"{len(rows)} of {len(self.rows)}"


def relations_of(boss: Connection) -> list[Relation]:
    """Every table and view of ours with its rows, whatever any policy says."""
    found = boss.execute(
        f"""
        -- Views that read a table, if through others. What reads the catalogue alone shows nobody's
        -- rows, and is in privileges.txt.
        with recursive reading as (
            select c.oid
            from pg_class as c
            join pg_namespace as n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'm', 'f')
                and n.nspname not in ('pg_catalog', 'information_schema')
            union
            select w.ev_class
            from reading as r
            join pg_depend as d on d.refclassid = 'pg_class'::regclass and d.refobjid = r.oid
            join pg_rewrite as w on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
        )
        select
            c.oid::bigint, n.nspname::text, c.relname::text, c.relkind in ('r', 'p', 'f'),
            array_agg(a.attname::text order by a.attnum),
            array_agg(format_type(a.atttypid, a.atttypmod) order by a.attnum),
            coalesce(array_agg(a.attname::text order by a.attnum)
                filter (where a.attidentity = 'a' or a.attgenerated <> ''), '{{}}'),
            coalesce((
                select array_agg(k.attname::text)
                from pg_index as i
                join pg_attribute as k on k.attrelid = i.indrelid and k.attnum = any (i.indkey)
                where i.indrelid = c.oid
                    and i.indisprimary
            ), '{{}}'),
            case when c.relkind = 'v' then pg_get_viewdef(c.oid) end
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relkind in ('r', 'p', 'v', 'm', 'f')
            and {ROOMS}
            and (c.relkind <> 'v' or c.oid in (select r.oid from reading as r))
        group by c.oid, n.nspname, c.relname, c.relkind
        order by n.nspname collate "C", c.relname collate "C"
        """
    ).fetchall()
    relations = []
    for oid, schema, name, is_table, columns, types, fixed, key, definition in found:
        if f"{schema}.{name}" in house.LINT:
            continue
        # A view's definition, read as a superuser, shows what no policy has hidden.
        source = sql.Identifier(schema, name)
        place = (
            sql.SQL("({}) as v").format(sql.SQL(definition.rstrip(";"))) if definition else source
        )
        query = sql.SQL("select {} from {} order by {}").format(
            texts(columns), place, sql.SQL(", ").join(map(sql.Identifier, columns[:1]))
        )
        rows = [tuple(row) for row in boss.execute(query)]
        relations.append(
            Relation(oid, schema, name, is_table, columns, types, set(fixed), key, rows)
        )
    by_name = {str(each): each for each in relations}
    links = _foreign_keys(boss)
    for each in relations:
        each.owners = [_owner(each, row, by_name, links) for row in each.rows]
        for kind, condition in house.KINDS.get(str(each), {}).items():
            each.kinds[kind] = _kind(boss, each, condition)
    return relations


def _kind(boss: Connection, relation: Relation, condition: str) -> set[int]:
    """The rows for which a condition holds; of a view's too, for they are given as texts."""
    columns = zip(relation.columns, relation.types, strict=True)
    typed = sql.SQL(", ").join(
        sql.SQL("%s::text::" + type_ + " as {}").format(sql.Identifier(name))
        for name, type_ in columns
    )
    query = sql.SQL("select from (select {}) as r where " + condition).format(typed)
    return {i for i, row in enumerate(relation.rows) if boss.execute(query, row).fetchone() == ()}


def _foreign_keys(boss: Connection) -> dict[str, list[tuple[str, str, str]]]:
    """By table: each column that points to another table's, nearest to a person first."""
    found = boss.execute("""
        select
            k.conrelid::regclass::text, a.attname::text,
            k.confrelid::regclass::text, b.attname::text
        from pg_constraint as k
        join pg_attribute as a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
        join pg_attribute as b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]
        where k.contype = 'f'
            and cardinality(k.conkey) = 1
        order by k.conrelid, k.conkey
    """).fetchall()
    links: dict[str, list[tuple[str, str, str]]] = {}
    for table, column, target, there in found:
        links.setdefault(table, []).append((column, target, there))
    for each in links.values():
        each.sort(key=lambda link: link[1] != house.PRINCIPALS)
    return links


def _owner(
    relation: Relation,
    row: tuple[str | None, ...],
    by_name: dict[str, Relation],
    links: dict[str, list[tuple[str, str, str]]],
    seen: tuple[str, ...] = (),
) -> str | None:
    """Whose a row is: the person to whom its foreign keys lead."""
    people = by_name[house.PRINCIPALS]
    if relation is people:
        return row[people.columns.index(house.NAME_OF_PRINCIPAL)]
    ways = links.get(str(relation), [])
    if not ways and relation.is_table:
        ways = [(c, house.PRINCIPALS, "id") for c in house.OWNER_COLUMNS if c in relation.columns]
    for column, target, there in ways:
        other = by_name.get(target)
        if other is None or target in seen:
            continue
        value = row[relation.columns.index(column)]
        place = other.columns.index(there)
        for candidate in other.rows:
            if value is not None and candidate[place] == value:
                found = _owner(other, candidate, by_name, links, (*seen, str(relation)))
                if found:
                    return found
    return None


def texts(names: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names)
