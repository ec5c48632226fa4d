begin;

\ir ../house/personas.psql
\ir ../house/bulk.psql

select plan(6);

-- Signature
select function_returns('api', 'users_create', '{}'::name[], 'void');

-- Behaviour
select pg_temp.stage('api.user_row', '[
    {"email": "new@example.org", "username": "newcomer", "full_name": "N. Comer"},
    {"email": "NEW@example.org", "username": "another"},
    {"email": "third@example.org", "username": "ADA"},
    {"email": "Bob@example.org", "username": "fourth"},
    {"email": "fifth@example.org", "username": "NewComer"}
]');
select pg_temp.be('admin', :eve);
select lives_ok('select api.users_create()', 'enters who is new');
select results_eq(
    $$select email::text, username::text, full_name::text, role::text, is_active from app.users where email ilike 'new%' or username = 'fourth'$$,
    $$values ('new@example.org', 'newcomer', 'N. Comer', 'member', true)$$,
    'as an active member'
);
select results_eq(
    'select pg_temp.rejected()',
    array[
        '3 email: This e-mail address is taken.',
        '4 username: This username is taken.',
        '5 email: This e-mail address is taken.',
        '6 username: This username is taken.'
    ],
    'and says who was there'
);
reset role;
select is_empty(
    $$select from auth.credentials as c join app.users as u on u.id = c.user_id where u.username = 'newcomer'$$,
    'nobody has a password'
);

-- Permission
select is(pg_temp.callers('api.users_create()'), 'admin', 'admins alone');

select * from finish();

rollback;
