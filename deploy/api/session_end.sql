-- Deploy api/session_end
-- requires: auth/sessions_policy auth/sessions_touch api/schema

begin;

create or replace function api.session_end(session_id uuid)
    returns void
    volatile
    security definer
    set search_path = ''
    language plpgsql
as $$
begin
    update auth.sessions as s
    set ended_at = now()
    where s.id = session_end.session_id
        and s.user_id = (select request.user_id())
        and s.ended_at is null;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('You have no session %s.', session_end.session_id);
    end if;
end
$$;

-- Belongs to gatekeeper, who alone may see keys and sessions: a caller sees what is theirs.
grant create on schema api to gatekeeper;
alter function api.session_end(uuid) owner to gatekeeper;
revoke create on schema api from gatekeeper;

comment on function api.session_end(uuid) is $$
End one of the caller's sessions: who uses it must log in again.

HTTP DELETE /me/sessions/{session_id}
@tag users
$$;

grant execute on function api.session_end(uuid) to member, staff, admin;

commit;
