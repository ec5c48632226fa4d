-- Deploy auth/session_end
-- requires: auth/refresh_tokens_policy auth/sessions_touch

begin;

create or replace function auth.session_end(session_id uuid default null, refresh_hash bytea default null)
    returns void
    volatile
    language sql
as $$
    update auth.sessions as s
    set ended_at = now()
    where s.ended_at is null
        and s.id = coalesce(
            session_end.session_id,
            (
                select t.session_id
                from auth.refresh_tokens as t
                where t.token_hash = session_end.refresh_hash
            )
        )
$$;

comment on function auth.session_end(uuid, bytea) is
    'Ends a session, by its id or by a refresh token of it, used or not: whoever has one may end it.';

grant execute on function auth.session_end(uuid, bytea) to gatekeeper;

commit;
