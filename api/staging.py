"""The SQL of a list on its way into its function.

The lines are copied into pg_temp.bulk_lines by the login that serves, before it becomes the caller.
Where the list is read by its types, the caller then has pg_temp.bulk_rows, with the line's number
and the fields, and pg_temp.bulk_rejects, with the lines that are none and why. To that table the
function adds what it refuses itself.
"""

from api.endpoint import Bulk, BulkField
from api.statement import ident, literal

# What a text says to a type that refuses it: an input function, a domain's check, and what a check
# raises for clients to read.
REFUSED = "^(22|23|42601|42704|42P01|P0001|PT4)"
_PAGES = 8  # of the staging table that are read again where one line among them is refused


def create_lines(bulk: Bulk) -> str:
    """The table that COPY fills. A definer function must read it as well as its caller."""
    head = "field text, problem text" if bulk.is_typed else "raw text not null, problem text"
    columns = "".join(f", {ident(each.name)} text" for each in bulk.fields)
    return (
        f"create temp table bulk_lines (line bigint not null, {head}{columns}) on commit drop;"
        " grant select on pg_temp.bulk_lines to public"
    )


def copy_lines(bulk: Bulk, columns: tuple[str, ...]) -> str:
    """Its COPY, for rows as api/staged.py makes them, with the fields in that order."""
    head = ("line", "field", "problem") if bulk.is_typed else ("line", "raw", "problem")
    names = ", ".join(map(ident, (*head, *columns)))
    null = "" if bulk.is_typed else "\\N"
    return f"copy pg_temp.bulk_lines ({names}) from stdin (format csv, null {literal(null)})"


def create_rows(bulk: Bulk) -> str:
    """The caller's tables: rows of the right types, and what is no row."""
    row = ident(bulk.type.schema, bulk.type.name)
    rejects = "".join(
        " insert into pg_temp.bulk_rejects"
        f" select l.line, {literal(name)}, {literal(f'{name} is required.')}"
        f" from pg_temp.bulk_lines as l where l.problem is null and l.{ident(name)} is null;"
        for name in bulk.needs
    )
    return (
        "create temp table bulk_rows on commit drop as"
        f" select 0::bigint as line, (null::{row}).* where false;"
        " create temp table bulk_rejects"
        " (line bigint not null, field text, reason text not null) on commit drop;"
        " grant select on pg_temp.bulk_rows to public;"
        " grant select, insert on pg_temp.bulk_rejects to public;"
        " insert into pg_temp.bulk_rejects"
        " select l.line, l.field, l.problem from pg_temp.bulk_lines as l"
        f" where l.problem is not null;{rejects}"
    )


def fill_rows(bulk: Bulk, where: str = "") -> str:
    """All lines at once, each field cast to its type. One that is refused refuses all."""
    values = "".join(f", {_value(each)}" for each in bulk.fields)
    return (
        f"insert into pg_temp.bulk_rows (line{_names(bulk)}) select l.line{values}"
        f" from pg_temp.bulk_lines as l where {_is_whole(bulk)}{where}"
    )


def _names(bulk: Bulk, of: str = "") -> str:
    return "".join(f", {of}{ident(each.name)}" for each in bulk.fields)


def _value(field: BulkField, of: str = "l") -> str:
    return f"{of}.{ident(field.name)}{field.cast}"


def _is_whole(bulk: Bulk) -> str:
    needs = "".join(f" and l.{ident(name)} is not null" for name in bulk.needs)
    return f"l.problem is null{needs}"


def fill_rows_softly(bulk: Bulk) -> str:
    """The same where some are refused: page by page, and field by field where one is.

    A subtransaction for each field would take far longer, and most pages have none to refuse.
    """
    pages = (
        " and l.ctid >= format('(%s,0)', v_page)::tid"
        f" and l.ctid < format('(%s,0)', v_page + {_PAGES})::tid"
    )
    values = "".join(f", {_value(each, 'v_line')}" for each in bulk.fields)
    variables = "".join(
        f" v_{number} pg_temp.bulk_rows.{ident(each.name)}%type;"
        for number, each in enumerate(bulk.fields)
        if not each.type.not_null  # such a variable could not be null before it is set
    )
    looks = "".join(_look(number, each) for number, each in enumerate(bulk.fields))
    body = f"""
declare
    v_line record; v_page bigint := 0; v_found boolean;
    v_page_size bigint := current_setting('block_size');
    v_state text; v_schema text; v_type text; v_rule text; v_said text;{variables}
begin
    while v_page * v_page_size < pg_relation_size('pg_temp.bulk_lines') loop
        begin
            {fill_rows(bulk, pages)};
        exception when others then
            if sqlstate !~ '{REFUSED}' then raise; end if;
            for v_line in
                select l.* from pg_temp.bulk_lines as l where {_is_whole(bulk)}{pages}
            loop
                v_found := false;{looks}
                if not v_found then
                    insert into pg_temp.bulk_rows (line{_names(bulk)}) values (v_line.line{values});
                end if;
            end loop;
        end;
        v_page := v_page + {_PAGES};
    end loop;
end"""
    return f"do {literal(body)}"


