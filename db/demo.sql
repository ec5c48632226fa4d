-- The content of the demo: a household shop that opened a year ago. Run by db/demo.py, in one
-- transaction, as the owner and after the logins are in.
--
-- The dice are seeded, so every demo looks alike; and it all lies in the year before today, so
-- imported history from long ago stands alone.

select setseed(0.42);

-- 12 materials and 27 things: 324 products, dearer the better the material.
insert into app.products (sku, name, description, price, stock, is_active, created_at)
select
    format('%s-%s', m.code, t.code),
    format('%s %s', m.material, t.thing),
    format('A%s %s in %s. %s', case when t.thing ~ '^[aeiou]' then 'n' else '' end, t.thing, lower(m.material), m.care),
    floor(t.price * m.factor) + (array[0.25, 0.50, 0.95, 0.99])[1 + floor(random() * 4)::integer],
    case when random() < 0.04 then 0 else floor(5 + random() * 245) end,
    random() >= 0.03,
    now() - interval '365 days' - random() * interval '30 days'
from (
    values
        ('OAK', 'Oak', 1.6, 'Oil it once a year.'),
        ('ASH', 'Ash', 1.3, 'Wipe with a damp cloth.'),
        ('WAL', 'Walnut', 2.1, 'Keep it out of the sun.'),
        ('ENA', 'Enamel', 1.0, 'Dishwasher safe.'),
        ('BRA', 'Brass', 1.5, 'Polish it, or let it darken.'),
        ('COP', 'Copper', 1.7, 'Polish it, or let it darken.'),
        ('GLS', 'Glass', 0.9, 'Made from old bottles.'),
        ('STN', 'Stoneware', 1.1, 'No two are alike.'),
        ('POR', 'Porcelain', 1.4, 'Dishwasher safe.'),
        ('STL', 'Steel', 1.2, 'Does not rust.'),
        ('BAM', 'Bamboo', 0.8, 'Wash it by hand.'),
        ('CRK', 'Cork', 0.7, 'Wipe with a damp cloth.')
) as m (code, material, factor, care)
cross join (
    values
        ('LAN', 'lantern', 24), ('TRY', 'tray', 18), ('BWL', 'bowl', 14), ('MUG', 'mug', 8),
        ('JUG', 'jug', 19), ('VAS', 'vase', 22), ('CLK', 'wall clock', 39), ('FRM', 'picture frame', 16),
        ('CHB', 'chopping board', 21), ('SPN', 'spoon', 5), ('LAD', 'ladle', 9), ('CST', 'coaster', 4),
        ('CND', 'candlestick', 13), ('BOX', 'storage box', 17), ('BRD', 'bread bin', 34), ('HOK', 'coat hook', 7),
        ('MIR', 'mirror', 48), ('LMP', 'table lamp', 56), ('PLT', 'plate', 11), ('EGG', 'egg cup', 5),
        ('SLT', 'salt cellar', 9), ('TEA', 'teapot', 31), ('STL', 'stool', 64), ('SHL', 'shelf', 42),
        ('DSH', 'butter dish', 12), ('FUN', 'funnel', 6), ('BIR', 'bird feeder', 20)
) as t (code, thing, price);

-- 48 customers, who came one after the other over the year.
insert into app.users (email, username, full_name, created_at)
select
    format('%s.%s@example.org', lower(f.name), lower(l.name)),
    format('%s.%s', lower(f.name), lower(l.name)),
    format('%s %s', f.name, l.name),
    now() - interval '360 days' * (1 - (row_number() over () - 1) / 48.0)
from unnest(array[
    'Ada', 'Bela', 'Carl', 'Dora', 'Emil', 'Frida', 'Goran', 'Hana'
]) as f (name)
cross join unnest(array[
    'Arnold', 'Berg', 'Costa', 'Dubois', 'Evans', 'Fischer'
]) as l (name);

-- Who buys how much and where from: most from home, a few buy most.
create temporary table demo_customers on commit drop as
select
    u.id,
    row_number() over (order by u.id) as place,
    u.created_at as joined_at,
    (array[
        'United Kingdom', 'United Kingdom', 'United Kingdom', 'United Kingdom', 'Germany',
        'France', 'Ireland', 'Netherlands', 'Spain', 'Sweden'
    ])[case when u.username like 'demo.%' then 1 else 1 + floor(random() * 10)::integer end] as country
