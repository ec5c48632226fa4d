-- Deploy penstock/rows_tag
-- requires: penstock/touch
-- It writes a trigger function for the table: one for all tables, which would look up the columns
-- of each row by name, makes a write half as dear again.

begin;

create or replace procedure penstock.rows_tag("table" regclass, variadic tags text[])
    language plpgsql
as $$
declare
    v_name text;
    v_wrong text;
    v_of_row text;
    v_of_old text;
    v_rekeyed text;
    v_of_any text;
    v_of_all text;
begin
    select t.tag
    into v_wrong
    from unnest(rows_tag.tags) as t (tag)
    left join pg_catalog.pg_attribute as a
        on a.attrelid = rows_tag."table"
        and a.attname = substring(t.tag from '\{(.*)\}')
        and a.attnum > 0
    where t.tag !~ '^\w+(:\{\w+\})?$'
        or (t.tag ~ '\{' and a.attname is null)
    limit 1;

    if v_wrong is not null then
        raise exception '"%" is no tag for %.', v_wrong, rows_tag."table"
            using hint = 'A tag is a name, as products, or a name with a column, as product:{id}.';
    end if;

    select format('%I', 'touch_' || n.nspname || '_' || c.relname)
    into v_name
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.oid = rows_tag."table";

    -- A tag without a column is touched once, those with one for each row.
    select
        string_agg(format('%L || r.%I', t.kind, t.col), ', ') filter (where t.col is not null),
        string_agg(format('%L || old.%I', t.kind, t.col), ', ') filter (where t.col is not null),
        string_agg(format('old.%1$I is distinct from new.%1$I', t.col), ' or ') filter (where t.col is not null),
        coalesce(string_agg(quote_literal(t.kind), ', ') filter (where t.col is null), ''),
        string_agg(quote_literal(case when t.col is null then t.kind else t.kind || '*' end), ', ')
    into v_of_row, v_of_old, v_rekeyed, v_of_any, v_of_all
    from (
        select split_part(s.tag, '{', 1) as kind, substring(s.tag from '\{(.*)\}') as col
        from unnest(rows_tag.tags) as s (tag)
    ) as t;

    v_of_row := coalesce(
        case when v_of_row ~ ', ' then 'unnest(array[' || v_of_row || '])' else v_of_row end,
        quote_literal(rows_tag.tags[1])
    );

    -- dynamic_sql: what %s takes over was made of %I, %L and quote_literal above.
    execute format(
        $function$
create or replace function penstock.%1$s()
    returns trigger
    security definer
    set search_path = ''
    language plpgsql
as $body$
declare
    v_tags text[];
begin
    if tg_op = 'TRUNCATE' then
        perform penstock.touch(%4$s);
        return null;
    elsif tg_level = 'ROW' then
        perform penstock.touch(%7$s);
        return null;
    end if;

    -- What most transactions touch first is all: one statement, where touch() takes four.
    if nullif(current_setting('penstock.touched', true), '') is null then
        insert into penstock.touches (tags)
        select array[%3$s]::text[] || r.tags
        from (select array(select %2$s from changed as r limit %6$s) as tags) as r
        where cardinality(r.tags) between 1 and %8$s
        returning set_config('penstock.touched', (xid::text || tags)::text, true) into v_tags;

        if found then
            return null;
        end if;
    end if;

    v_tags := array(select %2$s from changed as r limit %6$s);

    if v_tags <> '{}' then
        perform penstock.touch(variadic array[%3$s]::text[] || v_tags);
    end if;

    return null;
end
$body$;

comment on function penstock.%1$s() is
    'Trigger, once a statement: touches what was changed in %5$s; written by penstock.rows_tag().';

grant create on schema penstock to penstock_agent;
alter function penstock.%1$s() owner to penstock_agent;
revoke create on schema penstock from penstock_agent;

create or replace trigger penstock_insert after insert on %5$s
    referencing new table as changed
    for each statement execute function penstock.%1$s();
create or replace trigger penstock_update after update on %5$s
    referencing new table as changed
    for each statement execute function penstock.%1$s();
create or replace trigger penstock_delete after delete on %5$s
    referencing old table as changed
    for each statement execute function penstock.%1$s();
create or replace trigger penstock_truncate after truncate on %5$s
    for each statement execute function penstock.%1$s();
        $function$,
        v_name, v_of_row, v_of_any, v_of_all, rows_tag."table",
        case when v_rekeyed is null then 1 else 101 end,  -- one row more than are named one by one
        coalesce(v_of_old, 'null'),
        100 - cardinality(rows_tag.tags)
    );

    -- What a row was is told apart: hardly an update changes a key, and both tables of rows cost
    -- more than one.
    if v_rekeyed is not null then
        execute format(
            'create or replace trigger penstock_rekey after update on %s
                for each row when (%s) execute function penstock.%s()',
            rows_tag."table", v_rekeyed, v_name
        );
    elsif exists (
        select
        from pg_catalog.pg_trigger as g
        where g.tgrelid = rows_tag."table" and g.tgname = 'penstock_rekey'
    ) then
        execute format('drop trigger penstock_rekey on %s', rows_tag."table");
    end if;
end
$$;

comment on procedure penstock.rows_tag(regclass, text[]) is
    'Lets every change of a table''s rows, by whomever, touch these tags: products, or product:{id} for each row.';

grant execute on procedure penstock.rows_tag(regclass, text[]) to penstock_owner;

commit;
