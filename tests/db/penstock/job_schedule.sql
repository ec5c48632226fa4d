begin;

select plan(11);

-- Behaviour
select lives_ok($$call penstock.job_schedule('sweep', 'select 1', '1 hour')$$, 'a job is entered');
select results_eq(
    $$select statement, every, role = 'penstock_agent', due_at <= now(), last_run_at from penstock.jobs where name = 'sweep'$$,
    $$values ('select 1', interval '1 hour', true, true, null::timestamptz)$$, 'to be done at once, as the agent'
);
update penstock.jobs set due_at = now() + interval '1 hour', last_run_at = now() where name = 'sweep';
select lives_ok($$call penstock.job_schedule('sweep', 'select 2', '1 minute', 'gatekeeper', '5 s')$$, 'called again, it changes the job');
select results_eq(
    $$select statement, every, role = 'gatekeeper', timeout, due_at <= now() + interval '1 minute', last_run_at is not null from penstock.jobs where name = 'sweep'$$,
    $$values ('select 2', interval '1 minute', true, interval '5 s', true, true)$$, 'which is done as soon as it says now'
);
select lives_ok($$call penstock.job_forget('sweep')$$, 'it is forgotten');
select is_empty($$select 1 from penstock.jobs where name = 'sweep'$$, 'and done no more');

-- Errors
select throws_ok($$call penstock.job_schedule('sweep', 'select 1', '0 s')$$, '23514', null, 'a job takes a while');
select throws_ok($$call penstock.job_schedule('sweep', null, '1 s')$$, '23502', null, 'and does something');

-- The machinery's own, and the store's
select set_has(
    'select name from penstock.jobs', $$values ('events_prune'), ('rate_prune'), ('sales_fold'), ('session_prune')$$, 'what must be done is'
);

-- Permission: a statement is what the DBA says, and nobody else.
select column_privs_are('penstock', 'jobs', 'statement', 'penstock_agent', array['SELECT']);
select is(has_function_privilege('penstock_agent', 'penstock.job_schedule(text, text, interval, name, interval)', 'execute'), false, 'the machinery enters no job');

select * from finish();

rollback;
