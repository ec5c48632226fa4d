-- Deploy api/retail_report
-- requires: api/import_reason

begin;

do $$
begin
    create type api.retail_report as (
        import_id bigint,
        made_by bigint,
        made_at timestamptz,
        lines integer,
        loaded integer,
        unchanged integer,
        rejected integer,
        revenue numeric,
        new_customers integer,
        new_products integer,
        new_orders integer,
        reasons api.import_reason[]
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.retail_report is 'What an import of a retail file did.';
comment on column api.retail_report.import_id is 'The import''s number.';
comment on column api.retail_report.made_by is 'Who made the import.';
comment on column api.retail_report.made_at is 'When the import was made.';
comment on column api.retail_report.lines is 'How many lines the file had; each is loaded, unchanged or rejected.';
comment on column api.retail_report.loaded is 'How many lines were new, and became order lines.';
comment on column api.retail_report.unchanged is 'How many lines were there already, from an earlier import.';
comment on column api.retail_report.rejected is 'How many lines were rejected.';
comment on column api.retail_report.revenue is 'The sum of quantity times price over the loaded lines.';
comment on column api.retail_report.new_customers is 'How many customers became users, who can''t log in.';
comment on column api.retail_report.new_products is 'How many stock codes became products, which are not for sale.';
comment on column api.retail_report.new_orders is 'How many invoices became orders.';
comment on column api.retail_report.reasons is 'The rejected lines by reason, in the order in which the reasons are tried.';

commit;
