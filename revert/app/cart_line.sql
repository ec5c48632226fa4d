begin;

drop type app.cart_line;

commit;
