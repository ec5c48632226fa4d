-- Deploy penstock/long_calls_prune
-- requires: penstock/long_calls_policy

begin;

create or replace function penstock.long_calls_prune()
    returns bigint
    volatile
    language sql
as $$
    with gone as (
        delete from penstock.long_calls as c
        where c.begun_at < now() - interval '7 days'
        returning c.id
    )
    select count(*) from gone
$$;

comment on function penstock.long_calls_prune() is
    'Clears away long calls that began seven days ago; how many. One that still runs then is not committed.';

grant execute on function penstock.long_calls_prune() to penstock_agent;

commit;
