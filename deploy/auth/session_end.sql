-- Deploy auth/session_end
-- requires: auth/refresh_tokens_policy auth/sessions_touch auth/caller_is

begin;

create or replace function auth.session_end(session_id uuid default null, refresh_hash bytea default null)
    returns void
    volatile
    language plpgsql
as $$
declare
    v_session_id uuid;
    v_user_id bigint;
begin
    select s.id, s.user_id
    into v_session_id, v_user_id
    from auth.sessions as s
    where s.ended_at is null
        and s.id = coalesce(
            session_end.session_id,
            (
                select t.session_id
                from auth.refresh_tokens as t
                where t.token_hash = session_end.refresh_hash
            )
        );

    if not found then
        return;
    end if;

    perform auth.caller_is(v_user_id, v_session_id);

    update auth.sessions as s
    set ended_at = now()
    where s.id = v_session_id
        and s.ended_at is null;
end
$$;

comment on function auth.session_end(uuid, bytea) is
    'Ends a session, by its id or by a refresh token of it, used or not: whoever has one may end it.';

grant execute on function auth.session_end(uuid, bytea) to gatekeeper;

commit;
