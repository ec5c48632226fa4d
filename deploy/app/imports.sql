-- Deploy app/imports
-- requires: app/users

begin;

create table if not exists app.imports (
    id bigint generated always as identity,
    made_by bigint,
    made_at timestamptz not null default now(),
    lines integer not null,
    loaded integer not null,
    unchanged integer not null,
    rejected integer not null,
    revenue numeric(18, 2) not null,
    new_customers integer not null,
    new_products integer not null,
    new_orders integer not null,
    constraint imports_pkey primary key (id),
    constraint imports_made_by_fkey foreign key (made_by)
        references app.users (id) on delete set null,
    constraint imports_lines_add_up check (lines = loaded + unchanged + rejected)
);

create index if not exists imports_by_maker on app.imports (made_by);

comment on table app.imports is 'What each import of a retail file did. Entered once, never changed.';
comment on column app.imports.id is 'The import''s number.';
comment on column app.imports.made_by is 'Who made the import; null once they are gone.';
comment on column app.imports.made_at is 'When the import was made.';
comment on column app.imports.lines is 'How many lines the file had.';
comment on column app.imports.loaded is 'How many lines were new, and became order lines.';
comment on column app.imports.unchanged is 'How many lines were there already.';
comment on column app.imports.rejected is 'How many lines were rejected.';
comment on column app.imports.revenue is 'The sum of quantity times price over the loaded lines.';
comment on column app.imports.new_customers is 'How many customers became users.';
comment on column app.imports.new_products is 'How many stock codes became products.';
comment on column app.imports.new_orders is 'How many invoices became orders.';
comment on constraint imports_lines_add_up on app.imports is
    'Every line is either loaded, unchanged or rejected.';

commit;
