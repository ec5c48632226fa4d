-- Deploy penstock/rate_limits
-- requires: penstock/schema
-- Unlogged: a crash forgives what was counted, and a count costs no write to the log, so its
-- commit waits for no disk.

begin;

create unlogged table if not exists penstock.rate_limits (
    key uuid not null,
    whole_at timestamptz not null,
    constraint rate_limits_pkey primary key (key)
) with (
    fillfactor = 50,  -- each count is an update in place
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 10000
);

comment on table penstock.rate_limits is
    'How often routes with @rate were called lately, while Redis does not count it.';
comment on column penstock.rate_limits.key is
    'A digest of the route, its rate and the caller, so that no address stands here.';
comment on column penstock.rate_limits.whole_at is
    'When the quota will be whole again; each call that is admitted moves it on.';

commit;
