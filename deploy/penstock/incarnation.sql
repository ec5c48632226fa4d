-- Deploy penstock/incarnation
-- requires: penstock/schema
-- Unlogged, as penstock.touches is: a server that crashed, was restored to an earlier moment or
-- replaced by its standby has lost both, and what was cached of its former life counts no more.

begin;

create unlogged table if not exists penstock.incarnation (
    id uuid not null default gen_random_uuid(),
    one boolean not null default true,
    constraint incarnation_pkey primary key (one),
    constraint incarnation_one check (one)
);

comment on table penstock.incarnation is
    'What this life of the database is called by the caches; made by the first API process that finds none.';
comment on column penstock.incarnation.id is 'A new one in each life.';
comment on column penstock.incarnation.one is 'There is one row.';
comment on constraint incarnation_one on penstock.incarnation is 'There is one row.';

commit;
