begin;

\ir ../house/personas.psql

select plan(4);

-- What has been touched since this was asked last.
create function pg_temp.touched()
    returns text[]
    language plpgsql
as $$
declare
    v_tags text[] := array(select distinct unnest(t.tags) from penstock.touches as t where t.xid = pg_current_xact_id() order by 1);
begin
    delete from penstock.touches as t where t.xid = pg_current_xact_id();
    perform set_config('penstock.touched', '', true);

    return v_tags;
end
$$;

insert into auth.sessions (user_id, role) values (:ada, 'member'), (:bob, 'member');
select max(s.id::text) filter (where s.user_id = :ada) as hers, max(s.id::text) filter (where s.user_id = :bob) as his
from auth.sessions as s
\gset
select pg_temp.touched();

update auth.sessions set ended_at = now() where user_id = :ada;
select is(pg_temp.touched(), array['session:' || :'hers'], 'a session that ends says which');

select pg_temp.be('admin', :eve);
select lives_ok(format('select api.user_delete(%s)', :bob));
reset role;
select ok(pg_temp.touched() @> array['session:' || :'his'], 'so does one that goes with its user');

set local client_min_messages = warning;
truncate auth.sessions cascade;
select is(pg_temp.touched(), array['session:*'], 'and all of them at once');

select * from finish();

rollback;