def _look(number: int, field: BulkField) -> str:
    """Whether a field is refused, and the sentence for it: the rule's comment where it has one."""
    otherwise = literal(f"{field.name} is no valid {field.type.sql}.")
    is_taken = f"perform v_line.{ident(field.name)}::{field.type.sql}"
    if not field.type.not_null:
        is_taken = f"v_{number} := {_value(field, 'v_line')}"
    return f"""
                begin
                    {is_taken};
                exception when others then
                    get stacked diagnostics
                        v_state = returned_sqlstate, v_schema = schema_name,
                        v_type = pg_datatype_name, v_rule = constraint_name,
                        v_said = message_text;
                    if v_state !~ '{REFUSED}' then raise; end if;
                    v_found := true;
                    insert into pg_temp.bulk_rejects values (
                        v_line.line, {literal(field.name)},
                        case when v_state ~ '^P' then v_said else coalesce((
                            select obj_description(c.oid, 'pg_constraint')
                            from pg_catalog.pg_constraint as c
                            join pg_catalog.pg_type as t on t.oid = c.contypid
                            join pg_catalog.pg_namespace as n on n.oid = t.typnamespace
                            where (n.nspname, t.typname, c.conname) = (v_schema, v_type, v_rule)
                        ), {otherwise}) end
                    );
                end;"""


# For api/sifting.py: a part of the rows in the place of all, and all that are left again.
SET_ROWS_ASIDE = (
    "alter table pg_temp.bulk_rows rename to bulk_rows_left;"
    " create temp table bulk_rows (like pg_temp.bulk_rows_left) on commit drop;"
    " grant select on pg_temp.bulk_rows to public"
)
EXTENT = "select min(r.line), max(r.line) from pg_temp.bulk_rows_left as r"
TAKE_ROWS = (
    "insert into pg_temp.bulk_rows select r.* from pg_temp.bulk_rows_left as r"
    " where r.line >= $1::bigint and r.line < $2::bigint"
)
REJECT_ROW = (
    "with gone as (delete from pg_temp.bulk_rows_left as r where r.line = $1::bigint)"
    " insert into pg_temp.bulk_rejects values ($1::bigint, $2, $3)"
)
PUT_ROWS_BACK = (
    "drop table pg_temp.bulk_rows; alter table pg_temp.bulk_rows_left rename to bulk_rows"
)


def set_apart(bulk: Bulk) -> str:
    """For api/parts.py: all rows with the part that each belongs to, and none in their place."""
    order = "line" if bulk.by is None else ident(bulk.by)
    return (
        "create temp table bulk_rows_all on commit drop as"
        f" select r.*, (rank() over (order by r.{order}) - 1) / {bulk.parts} as bulk_part"
        " from pg_temp.bulk_rows as r;"
        " create index on pg_temp.bulk_rows_all (bulk_part);"
        " analyze pg_temp.bulk_rows_all"
    )


CLEAR_ROWS = "truncate pg_temp.bulk_rows"


def take_part(bulk: Bulk) -> str:
    """Puts the rows of part $1 where the function looks for them."""
    return (
        f"insert into pg_temp.bulk_rows (line{_names(bulk)}) select r.line{_names(bulk, 'r.')}"
        " from pg_temp.bulk_rows_all as r where r.bulk_part = $1::bigint"
    )


ANALYZE_LINES = "analyze pg_temp.bulk_lines"
ANALYZE_ROWS = "analyze pg_temp.bulk_rows"


def rejects(most: int) -> str:
    """How many lines were rejected, and the first of them, as JSON."""
    return (
        "select count(distinct r.line), (select coalesce(json_agg(f), '[]')::text from ("
        "select r.line, r.field, r.reason as detail from pg_temp.bulk_rejects as r"
        f" order by r.line, r.field limit {most}) as f) from pg_temp.bulk_rejects as r"
    )
