-- Deploy app/order_transitions
-- requires: app/order_status

begin;

create table if not exists app.order_transitions (
    from_status app.order_status not null,
    to_status app.order_status not null,
    constraint order_transitions_pkey primary key (from_status, to_status)
);

comment on table app.order_transitions is 'The ways an order may go: a row for each change of status that is allowed.';
comment on column app.order_transitions.from_status is 'Where the order stands.';
comment on column app.order_transitions.to_status is 'Where it may go from there.';

insert into app.order_transitions (from_status, to_status)
values
    ('placed', 'paid'),
    ('placed', 'cancelled'),
    ('paid', 'shipped'),
    ('paid', 'cancelled'),
    ('shipped', 'delivered')
on conflict do nothing;

commit;
