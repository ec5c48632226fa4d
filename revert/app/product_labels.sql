begin;

drop view app.product_labels;

commit;
