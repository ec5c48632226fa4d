-- Deploy api/session_end_all
-- requires: auth/sessions_policy auth/sessions_touch api/schema

begin;

create or replace function api.session_end_all()
    returns void
    volatile
    security definer
    set search_path = ''
    language sql
as $$
    update auth.sessions as s
    set ended_at = now()
    where s.user_id = (select request.user_id())
        and s.ended_at is null
$$;

-- Belongs to gatekeeper, who alone may see keys and sessions: a caller sees what is theirs.
grant create on schema api to gatekeeper;
alter function api.session_end_all() owner to gatekeeper;
revoke create on schema api from gatekeeper;

comment on function api.session_end_all() is $$
End all of the caller's sessions, this one too.

HTTP DELETE /me/sessions
@tag users
$$;

grant execute on function api.session_end_all() to member, staff, admin;

commit;
