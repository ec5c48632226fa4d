begin;

\ir ../house/personas.psql
\ir ../house/retail.psql

select plan(6);

-- Signature
select function_returns('api', 'retail_export', '{}'::name[], 'setof api.retail_line');
select volatility_is('api', 'retail_export', '{}'::name[], 'stable');

-- Behaviour
select pg_temp.post(
    '536370,85123A,heart,24,2010-12-01 08:45:00,2.10,12583.0,France',
    '536365,85123A,heart,6,2010-12-01 08:27:00,2.55,17850.0,United Kingdom',
    '536365,85123A,heart,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom',
    '536365,71053,,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom',
    'C536379,85123A,heart,-1,2010-12-01 09:41:00,2.55,17850.0,United Kingdom'
);
select pg_temp.be('staff', :sam);
select loaded from api.retail_import() \gset
select results_eq(
    'select r.* from api.retail_export() as r',
    $$values
        ('536365', '85123A', 'heart', '6', '2010-12-01 08:26:00', '2.55', '17850', 'United Kingdom'),
        ('536365', '85123A', 'heart', '6', '2010-12-01 08:26:00', '2.55', '17850', 'United Kingdom'),
        ('536365', '71053', '71053', '6', '2010-12-01 08:26:00', '3.39', '17850', 'United Kingdom'),
        ('536370', '85123A', 'heart', '24', '2010-12-01 08:45:00', '2.10', '12583', 'France')$$,
    'every line that was loaded, the oldest first'
);
reset role;
update app.users set username = 'renamed' where username = 'retail-12583';
select pg_temp.be('admin', :eve);
select is(
    (select r.customer_id from api.retail_export() as r where r.invoice_no = '536370'),
    '12583',
    'a customer who has another name now keeps the number'
);
reset role;
insert into app.orders (user_id, country, total) values (:ada, 'France', 0);
select pg_temp.be('staff', :sam);
select is((select count(*) from api.retail_export()), 4::bigint, 'the shop''s own orders are not of the file');
reset role;

-- Permission
select is(pg_temp.callers('api.retail_export()'), 'staff, admin', 'staff and admins alone');

select * from finish();

rollback;
