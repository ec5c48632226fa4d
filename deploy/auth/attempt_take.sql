-- Deploy auth/attempt_take
-- requires: auth/login_attempts_policy

begin;

create or replace function auth.attempt_take(account bytea, device bytea)
    returns table (attempt timestamptz, wait_seconds integer)
    volatile
    rows 1
    language plpgsql
as $$
declare
    c_window constant interval := '15 minutes';
    c_most constant integer := 10;
    v_now constant timestamptz := clock_timestamp();
    v_recent timestamptz[];
begin
    -- Two who come at once wait for each other here, so that both are counted.
    insert into auth.login_attempts as a (account, device, recent)
    values (attempt_take.account, attempt_take.device, array[]::timestamptz[])
    on conflict on constraint login_attempts_pkey do update set recent = a.recent
    returning array(select t.at from unnest(a.recent) as t (at) where t.at > v_now - c_window order by t.at)
    into v_recent;

    if cardinality(v_recent) >= c_most then
        wait_seconds := 1 + extract(epoch from v_recent[1] + c_window - v_now)::integer;
        return next;
        return;
    end if;

    update auth.login_attempts as a
    set recent = v_recent || v_now
    where a.account = attempt_take.account
        and a.device = attempt_take.device;

    -- Each takes a few of the past with it, so that the table stays as small as the window.
    delete from auth.login_attempts as a
    where a.ctid = any (array(
        select old.ctid
        from auth.login_attempts as old
        where old.recent[cardinality(old.recent)] < v_now - c_window
        limit 2
        for update skip locked
    ));

    attempt := v_now;
    return next;
end
$$;

comment on function auth.attempt_take(bytea, bytea) is $$
Takes one of ten tries in any fifteen minutes to guess the password of an account.
When it was taken, to give it back by once the password was right; or for how many seconds there is none.
$$;

grant execute on function auth.attempt_take(bytea, bytea) to gatekeeper;

commit;
