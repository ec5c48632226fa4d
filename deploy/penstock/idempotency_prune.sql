-- Deploy penstock/idempotency_prune
-- requires: penstock/idempotency_keys_policy

begin;

create or replace function penstock.idempotency_prune()
    returns bigint
    volatile
    language sql
as $$
    with gone as (
        delete from penstock.idempotency_keys as k
        where k.kept_at < now() - interval '24 hours'
        returning k.id
    )
    select count(*) from gone
$$;

comment on function penstock.idempotency_prune() is
    'Clears away answers that were kept for a day; how many. Their keys are as good as new.';

grant execute on function penstock.idempotency_prune() to penstock_agent;

commit;
