begin;

\ir ../house/personas.psql
\ir ../house/bulk.psql

select plan(5);

-- Signature
select function_returns('api', 'users_delete', '{}'::name[], 'void');

-- Behaviour
insert into app.orders (user_id, country, total) values (:ada, 'France', 3);
select pg_temp.stage('api.user_id_row', jsonb_build_array(
    jsonb_build_object('user_id', :ada),
    jsonb_build_object('user_id', :bob),
    jsonb_build_object('user_id', :bob),
    jsonb_build_object('user_id', :eve),
    jsonb_build_object('user_id', 0)
));
select pg_temp.be('admin', :eve);
select lives_ok('select api.users_delete()', 'deletes users');
select results_eq('select username::text from app.users order by username', array['ada', 'eve', 'sam'], 'those without orders');
select results_eq(
    'select pg_temp.rejected()',
    array[
        '2 user_id: This user has orders, which must be kept: deactivate the user instead.',
        '4 user_id: An earlier line has this user.',
        '5 user_id: An admin can''t demote, deactivate or delete their own account: another admin can.',
        '6 user_id: There is no such user.'
    ],
    'and says why it left the others'
);

-- Permission
select is(pg_temp.callers('api.users_delete()'), 'admin', 'admins alone');

select * from finish();

rollback;
