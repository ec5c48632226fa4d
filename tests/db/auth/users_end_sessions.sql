begin;

\ir ../house/personas.psql

select plan(14);

-- Whose sessions have ended; they are all begun anew by this.
create function pg_temp.ended()
    returns text
    language plpgsql
as $$
declare
    v_names text := (
        select string_agg(u.username, ', ' order by u.username)
        from auth.sessions as s
        join app.users as u on u.id = s.user_id
        where s.ended_at is not null
    );
begin
    update auth.sessions set ended_at = null;

    return v_names;
end
$$;

insert into auth.sessions (user_id, role) select u.id, u.role from app.users as u;

select is_definer('auth', 'users_end_sessions', '{}'::name[]);
select function_owner_is('auth', 'users_end_sessions', '{}'::name[], 'gatekeeper');

-- By the API
select pg_temp.be('admin', :eve);
select lives_ok(format('select api.user_update(%s, role => ''staff'')', :ada), 'an admin changes a role');
reset role;
select is(pg_temp.ended(), 'ada', 'that user''s sessions end');
select pg_temp.be('admin', :eve);
select lives_ok(format('select api.user_deactivate(%s)', :bob), 'an admin deactivates a user');
reset role;
select is(pg_temp.ended(), 'bob', 'that user''s sessions end');

-- By a deployment, many at once
select pg_temp.be('penstock_owner');
update app.users set role = 'staff';
reset role;
select is(pg_temp.ended(), 'bob, eve', 'those who had another role');

-- What ends nothing
update app.users set full_name = 'X', role = role, is_active = is_active;
select is(pg_temp.ended(), null, 'neither another name');
update app.users set is_active = true;
select is(pg_temp.ended(), null, 'nor being let in again');

-- A session that has ended stays as it is.
update auth.sessions set ended_at = '2020-01-01';
update app.users set role = 'member';
select is((select min(s.ended_at) = max(s.ended_at) from auth.sessions as s), true, 'it ends once');

-- Another snapshot may hide who has logged in since.
create function pg_temp.wildcards() returns bigint language sql as
    'select count(*) from penstock.touches as t where t.xid = pg_current_xact_id() and ''session:*'' = any (t.tags)';
delete from penstock.touches where xid = pg_current_xact_id();
select is(pg_temp.wildcards(), 0::bigint);
select is(current_setting('transaction_isolation'), 'read committed', 'where each statement sees all');
update app.users set role = 'staff' where id = :ada;
select is(pg_temp.wildcards(), 0::bigint, 'the sessions are named');

-- Permission
select is(pg_temp.callers('auth.users_end_sessions()'), null, 'no caller runs it');

select * from finish();

rollback;
