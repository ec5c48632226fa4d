-- Deploy audit/history
-- requires: audit/changes_policy
-- It reads as the caller, so it shows what the policies of audit.changes do: all to the owner.

begin;

create or replace view audit.history with (security_invoker = true) as
select
    c.at,
    c.id,
    c.xid,
    c.login,
    c.role,
    c.subject,
    c.method || ' ' || c.path as request,
    c.table_name,
    c.operation,
    c.key,
    k.name as column_name,
    c.before -> k.name as before,
    c.after -> k.name as after
from audit.changes as c
left join lateral (
    select b.name
    from jsonb_object_keys(c.before) as b (name)
    union
    select a.name
    from jsonb_object_keys(c.after) as a (name)
) as k on true;

comment on view audit.history is
    'What was changed, a row for each column: for DBAs, who ask what became of one row or one column. `where table_name = ''app.products'' and key = ''{"id": 7}'' order by at, id`';
comment on column audit.history.at is 'When it was changed.';
comment on column audit.history.id is 'The order of changes.';
comment on column audit.history.xid is 'The transaction.';
comment on column audit.history.login is 'Who had logged in to the database.';
comment on column audit.history.role is 'The role in force.';
comment on column audit.history.subject is 'Whom the caller''s token named, if the API made the change.';
comment on column audit.history.request is 'Method and path of the request, if the API made the change.';
comment on column audit.history.table_name is 'The table, with its schema.';
comment on column audit.history.operation is 'What was done.';
comment on column audit.history.key is 'The row''s primary key.';
comment on column audit.history.column_name is 'The column; null for TRUNCATE, which names no rows.';
comment on column audit.history.before is 'What it was; SQL''s null where there was no row.';
comment on column audit.history.after is 'What it is; SQL''s null where there is no row any more.';

commit;
