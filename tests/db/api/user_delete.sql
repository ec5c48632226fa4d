begin;

\ir ../house/personas.psql

select plan(9);

-- Signature
select function_returns('api', 'user_delete', array['bigint'], 'void');

-- Behaviour
insert into app.posts (author_id, title, body) values (:ada, 'Hello', 'World');
insert into app.orders (user_id, country, total) values (:bob, 'France', 1);

select pg_temp.be('admin', :eve);
select lives_ok(format('select api.user_delete(%s)', :ada), 'an admin deletes a user');
select is_empty('select from app.users where username = ''ada''', 'the user is gone');
select is_empty('select from app.posts', 'and the posts with the user');

-- Errors
select throws_ok(format('select api.user_delete(%s)', :bob), '23503', null, 'a user with orders stays');
select is(
    (select obj_description(k.oid, 'pg_constraint') from pg_constraint as k where k.conname = 'orders_user_id_fkey'),
    'This user has orders, which must be kept: deactivate the user instead.',
    'which is told in a sentence'
);
select is(pg_temp.refusal('select api.user_delete(-1)'), 'P0002: There is no user -1.', 'nobody has this number');
select throws_ok(format('select api.user_delete(%s)', :eve), 'PT409', null, 'an admin stays');

-- Permission
select is(pg_temp.callers('api.user_delete(bigint)'), 'admin', 'admins alone');

select * from finish();

rollback;
