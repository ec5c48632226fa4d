-- Deploy audit/caller
-- requires: audit/schema

begin;

create or replace function audit.caller()
    returns table (login text, role text, subject text, session text, method text, path text)
    stable
    rows 1
    language sql
as $$
    select c.login, c.role, c.claims ->> 'sub', c.claims ->> 'sid', c.method, c.path
    from (
        select
            session_user::text as login,
            -- As request.role() says it: current_user is the auditor here.
            coalesce(nullif(current_setting('role'), 'none'), session_user) as role,
            -- Any login can set these settings, so those of others say nothing.
            case
                when session_user = 'authenticator'
                    then nullif(current_setting('request.jwt.claims', true), '')::jsonb
            end as claims,
            case
                when session_user = 'authenticator'
                    then nullif(current_setting('request.method', true), '')
            end as method,
            case
                when session_user = 'authenticator'
                    then nullif(current_setting('request.path', true), '')
            end as path
        offset 0  -- the claims are read once
    ) as c
$$;

comment on function audit.caller() is
    'Who changes something: the login, the role in force, and, of the API''s login alone, whom the request''s token names.';

grant execute on function audit.caller() to penstock_auditor;

commit;