from app.users as u
where u.role = 'member'
    and (u.username = 'demo.member' or u.email like '%@example.org');

create temporary table demo_orders on commit drop as
select
    nextval(pg_get_serial_sequence('app.orders', 'id')) as id,
    o.user_id,
    o.country,
    o.placed_at,
    case
        when o.chance < 0.05 then 'cancelled'
        when o.placed_at < now() - interval '8 days' then 'delivered'
        when o.placed_at < now() - interval '3 days' then 'shipped'
        when o.placed_at < now() - interval '1 day' then 'paid'
        else 'placed'
    end::app.order_status as status
from (
    select
        c.id as user_id,
        c.country,
        c.joined_at + (now() - c.joined_at) * random() as placed_at,
        random() as chance
    from generate_series(1, 4000) as n
    join demo_customers as c
        on c.place = 1 + floor((select count(*) from demo_customers) * power((n - 0.5) / 4000, 1.4))
    order by placed_at
) as o;

-- One to five products an order; a few products sell best.
create temporary table demo_lines on commit drop as
select
    o.id as order_id,
    row_number() over (partition by o.id order by p.id) as line_no,
    p.id as product_id,
    sum(d.quantity) as quantity,
    p.price as unit_price
from demo_orders as o
cross join lateral (
    select
        1 + floor(324 * power(random(), 1.7)) as place,
        1 + floor(6 * power(random(), 3)) as quantity
    from generate_series(1, 1 + o.id % 5)
) as d
join (
    select p.id, p.price, row_number() over (order by md5(p.sku)) as place
    from app.products as p
    where p.sku ~ '^[A-Z]{3}-[A-Z]{3}$'
) as p on p.place = d.place
group by o.id, p.id, p.price;

insert into app.orders (id, user_id, status, country, total, placed_at)
overriding system value
select o.id, o.user_id, o.status, o.country, sum(l.quantity * l.unit_price), o.placed_at
from demo_orders as o
join demo_lines as l on l.order_id = o.id
group by o.id, o.user_id, o.status, o.country, o.placed_at
order by o.id;

insert into app.order_lines (order_id, line_no, product_id, quantity, unit_price)
select l.order_id, l.line_no, l.product_id, l.quantity, l.unit_price
from demo_lines as l
order by l.order_id, l.line_no;

-- What customers write about what they bought; one post in ten is still a draft.
insert into app.posts (author_id, title, body, published_at, created_at)
select
    d.user_id,
    format(d.title, d.product),
    format(d.body, lower(d.product)),
    case when random() < 0.9 then d.written_at end,
    d.written_at
from (
    select
        o.user_id,
        p.name as product,
        least(o.placed_at + interval '1 day' + random() * interval '9 days', now()) as written_at,
        t.title,
        t.body
    from (
        select o.id, o.user_id, o.placed_at, row_number() over (order by md5(o.id::text)) as place
        from demo_orders as o
        where o.status = 'delivered'
    ) as o
    join demo_lines as l on l.order_id = o.id and l.line_no = 1
    join app.products as p on p.id = l.product_id
    join (
        values
            (0, 'The first weeks with the %s', 'I was not sure about the %s at first. It has been in use every day since, and looks better than new.'),
            (1, '%s: a short review', 'The %s came well packed and two days early. It is heavier than it looks, which I like.'),
            (2, 'How I clean my %s', 'Warm water, no soap, and dry it at once: that is all the %s asks for.'),
            (3, 'A present: the %s', 'We gave the %s to friends who had just moved, and they asked where it was from.'),
            (4, 'Is the %s worth it?', 'You can have something like the %s for half the price. You will buy it twice, though.'),
            (5, 'The %s, after a while', 'A scratch here and there, and still the %s is the first thing visitors ask about.')
    ) as t (kind, title, body) on t.kind = o.place % 6
    where o.place <= 150
) as d;

-- The analyst's login that `./dev up` makes sees every country.
insert into app.analysts (login)
values ('analyst')
on conflict do nothing;

-- The first pages should not be planned for empty tables.
analyze app.users, app.products, app.posts, app.orders, app.order_lines;
