-- Deploy audit/operation
-- requires: audit/schema

begin;

do $$
begin
    create type audit.operation as enum ('insert', 'update', 'delete', 'truncate', 'prune');
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type audit.operation is
    'What was done to a row; to a whole table (truncate); or to the record itself (prune).';

commit;
