-- Deploy penstock/touches
-- requires: penstock/schema
-- Unlogged: that is half the price of a write's touch, and after a crash of the server all caches
-- begin anew in any case, see penstock.incarnation.

begin;

create unlogged table if not exists penstock.touches (
    xid xid8 not null default pg_current_xact_id(),
    tags text[] not null
) with (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 10000,
    vacuum_truncate = off  -- that would lock out writers, and the pages are soon filled again
);

create index if not exists touches_by_xid on penstock.touches (xid);

comment on table penstock.touches is
    'What was changed lately, as tags: written with the change, read by every API process, gone after a minute.';
comment on column penstock.touches.xid is
    'The transaction. Others with a later number may be visible before it, so readers compare snapshots.';
comment on column penstock.touches.tags is 'What it changed: products, product:7, product:* for many.';

commit;
