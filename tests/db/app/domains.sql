begin;

select plan(53);

-- What each type takes, and under which rule it refuses: a line for each side of each limit.
create function pg_temp.taken(type regtype, value text)
    returns text
    language plpgsql
as $$
declare
    v_rule text;
begin
    execute format('select %L::%s', taken.value, taken.type);

    return 'taken';
exception
    when others then
        get stacked diagnostics v_rule = constraint_name;

        return coalesce(nullif(v_rule, ''), sqlstate);
end
$$;

select is(pg_temp.taken(c.type, c.value), c.expected, c.type || ' ' || coalesce(quote_literal(replace(left(c.value, 30), e'\n', ' ')), 'null'))
from (
    values
        ('app.email'::regtype, 'ada@example.org', 'taken'),
        ('app.email', 'o''neill+shop@mail.example.co.uk', 'taken'),
        ('app.email', 'ada@localhost', 'email_form'),
        ('app.email', 'ada', 'email_form'),
        ('app.email', 'ada@@example.org', 'email_form'),
        ('app.email', 'ada lovelace@example.org', 'email_form'),
        ('app.email', e'ada@example.org\nbcc: all@example.org', 'email_form'),
        ('app.email', e'ada@example.org\n', 'email_form'),
        ('app.email', repeat('a', 242) || '@example.org', 'taken'),
        ('app.email', repeat('a', 243) || '@example.org', 'email_length'),
        ('app.username', 'abc', 'taken'),
        ('app.username', 'Ada.L_1-2', 'taken'),
        ('app.username', 'ab', 'username_length'),
        ('app.username', repeat('a', 40), 'taken'),
        ('app.username', repeat('a', 41), 'username_length'),
        ('app.username', '.ada', 'username_form'),
        ('app.username', 'ada l', 'username_form'),
        ('app.full_name', 'Ada', 'taken'),
        ('app.full_name', '', 'full_name_length'),
        ('app.full_name', e' \t\n', 'full_name_not_blank'),
        ('app.full_name', repeat('é', 200), 'taken'),
        ('app.full_name', repeat('é', 201), 'full_name_length'),
        ('app.sku', '85123A', 'taken'),
        ('app.sku', '85 123', 'sku_form'),
        ('app.sku', '', 'sku_form'),
        ('app.product_name', 'Lantern', 'taken'),
        ('app.product_name', ' ', 'product_name_not_blank'),
        ('app.description', '', 'taken'),
        ('app.description', repeat('x', 10001), 'description_length'),
        ('app.money', '0', 'taken'),
        ('app.money', '-0.01', 'money_not_negative'),
        ('app.money', '9999999999.99', 'taken'),
        ('app.money', '10000000000', '22003'),
        ('app.money', 'NaN', 'money_in_range'),
        ('app.quantity', '1', 'taken'),
        ('app.quantity', '0', 'quantity_positive'),
        ('app.quantity', '1000000', 'taken'),
        ('app.quantity', '1000001', 'quantity_in_range'),
        ('app.stock', '0', 'taken'),
        ('app.stock', '-1', 'stock_not_negative'),
        ('app.stock', '1000000001', 'stock_in_range'),
        ('app.country', 'EIRE', 'taken'),
        ('app.country', ' ', 'country_not_blank'),
        ('app.country', repeat('x', 61), 'country_length'),
        ('app.search_text', '', 'taken'),
        ('app.search_text', repeat('x', 201), 'search_text_length'),
        ('app.title', 'Hello', 'taken'),
        ('app.title', repeat('x', 201), 'title_length'),
        ('app.body', 'World', 'taken'),
        ('app.body', ' ', 'body_not_blank'),
        ('app.body', repeat('x', 50001), 'body_length'),
        ('app.user_role', 'root', '22P02'),
        ('app.order_status', 'lost', '22P02')
) as c (type, value, expected);

select * from finish();

rollback;
