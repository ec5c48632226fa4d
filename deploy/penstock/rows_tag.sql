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
        string_agg(format('%L || r.%I', split_part(t.tag, '{', 1), substring(t.tag from '\{(.*)\}')), ', ')
            filter (where t.tag ~ '\{'),
        coalesce(string_agg(quote_literal(t.tag), ', ') filter (where t.tag !~ '\{'), ''),
        string_agg(quote_literal(regexp_replace(t.tag, '\{.*', '*')), ', ')
    into v_of_row, v_of_any, v_of_all
    from unnest(rows_tag.tags) as t (tag);

    v_of_row := coalesce(
        case when v_of_row ~ ', ' then 'unnest(array[' || v_of_row || '])' else v_of_row end,
        quote_literal(rows_tag.tags[1])
    );

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
    -- One row more than are named one by one. An update's rows count as they were, too.
    case tg_op
        when 'INSERT' then
            v_tags := array(select %2$s from changed as r limit %6$s);
        when 'UPDATE' then
            v_tags := array(select %2$s from changed as r limit %6$s)
                || array(select %2$s from replaced as r limit %6$s);
        when 'DELETE' then
            v_tags := array(select %2$s from replaced as r limit %6$s);
        when 'TRUNCATE' then
            v_tags := array[%4$s];
    end case;

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
    referencing old table as replaced new table as changed
    for each statement execute function penstock.%1$s();
create or replace trigger penstock_delete after delete on %5$s
    referencing old table as replaced
    for each statement execute function penstock.%1$s();
create or replace trigger penstock_truncate after truncate on %5$s
    for each statement execute function penstock.%1$s();
        $function$,
        v_name, v_of_row, v_of_any, v_of_all, rows_tag."table",
        case when v_of_row ~ 'r\.' then 101 else 1 end
    );
end
$$;

comment on procedure penstock.rows_tag(regclass, text[]) is
    'Lets every change of a table''s rows, by whomever, touch these tags: products, or product:{id} for each row.';

grant execute on procedure penstock.rows_tag(regclass, text[]) to penstock_owner;

commit;
