-- Deploy penstock/touch
-- requires: penstock/touches_policy
-- What was touched stands in the table, for every API process, and in a setting, for the one that
-- runs this transaction. Both go with the transaction, or with the savepoint, if it fails.

begin;

create or replace function penstock.touch(variadic tags text[])
    returns void
    volatile
    security definer
    set search_path = ''
    language plpgsql
as $$
declare
    -- The transaction comes first, lest what a session has set by hand is taken for touched.
    v_xid constant text := pg_current_xact_id()::text;
    v_known text[] := nullif(current_setting('penstock.touched', true), '');
    v_fresh text[] := touch.tags;
begin
    if v_known[1] is distinct from v_xid then
        v_known := array[v_xid];
    end if;

    -- Beyond a hundred, only which kinds of thing: product:7 becomes product:*.
    if cardinality(v_known) + cardinality(v_fresh) > 101 then
        v_fresh := array(select distinct regexp_replace(t.tag, ':.*', ':*') from unnest(v_fresh) as t (tag));
    end if;

    if v_fresh <@ v_known[2:] then
        return;
    end if;

    insert into penstock.touches (tags) values (v_fresh);
    v_known := set_config('penstock.touched', (v_known || v_fresh)::text, true);
end
$$;

-- Belongs to the agent, who alone may write what was touched; whoever changes something says so.
grant create on schema penstock to penstock_agent;
alter function penstock.touch(text[]) owner to penstock_agent;
revoke create on schema penstock from penstock_agent;

comment on function penstock.touch(text[]) is
    'Says what this transaction changes: once it is committed, no cached answer with one of these tags counts any more. product:* stands for every product:…, and * for everything.';

grant usage on schema penstock to anon, member, staff, admin, gatekeeper, penstock_clerk;
grant execute on function penstock.touch(text[])
    to anon, member, staff, admin, gatekeeper, penstock_clerk, penstock_owner;

commit;
