-- Deploy auth/api_keys_touch
-- requires: auth/api_keys penstock/rows_tag
-- By this the API processes hear, within a second, that keys they have let in count no more.

begin;

call penstock.rows_tag('auth.api_keys', 'api_key:{id}');

commit;
