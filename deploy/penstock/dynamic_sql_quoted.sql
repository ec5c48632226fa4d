-- Deploy penstock/dynamic_sql_quoted
-- requires: penstock/schema
-- No parser, but a reader of what people write: it takes calls from the inside out, and what it
-- doesn't know it doesn't trust.

begin;

create or replace function penstock.dynamic_sql_quoted(expression text, harmless text[])
    returns boolean
    immutable
    language plpgsql
as $$
declare
    -- A value of one of these types is no SQL, whatever it holds.
    v_cast constant text :=
        '::(reg\w+|oid|smallint|integer|int[248]?|bigint|boolean|uuid|date)(\[\])?$';
    v_left text := dynamic_sql_quoted.expression;
    v_call text[];
    v_quoted boolean;
begin
    loop
        v_call := regexp_match(v_left, '((?:\w+\.)*\w+)?\s*\(([^()]*)\)');
        exit when v_call is null;

        if v_call[1] ~* '\mquote_(ident|literal|nullable)$' then
            v_quoted := true;
        elsif v_call[1] ~* '\mformat$' and v_call[2] ~ '^\s*''[^'']*''' then
            -- %I and %L quote; what %s takes over must be harmless. Without a number it is the
            -- argument after the one before.
            select coalesce(
                bool_and(penstock.dynamic_sql_quoted(a.arguments[1 + p.place], dynamic_sql_quoted.harmless)), true
            )
            into v_quoted
            from string_to_array(v_call[2], ',') as a (arguments)
            cross join lateral (
                select coalesce(m.spec[1]::integer, m.nth::integer) as place, m.spec[2] as kind
                from regexp_matches(a.arguments[1], '%(?:(\d+)\$)?-?\d*([sIL])', 'g') with ordinality as m (spec, nth)
            ) as p
            where p.kind = 's';
        else
            -- Any other function makes of what is quoted something quoted: string_agg, coalesce.
            select bool_and(penstock.dynamic_sql_quoted(a.argument, dynamic_sql_quoted.harmless))
            into v_quoted
            from string_to_table(v_call[2], ',') as a (argument)
            where lower(v_call[1]) is distinct from 'filter';
        end if;

        v_left := regexp_replace(
            v_left,
            '((?:\w+\.)*\w+)?\s*\(([^()]*)\)',
            case
                when lower(v_call[1]) = 'filter' then ''
                when v_quoted is not false then ' '''' '
                else ' unquoted '
            end
        );
    end loop;

    -- Of a CASE its values count, not its conditions.
    v_left := regexp_replace(v_left, '\mcase\M.*?\m(then|else)\M|\mwhen\M.*?\mthen\M|\melse\M', '||', 'gi');
    v_left := regexp_replace(v_left, '\mend\M', '', 'gi');

    return coalesce(bool_and(
        p.part ~ '^(''[^'']*''|\d+|)$'
        or p.part ~* v_cast
        or coalesce((regexp_match(p.part, '^(?:\w+\.)?"?(\w+)"?$'))[1] = any (dynamic_sql_quoted.harmless), false)
    ), false)
    from (
        select btrim(
            regexp_replace(t.part, '^\s*select\M\s*(distinct\M)?|\m(from|order\s+by)\M.*', '', 'gi'),
            e' \n\t'
        ) as part
        from regexp_split_to_table(v_left, '\|\|') as t (part)
    ) as p;
end
$$;

comment on function penstock.dynamic_sql_quoted(text, text[]) is
    'Whether an expression in a skeleton is made of literals, of what quote_ident, quote_literal and format''s %I and %L quote, and of values that can''t be SQL: casts to reg…, numbers, or these names.';

grant execute on function penstock.dynamic_sql_quoted(text, text[]) to penstock_agent;

commit;
