-- Deploy penstock/source_skeleton
-- requires: penstock/schema

begin;

create or replace function penstock.source_skeleton(source text)
    returns text
    immutable
    parallel safe
    language sql
as $$
    select coalesce(string_agg(
        case
            when t.token ~ '^(--|/\*)' then ' '
            when t.token ~ '^[''$].' then '''' || array_to_string(array(
                select s.spec[1]
                from regexp_matches(t.token, '(%(?:\d+\$)?-?\d*[sIL])', 'g') as s (spec)
            ), '') || ''''
            else t.token
        end,
        '' order by t.nth
    ), '')
    from (
        -- Literals first, so that no comment begins in one, and then comments, so that no literal
        -- begins in one. What is left comes in as long pieces as may be.
        select m.token[1] as token, m.nth
        from regexp_matches(
            source_skeleton.source,
            '('
                '''(?:[^'']|'''')*'''
                '|\$\$(?:[^$]|\$[^$])*\$\$'
                '|\$([A-Za-z_]\w*)\$(?:[^$]|\$(?![A-Za-z_]\w*\$)|\$body\$)*\$\2\$'
                '|--[^\n]*'
                '|/\*(?:[^*]|\*+[^*/])*\*+/'
                '|[^''$/-]+'
                '|.'
            ')',
            'g'
        ) with ordinality as m (token, nth)
    ) as t
$$;

comment on function penstock.source_skeleton(text) is
    'A function''s source without comments, and of its string literals only what format() would fill in: ''%I%s''. What is searched for there is code.';

grant execute on function penstock.source_skeleton(text) to penstock_agent;

commit;
