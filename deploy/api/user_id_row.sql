-- Deploy api/user_id_row
-- requires: api/schema

begin;

do $$
begin
    create type api.user_id_row as (
        user_id bigint
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.user_id_row is 'A user to delete.';
comment on column api.user_id_row.user_id is 'The user.';

commit;
