begin;

select plan(29);

-- Signature
select function_returns('app', 'retail_reason', array_fill('text'::text, array[8])::name[], 'app.reject_reason');
select volatility_is('app', 'retail_reason', array_fill('text'::text, array[8])::name[], 'stable');

-- Behaviour: each line breaks one rule and all that come after it, so the first has to win.
select is(app.retail_reason(null, '536365', '85123A', '6', '2010-12-01 08:26:00', '2.55', '17850.0', 'France'), null, 'accepted');
select is(
    app.retail_reason(l.problem, l.invoice_no, l.stock_code, l.quantity, l.invoice_date, l.unit_price, l.customer_id, l.country)::text,
    l.reason,
    l.reason
)
from (
    values
        ('unreadable', 'Too few fields.', null, null, null, null, null, null, null),
        ('invoice_missing', null, null, 'POST', 'x', '', 'x', null, null),
        ('cancellation', null, 'C536379', 'POST', '-1', '', 'x', null, null),
        ('cancellation', null, 'c536379', 'POST', '-1', '', 'x', null, null),
        ('invoice_malformed', null, repeat('5', 41), 'POST', 'x', '', 'x', null, null),
        ('stock_code_not_goods', null, '536365', 'POST', 'x', '', 'x', null, null),
        ('stock_code_not_goods', null, '536365', '8512A', 'x', '', 'x', null, null),
        ('stock_code_not_goods', null, '536365', null, 'x', '', 'x', null, null),
        ('stock_code_malformed', null, '536365', '85123 A', 'x', '', 'x', null, null),
        ('quantity_malformed', null, '536365', '85123A', '1.5', '', 'x', null, null),
        ('quantity_malformed', null, '536365', '85123A', '1000001', '', 'x', null, null),
        ('quantity_malformed', null, '536365', '85123A', null, '', 'x', null, null),
        ('quantity_not_positive', null, '536365', '85123A', '0', '', 'x', null, null),
        ('quantity_not_positive', null, '536365', '85123A', '-6', '', 'x', null, null),
        ('price_malformed', null, '536365', '85123A', '6', '', '2.555', null, null),
        ('price_malformed', null, '536365', '85123A', '6', '', null, null, null),
        ('price_not_positive', null, '536365', '85123A', '6', '', '0.0', null, null),
        ('price_not_positive', null, '536365', '85123A', '6', '', '-0.01', null, null),
        ('customer_missing', null, '536365', '85123A', '6', '', '2.55', null, null),
        ('customer_malformed', null, '536365', '85123A', '6', '', '2.55', 'Smith', null),
        ('customer_malformed', null, '536365', '85123A', '6', '', '2.55', '0', null),
        ('date_malformed', null, '536365', '85123A', '6', '2010-02-30 08:26:00', '2.55', '17850', null),
        ('date_malformed', null, '536365', '85123A', '6', null, '2.55', '17850', null),
        ('country_malformed', null, '536365', '85123A', '6', '2010-12-01 08:26:00', '2.55', '17850', null),
        ('country_malformed', null, '536365', '85123A', '6', '2010-12-01 08:26:00', '2.55', '17850', repeat('x', 61))
) as l (reason, problem, invoice_no, stock_code, quantity, invoice_date, unit_price, customer_id, country);

-- Permission
select function_privs_are('app', 'retail_reason', array_fill('text'::text, array[8])::name[], 'member', '{}'::text[]);

select * from finish();

rollback;
