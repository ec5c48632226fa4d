-- Deploy api/session_list
-- requires: api/session auth/refresh_tokens_policy

begin;

create or replace function api.session_list()
    returns setof api.session
    stable
    security definer
    set search_path = ''
    language plpgsql
as $$
begin
    return query
    select
        s.id,
        s.agent,
        s.created_at,
        t.created_at,
        least(t.expires_at, s.expires_at),
        s.id::text = coalesce((select request.claims() ->> 'sid'), '')
    from auth.sessions as s
    join auth.refresh_tokens as t on t.session_id = s.id and t.used_at is null
    where s.user_id = (select request.user_id())
        and s.ended_at is null
        and s.expires_at > now()
        and t.expires_at > now()
    order by t.created_at desc, s.id
    limit 100;
end
$$;

-- Belongs to gatekeeper, who alone may see keys and sessions: a caller sees what is theirs.
grant create on schema api to gatekeeper;
alter function api.session_list() owner to gatekeeper;
revoke create on schema api from gatekeeper;

comment on function api.session_list() is $$
Where the caller is logged in: their last hundred sessions, the latest first.

HTTP GET /me/sessions
@tag users
$$;

grant execute on function api.session_list() to member, staff, admin;

commit;
