-- Deploy audit/rows_record
-- requires: audit/changes_policy audit/caller audit/tables_policy api/password
-- It writes a trigger function for the table, as penstock.rows_tag() does, and for the same reason.
-- What it writes is set-based: one insert a statement, however many rows.

begin;

create or replace procedure audit.rows_record(
    "table" regclass,
    ignored text[] default '{}',
    secret text[] default '{}'
)
    language plpgsql
as $$
declare
    v_table text;
    v_function text;
    v_wrong text;
    v_columns text[];
    v_secret text[];
    v_row text;
    v_changed text;
    v_key text;
    v_same_key text;
    v_first_key text;
begin
    select n.nspname || '.' || c.relname, format('%I', ('record_' || n.nspname || '_' || c.relname)::name)
    into v_table, v_function
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.oid = rows_record."table";

    select s.name
    into v_wrong
    from unnest(rows_record.ignored || rows_record.secret) as s (name)
    left join pg_catalog.pg_attribute as a
        on a.attrelid = rows_record."table" and a.attname = s.name and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_index as i
        on i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey)
    where a.attname is null
        or (i.indrelid is not null and s.name = any (rows_record.ignored))
    limit 1;

    if v_wrong is not null then
        raise exception '"%" is no column of % that could be treated so.', v_wrong, v_table
            using hint = 'Columns of the primary key can''t be ignored.';
    end if;

    -- Pieces of code in which %1$s stands for the row, which is o for the old one and n for the new.
    with recursive types as (
        select a.attnum, a.atttypid as type
        from pg_catalog.pg_attribute as a
        where a.attrelid = rows_record."table" and a.attnum > 0 and not a.attisdropped
        union all
        select t.attnum, d.typbasetype
        from types as t
        join pg_catalog.pg_type as d on d.oid = t.type
        where d.typtype = 'd'
    ),
    columns as (
        select
            a.attnum,
            a.attname::text as name,
            replace(quote_ident(a.attname), '%', '%%') as ident,
            replace(quote_literal(a.attname), '%', '%%') as label,
            a.attname = any (rows_record.secret)
                or bool_or(t.type = 'api.password'::regtype) as is_secret,
            a.attname = any (rows_record.ignored) as is_ignored,
            -- Whether what is equal is also the same: 1.0 and 1.00 are not.
            coalesce(l.collisdeterministic, true) and bool_or(exists (
                select
                from pg_catalog.pg_opclass as o
                join pg_catalog.pg_am as m on m.oid = o.opcmethod and m.amname = 'btree'
                join pg_catalog.pg_amproc as p
                    on p.amprocfamily = o.opcfamily and p.amproclefttype = o.opcintype and p.amprocnum = 4
                where o.opcdefault
                    and o.opcintype = case y.typtype when 'e' then 'anyenum'::regtype else t.type end
            )) as is_plain,
            array_position(i.indkey::smallint[], a.attnum) as key_place
        from types as t
        join pg_catalog.pg_type as y on y.oid = t.type
        join pg_catalog.pg_attribute as a on a.attrelid = rows_record."table" and a.attnum = t.attnum
        left join pg_catalog.pg_collation as l on l.oid = a.attcollation
        left join pg_catalog.pg_index as i on i.indrelid = a.attrelid and i.indisprimary
        group by a.attnum, a.attname, l.collisdeterministic, i.indkey
    ),
    code as (
        select
            c.*,
            c.label || ', ' || case
                when c.is_secret then 'case when %1$s.' || c.ident || ' is not null then ''(secret)'' end'
                else '%1$s.' || c.ident
            end as pair,
            case
                when c.is_plain then 'o.' || c.ident || ' is distinct from n.' || c.ident
                else 'row(o.' || c.ident || ')::record *<> row(n.' || c.ident || ')::record'
            end as differs
        from columns as c
    )
    select
        array_agg(c.name order by c.name),
        coalesce(array_agg(c.name order by c.name) filter (where c.is_secret), '{}'),
        -- A function takes a hundred arguments.
        (
            select string_agg('jsonb_build_object(' || p.pairs || ')', e'\n            || ' order by p.part)
            from (
                select w.part, string_agg(w.pair, ', ' order by w.attnum) as pairs
                from (
                    select k.attnum, k.pair, row_number() over (order by k.attnum) / 50 as part
                    from code as k
                    where not k.is_ignored
                ) as w
                group by w.part
            ) as p
        ),
        coalesce(string_agg(
            'case when ' || c.differs || ' then jsonb_build_object(' || c.pair || ') else ''{}'' end',
            e'\n            || ' order by c.attnum
        ) filter (where not c.is_ignored and (c.key_place is null or not c.is_plain)), '''{}''::jsonb'),
        'jsonb_build_object(' || string_agg(
            case
                when c.is_secret
                    then c.label || ', encode(sha256(convert_to(%1$s.' || c.ident || '::text, ''UTF8'')), ''hex'')'
                else c.pair
            end,
            ', ' order by c.key_place
        ) filter (where c.key_place is not null) || ')',
        string_agg(format('n.%1$I = o.%1$I', c.name), ' and ' order by c.key_place)
            filter (where c.key_place is not null),
        (array_agg(format('%I', c.name) order by c.key_place) filter (where c.key_place is not null))[1]
    into v_columns, v_secret, v_row, v_changed, v_key, v_same_key, v_first_key
    from code as c;

    if v_key is null then
        raise exception '% has no primary key.', v_table
            using hint = 'Without one nobody could tell which row was changed.';
    end if;

    -- dynamic_sql: what %s takes over was made of %I, quote_ident() and quote_literal() above.
    execute format(
        $function$
create or replace function audit.%1$s()
    returns trigger
    security definer
    set search_path = ''
    language plpgsql
as $body$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, %2$L, 'insert',
            %3$s,
            %4$s
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, %2$L, 'update', r.key, r.before, r.after
        from (
            select %3$s as key,
            %5$s as before,
            %6$s as after
            from new_rows as n
            cross join old_rows as o
            where %7$s
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where %7$s
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, %2$L, 'update', r.key, r.before, r.after
        from (
            select case when o.%8$s is null then %3$s else %9$s end as key,
            case when n.%8$s is null then %10$s when o.%8$s is not null then %5$s end as before,
            case when o.%8$s is null then %4$s when n.%8$s is not null then %6$s end as after
            from new_rows as n
            full join old_rows as o on %7$s
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, %2$L, 'delete',
            %9$s,
            %10$s
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, %2$L, 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$body$;

comment on function audit.%1$s() is
    'Trigger, once a statement: records what was changed in %11$s; written by audit.rows_record().';

grant create on schema audit to penstock_auditor;
alter function audit.%1$s() owner to penstock_auditor;
revoke create on schema audit from penstock_auditor;

create or replace trigger audit_insert after insert on %11$s
    referencing new table as new_rows
    for each statement execute function audit.%1$s();
create or replace trigger audit_update after update on %11$s
    referencing old table as old_rows new table as new_rows
    for each statement execute function audit.%1$s();
create or replace trigger audit_delete after delete on %11$s
    referencing old table as old_rows
    for each statement execute function audit.%1$s();
create or replace trigger audit_truncate after truncate on %11$s
    for each statement execute function audit.%1$s();
        $function$,
        v_function, v_table,
        format(v_key, 'n'),
        format(v_row, 'n'),
        format(v_changed, 'o'),
        format(v_changed, 'n'),
        v_same_key,
        v_first_key,
        format(v_key, 'o'),
        format(v_row, 'o'),
        rows_record."table"
    );

    insert into audit.tables (table_name, columns, ignored, secret)
    values (v_table, v_columns, rows_record.ignored, v_secret)
    on conflict (table_name) do update
    set columns = excluded.columns, ignored = excluded.ignored, secret = excluded.secret, reason = null;
end
$$;

comment on procedure audit.rows_record(regclass, text[], text[]) is
    'Lets every change of a table''s rows, by whomever, be recorded in audit.changes: but for the columns that are ignored, and with nothing of the secret ones but that they changed. What is of type api.password is secret by itself.';

grant execute on procedure audit.rows_record(regclass, text[], text[]) to penstock_owner;

commit;
