-- The rows that tests/security/rows.txt is measured on. Two members own some of everything that
-- members own, and so do staff and admins; a table that stays empty fails the test by its name,
-- and so does one whose rows all belong to one person.

insert into app.users (email, username, role)
values
    ('ada@example.org', 'ada', 'member'),
    ('bob@example.org', 'bob', 'member'),
    ('sam@example.org', 'sam', 'staff'),
    ('eve@example.org', 'eve', 'admin');

insert into auth.credentials (user_id, password_hash)
select u.id, '$argon2id$v=19$' || u.username
from app.users as u;

insert into auth.sessions (user_id, role)
select u.id, u.role
from app.users as u;

insert into auth.refresh_tokens (token_hash, session_id)
select sha256(s.id::text::bytea), s.id
from auth.sessions as s;

insert into auth.devices (token_hash, user_id)
select sha256(u.username::text::bytea), u.id
from app.users as u;

insert into auth.login_attempts (account, recent)
select sha256(lower(u.email)::bytea), array[now()]
from app.users as u;

insert into auth.api_keys (user_id, name, role, key_hash)
select u.id, 'a service', 'member', sha256(u.email::text::bytea)
from app.users as u;

-- Who is told of events, so that what happens to orders below is to be delivered.
insert into penstock.webhooks (url, topics)
values ('https://example.org/', '*');

insert into app.products (sku, name, price, stock, is_active)
values
    ('LAMP', 'Lamp', 12, 10, true),
    ('BOWL', 'Bowl', 3, 10, true),
    ('GONE', 'Off sale', 1, 0, false);

-- A draft and a published post of each.
insert into app.posts (author_id, title, body, published_at)
select u.id, p.title || u.username, 'Words.', p.published_at
from app.users as u
cross join (values ('Draft of ', null), ('Post of ', now())) as p (title, published_at);

-- To France, Spain and Germany each, of which an analyst of France sees a third; those to Germany
-- will be cancelled.
insert into app.orders (user_id, country, status, total)
select u.id, o.country, o.status::app.order_status, 15
from app.users as u
cross join (
    values ('France', 'paid'), ('Spain', 'placed'), ('Germany', 'placed')
) as o (country, status);

insert into app.order_lines (order_id, line_no, product_id, quantity, unit_price)
select o.id, 1, p.id, 1, p.price
from app.orders as o
join app.products as p on p.sku = 'LAMP';

insert into app.imports (made_by, lines, loaded, unchanged, rejected, revenue, new_customers, new_products, new_orders)
select u.id, 1, 0, 0, 1, 0, 0, 0, 0
from app.users as u
where u.role in ('staff', 'admin');

insert into app.import_rejects (import_id, line, reason)
select i.id, 2, (enum_range(null::app.reject_reason))[1]
from app.imports as i;

insert into app.analysts (login)
values ('analyst');

insert into penstock.rate_limits (key, whole_at)
values (gen_random_uuid(), now());

insert into penstock.idempotency_keys (id, route, request, status, body)
select gen_random_uuid(), 'POST /orders', gen_random_uuid(), 201, json_build_object('user', u.id)
from app.users as u;

insert into penstock.long_calls (id, role, subject, request, lines, state, status, body, ended_at)
select gen_random_uuid(), r.role, u.id::text, 'POST /products/bulk', 1, 'done', 201, '{"lines": 1}', now()
from app.users as u
cross join (values ('member'), ('staff'), ('admin')) as r (role);
update penstock.long_calls as c
set id = '00000000-0000-4000-8000-000000000001'
where c.role = 'member' and c.subject = (select u.id::text from app.users as u where u.username = 'ada');

insert into penstock.incarnation default values
on conflict do nothing;

-- The roll-ups, and then what they don't know yet. That they are folded already is what lets no
-- dice at the end of this transaction fold them again.
select app.sales_fold();
select set_config('app.sales_are_folded', 'yes', true);
update app.orders set status = 'cancelled' where country = 'Germany';
insert into app.order_lines (order_id, line_no, product_id, quantity, unit_price)
select o.id, 2, p.id, 1, p.price
from app.orders as o
join app.products as p on p.sku = 'BOWL';

-- What was given up, of two people.
update penstock.deliveries
set due_at = null, dead_at = now()
where event_id in (select e.id from penstock.events as e where e.topic = 'order.placed');
