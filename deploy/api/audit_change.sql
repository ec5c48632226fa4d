-- Deploy api/audit_change
-- requires: api/schema audit/operation

begin;

do $$
begin
    create type api.audit_change as (
        at timestamptz,
        id bigint,
        xid text,
        login text,
        role text,
        subject text,
        session text,
        method text,
        path text,
        "table" text,
        operation audit.operation,
        key jsonb,
        before jsonb,
        after jsonb
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.audit_change is 'Who changed which row of which table, when, and how.';
comment on column api.audit_change.at is 'When it was changed.';
comment on column api.audit_change.id is 'The change''s number.';
comment on column api.audit_change.xid is 'The transaction: all that was changed with it has the same.';
comment on column api.audit_change.login is 'Who had logged in to the database: authenticator is this API.';
comment on column api.audit_change.role is 'The role in force.';
comment on column api.audit_change.subject is 'Whom the token named; null if it came by SQL, or without a token.';
comment on column api.audit_change.session is 'The session of that token.';
comment on column api.audit_change.method is 'The method of the request; null if it came by SQL.';
comment on column api.audit_change.path is 'The path of the request.';
comment on column api.audit_change."table" is 'The table, with its schema.';
comment on column api.audit_change.operation is 'What was done.';
comment on column api.audit_change.key is 'The row''s primary key; null for what has no row, as truncate.';
comment on column api.audit_change.before is 'Of an update the columns that differ, of a delete the whole row, as they were.';
comment on column api.audit_change.after is 'Of an update the columns that differ, of an insert the whole row, as they are.';

commit;
