begin;

drop function app.retail_reason(text, text, text, text, text, text, text, text);

commit;
