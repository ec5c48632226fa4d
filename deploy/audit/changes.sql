-- Deploy audit/changes
-- requires: audit/operation
-- No foreign key: what somebody did outlives them. Measured, docs/adr/0010: a btree by time costs
-- a write no more than a BRIN index does, and pages can be read in its order.

begin;

create table if not exists audit.changes (
    -- Not now(): who waits for a row lock began before those they waited for, and changed it after.
    at timestamptz not null default clock_timestamp(),
    id bigint not null generated always as identity,
    xid xid8 not null default pg_current_xact_id(),
    login text not null,
    role text not null,
    subject text,
    session text,
    method text,
    path text,
    table_name text not null,
    operation audit.operation not null,
    key jsonb,
    before jsonb,
    after jsonb,
    constraint changes_pkey primary key (at, id)
);

create index if not exists changes_by_key on audit.changes (table_name, key, at, id);
create index if not exists changes_by_subject on audit.changes (subject, at, id)
    where subject is not null;

comment on table audit.changes is
    'A row for each row that was inserted, updated or deleted, and for each TRUNCATE. Appended to by triggers; neither updated nor deleted, but by audit.changes_prune().';
comment on column audit.changes.at is 'When it was changed, by the clock; not when the transaction began.';
comment on column audit.changes.id is 'The order of changes, of those made at the same moment too.';
comment on column audit.changes.xid is 'The transaction: all that was changed with it has the same.';
comment on column audit.changes.login is 'Who had logged in to the database (session_user), which nobody can pretend.';
comment on column audit.changes.role is 'The role in force, also inside security definer functions.';
comment on column audit.changes.subject is
    'Whom the caller''s token names (sub). Null for all but the API''s login: others could write there what they like.';
comment on column audit.changes.session is 'The session that the token belongs to (sid), likewise.';
comment on column audit.changes.method is 'The method of the request, likewise.';
comment on column audit.changes.path is 'The path of the request, without its query, likewise.';
comment on column audit.changes.table_name is 'The table, with its schema: app.products.';
comment on column audit.changes.operation is 'What was done.';
comment on column audit.changes.key is
    'The row''s primary key, {"id": 7}; null for what has no row. A secret in it is told by its SHA-256.';
comment on column audit.changes.before is
    'Of an update the columns that differ, of a delete the whole row, as they were. A secret is "(secret)".';
comment on column audit.changes.after is
    'Of an update the columns that differ, of an insert the whole row, as they are. A secret is "(secret)".';

commit;
