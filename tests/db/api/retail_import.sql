begin;

\ir ../house/personas.psql
\ir ../house/retail.psql

select plan(29);

-- Signature
select function_returns('api', 'retail_import', '{}'::name[], 'api.retail_report');
select volatility_is('api', 'retail_import', '{}'::name[], 'volatile');

-- A file: two invoices, two equal lines, three rejects
select pg_temp.post(
    '536365,85123A,WHITE HEART,6,2010-12-01 08:27:00,2.55,17850.0,United Kingdom',
    '536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom',
    '536365,71053,,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom',
    'C536379,85123A,WHITE HEART,-1,2010-12-01 09:41:00,2.55,17850.0,United Kingdom',
    '536370,POST,POSTAGE,3,2010-12-01 08:45:00,18.0,12583.0,France',
    '536370,85123A,heart,24,2010-12-01 08:45:00,2.10,12583.0,France',
    'so much for this line'
);
select pg_temp.be('staff', :sam);
select * from api.retail_import() as r \gset first_
select is(:first_lines, 7, 'lines read');
select is(:first_loaded, 4, 'lines loaded');
select is(:first_unchanged, 0, 'nothing was there before');
select is(:first_rejected, 3, 'lines rejected');
select is(:first_revenue, 101.34, 'revenue');
select is(array[:first_new_customers, :first_new_products, :first_new_orders], array[2, 2, 2], 'customers, products, orders');
select is(:'first_reasons'::text, '{"(unreadable,1)","(cancellation,1)","(stock_code_not_goods,1)"}', 'reasons, in their order');
select is(:first_made_by, :sam, 'who did it');

-- What became of it
select results_eq(
    $$select source_invoice, country::text, status::text, total::numeric, placed_at from app.orders order by 1$$,
    $$values ('536365', 'United Kingdom', 'delivered', 50.94, '2010-12-01T08:26Z'::timestamptz),
        ('536370', 'France', 'delivered', 50.40, '2010-12-01T08:45Z')$$,
    'an invoice is an order, placed when its first line was written'
);
select results_eq(
    $$select l.line_no, p.sku::text, l.quantity::integer, l.unit_price::numeric
        from app.order_lines as l join app.products as p on p.id = l.product_id
        join app.orders as o on o.id = l.order_id where o.source_invoice = '536365' order by 1$$,
    $$values (1, '85123A', 6, 2.55), (2, '85123A', 6, 2.55), (3, '71053', 6, 3.39)$$,
    'equal lines both count, in the order of the file'
);
select results_eq(
    $$select sku::text, name::text, price::numeric, stock::integer, is_active from app.products order by 1$$,
    $$values ('71053', '71053', 3.39, 0, false), ('85123A', 'WHITE HEART', 2.10, 0, false)$$,
    'a product has its commonest name and its latest price, and is not for sale'
);
select results_eq(
    $$select username::text, email::text, role::text from app.users where username like 'retail-%' order by 1$$,
    $$values ('retail-12583', 'retail-12583@customers.invalid', 'member'), ('retail-17850', 'retail-17850@customers.invalid', 'member')$$,
    'a customer is a user'
);
reset role;
select is_empty(
    $$select from auth.credentials as c join app.users as u on u.id = c.user_id where u.username like 'retail-%'$$,
    'who can''t log in'
);
select results_eq(
    format('select line, reason::text, problem is not null, raw from app.import_rejects where import_id = %s order by 1', :first_import_id),
    $$values (5::bigint, 'cancellation', false, 'C536379,85123A,WHITE HEART,-1,2010-12-01 09:41:00,2.55,17850.0,United Kingdom'),
        (6, 'stock_code_not_goods', false, '536370,POST,POSTAGE,3,2010-12-01 08:45:00,18.0,12583.0,France'),
        (8, 'unreadable', true, 'so much for this line')$$,
    'rejects are kept as they came'
);

-- The same file again, by somebody else (in a transaction of its own the tables would be gone)
drop table pg_temp.retail_lines, pg_temp.retail_customers;
select pg_temp.be('admin', :eve);
select * from api.retail_import() as r \gset again_
select is(
    array[:again_loaded, :again_unchanged, :again_rejected, :again_new_customers, :again_new_products, :again_new_orders],
    array[0, 4, 3, 0, 0, 0],
    'changes nothing'
);
select is(:again_revenue, 0.00, 'and brings nothing');

-- A file with more of an invoice, under another name of the customer
reset role;
drop table pg_temp.retail_lines, pg_temp.retail_customers;
update app.users set username = 'mrs.lind' where username = 'retail-17850';
update app.products set name = 'Heart', price = 9, is_active = true where sku = '85123A';
select pg_temp.post(
    '536365,85123A,WHITE HEART,6,2010-12-01 08:25:00,2.55,17850,United Kingdom',
    '536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom',
    '536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom',
    '536365,85123A,WHITE HEART,5,2010-12-01 08:26:00,2.55,17850,United Kingdom'
);
select pg_temp.be('staff', :sam);
select * from api.retail_import() as r \gset more_
select is(array[:more_loaded, :more_unchanged, :more_new_customers], array[2, 2, 0], 'adds the lines that are missing');
select is(:more_revenue, 28.05, 'and what they bring');
select results_eq(
    $$select total::numeric, placed_at, (select max(l.line_no) from app.order_lines as l where l.order_id = o.id)
        from app.orders as o where source_invoice = '536365'$$,
    $$values (78.99, '2010-12-01T08:25Z'::timestamptz, 5)$$,
    'to the order that is there'
);
select results_eq(
    $$select name::text, price::numeric, stock::integer, is_active from app.products where sku = '85123A'$$,
    $$values ('Heart', 9.00, 0, true)$$,
    'a product that is there stays as it is'
);

-- An invoice that contradicts itself, or what is known of it, or is too large for an order
select pg_temp.post(
    '1,85123A,X,1,2010-12-01 08:26:00,1,1,France',
    '1,85123A,X,1,2010-12-01 08:26:00,1,2,France',
    '1,85123A,X,1,2010-12-01 08:26:00,1,1,Spain',
    '536365,85123A,X,1,2010-12-01 08:26:00,1,3,United Kingdom',
    '536365,85123A,X,1,2010-12-01 08:26:00,1,17850,France',
    '2,85123A,X,1000000,2010-12-01 08:26:00,999999.99,1,France'
);
select * from api.retail_import() as r \gset odd_
select is(:odd_loaded, 1, 'the first line of a new invoice says whose it is');
select is(:'odd_reasons'::text, '{"(invoice_contradicts,4)","(invoice_too_large,1)"}', 'the others are rejected');
select is(:odd_new_customers, 1, 'customers of rejected lines alone do not come to be');

-- Nothing, and nothing but rubbish
select pg_temp.post(variadic '{}');
select is((select r.lines from api.retail_import() as r), 0, 'an empty file');
select pg_temp.post(',,,,,,,', '"', 'x,12345,x,99999999999,2010-99-99 00:00:00,NaN,-1,x');
select is((select array[r.lines, r.rejected] from api.retail_import() as r), array[3, 3], 'rubbish is rejected, it never raises');

-- Permission
select is(pg_temp.callers('api.retail_import()'), 'staff, admin', 'staff and admins alone');
select pg_temp.be('member', :ada);
select throws_ok('select api.retail_import()', '42501', null, 'members are refused');

select * from finish();

rollback;
