-- Deploy penstock/rate_prune
-- requires: penstock/rate_limits_policy

begin;

create or replace function penstock.rate_prune()
    returns bigint
    volatile
    language sql
as $$
    with gone as (
        delete from penstock.rate_limits as r
        where r.key = any (array(
            select old.key
            from penstock.rate_limits as old
            where old.whole_at < clock_timestamp()
            limit 20000
            for update skip locked  -- somebody is being counted there
        ))
        returning r.key
    )
    select count(*) from gone
$$;

comment on function penstock.rate_prune() is
    'Clears away counts whose quota is whole again, as of those who never called; how many.';

grant execute on function penstock.rate_prune() to penstock_agent;

commit;
