-- Deploy penstock/lint
-- requires: penstock/lint_tables penstock/lint_policies penstock/lint_views penstock/lint_functions
-- requires: penstock/lint_roles penstock/lint_endpoints penstock/lint_comments penstock/lint_audit

begin;

create or replace view penstock.lint as
select l.rule, l.object, l.message from penstock.lint_tables as l
union all
select l.rule, l.object, l.message from penstock.lint_policies as l
union all
select l.rule, l.object, l.message from penstock.lint_views as l
union all
select l.rule, l.object, l.message from penstock.lint_functions as l
union all
select l.rule, l.object, l.message from penstock.lint_roles as l
union all
select l.rule, l.object, l.message from penstock.lint_endpoints as l
union all
select l.rule, l.object, l.message from penstock.lint_comments as l
union all
select l.rule, l.object, l.message from penstock.lint_audit as l;

comment on view penstock.lint is 'Everything that breaks the house''s rules; empty when all is well.';
comment on column penstock.lint.rule is 'The rule''s name.';
comment on column penstock.lint.object is 'What breaks it.';
comment on column penstock.lint.message is 'Why, and how to mend it.';

grant select on penstock.lint to penstock_agent;

commit;
