begin;

\ir ../house/personas.psql
\ir ../house/bulk.psql

select plan(6);

-- Signature
select function_returns('api', 'users_update', '{}'::name[], 'void');

-- Behaviour
select pg_temp.stage('api.user_change_row', jsonb_build_array(
    jsonb_build_object('user_id', :ada, 'full_name', 'Ada', 'is_active', false),
    jsonb_build_object('user_id', :bob, 'role', 'staff'),
    jsonb_build_object('user_id', :ada, 'full_name', 'Again'),
    jsonb_build_object('user_id', 0, 'full_name', 'Nobody'),
    jsonb_build_object('user_id', :eve, 'role', 'member'),
    jsonb_build_object('user_id', :sam, 'email', 'BOB@example.org')
));
select pg_temp.be('admin', :eve);
select lives_ok('select api.users_update()', 'changes users');
select results_eq(
    'select username::text, full_name::text, role::text, is_active from app.users order by username',
    $$values
        ('ada', 'Ada', 'member', false), ('bob', null, 'staff', true),
        ('eve', null, 'admin', true), ('sam', null, 'staff', true)$$,
    'what is left out stays'
);
select results_eq(
    'select pg_temp.rejected()',
    array[
        '4 user_id: An earlier line has this user.',
        '5 user_id: There is no such user.',
        '6 user_id: An admin can''t demote, deactivate or delete their own account: another admin can.',
        '7 email: This e-mail address is taken.'
    ],
    'and says why it left the others'
);
select pg_temp.stage('api.user_change_row', jsonb_build_array(
    jsonb_build_object('user_id', :sam, 'username', 'ADA'),
    jsonb_build_object('user_id', :eve, 'full_name', 'Eve')
));
select api.users_update();
select results_eq(
    'select pg_temp.rejected()', array['2 username: This username is taken.'], 'an admin may change their own name'
);

-- Permission
select is(pg_temp.callers('api.users_update()'), 'admin', 'admins alone');

select * from finish();

rollback;
