-- Deploy auth/session_prune
-- requires: auth/sessions_policy

begin;

create or replace function auth.session_prune(before timestamptz)
    returns bigint
    volatile
    language sql
as $$
    with pruned as (
        delete from auth.sessions as s
        where s.created_at < session_prune.before
        returning s.id
    )
    select count(*) from pruned
$$;

comment on function auth.session_prune(timestamptz) is $$
Deletes the sessions that began before a moment, and says how many.
Those that had not ended have ended then: whoever used them logs in again.
$$;

grant execute on function auth.session_prune(timestamptz) to gatekeeper;

commit;
