-- Deploy audit/tables
-- requires: audit/schema

begin;

create table if not exists audit.tables (
    table_name text not null,
    columns text[],
    ignored text[] not null default '{}',
    secret text[] not null default '{}',
    reason text,
    constraint tables_pkey primary key (table_name),
    constraint tables_recorded_or_not check ((columns is null) <> (reason is null))
);

comment on table audit.tables is
    'Which tables are recorded, and why others aren''t: kept by audit.rows_record() and audit.rows_skip().';
comment on column audit.tables.table_name is 'The table, with its schema.';
comment on column audit.tables.columns is
    'The columns that the table had when it was asked to be recorded; null if it isn''t.';
comment on column audit.tables.ignored is 'Those that are left out; an update of nothing else is not recorded.';
comment on column audit.tables.secret is 'Those of which is recorded only that they changed.';
comment on column audit.tables.reason is 'Why the table is not recorded.';
comment on constraint tables_recorded_or_not on audit.tables is
    'A table is recorded, or there is a reason why not.';

commit;
