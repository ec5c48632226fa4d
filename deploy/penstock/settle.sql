-- Deploy penstock/settle
-- requires: penstock/touches_policy
-- SET CONSTRAINTS by itself warns, in the server's log as well, where no BEGIN came before it.

begin;

create or replace function penstock.settle()
    returns void
    volatile
    language plpgsql
as $$
begin
    set constraints all immediate;
end
$$;

comment on function penstock.settle() is
    'Runs the triggers that were put off to the end of the transaction: what they touch is known after it.';

grant execute on function penstock.settle() to anon, member, staff, admin;

commit;
