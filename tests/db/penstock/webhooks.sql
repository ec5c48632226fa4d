begin;

select plan(17);

delete from penstock.webhooks;

create function pg_temp.subscribes(url text, topics text default '*') returns boolean language plpgsql as $$
begin
    insert into penstock.webhooks (url, topics) values (subscribes.url, subscribes.topics);
    return true;
exception
    when check_violation then return false;
end
$$;

-- Secrets
insert into penstock.webhooks (url, topics) values ('https://a.org', '*'), ('https://b.org/in?x=1', 'order.*');
select is((select count(distinct secret) from penstock.webhooks), 2::bigint, 'each has a secret of its own');
select matches((select min(secret) from penstock.webhooks), '^whsec_[A-Za-z0-9+/]{43}=$', 'of 32 bytes');
select is((select count(*) from audit.changes as c where c.table_name = 'penstock.webhooks' and c.after ->> 'secret' = '(secret)'), 2::bigint, 'which is not recorded');

-- Addresses
select is(pg_temp.subscribes(u.url), u.good, u.url)
from (
    values
        ('https://a.org:8443/x/y', true), ('http://localhost/', true), ('https://[::1]/', true), ('ftp://a.org/', false), ('https://u:p@a.org/', false),
        ('https://a.org/#x', false), ('https://a.org/ x', false), (e'https://a.org/\nX: y', false), ('https:///x', false)
) as u (url, good);

-- Topics
select is(pg_temp.subscribes('https://a.org/', t.topics), t.good, t.topics)
from (values ('order.paid', true), ('order.*', true), ('*.paid', false), ('order*', false)) as t (topics, good);

-- Permission
select is(has_table_privilege('member', 'penstock.webhooks', 'select') or has_table_privilege('admin', 'penstock.webhooks', 'select'), false, 'no caller reads them');

select * from finish();

rollback;
