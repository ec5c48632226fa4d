-- Deploy auth/attempt_return
-- requires: auth/login_attempts_policy app/users_policy

begin;

create or replace function auth.attempt_return(user_id bigint, attempt timestamptz)
    returns void
    volatile
    language sql
as $$
    update auth.login_attempts as a
    set recent = array_remove(a.recent, attempt_return.attempt)
    from app.users as u
    where u.id = attempt_return.user_id
        and a.account = sha256(convert_to(lower(u.email), 'UTF8'))
        and attempt_return.attempt = any (a.recent)
$$;

comment on function auth.attempt_return(bigint, timestamptz) is
    'Gives back the try of who knew the password; those of others stay counted.';

grant execute on function auth.attempt_return(bigint, timestamptz) to gatekeeper;

commit;
