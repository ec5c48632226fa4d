-- Made by `./dev schema --write` with PostgreSQL 15

CREATE SCHEMA api;

ALTER SCHEMA api OWNER TO penstock_owner;

COMMENT ON SCHEMA api IS 'The functions that are endpoints, and the types they take and return. No tables.';

CREATE SCHEMA app;

ALTER SCHEMA app OWNER TO penstock_owner;

COMMENT ON SCHEMA app IS 'The domain: tables, types, triggers and policies. Rows are reached through policies only.';

CREATE SCHEMA audit;

ALTER SCHEMA audit OWNER TO penstock_owner;

COMMENT ON SCHEMA audit IS 'Who changed what, and when: written by triggers, read by admins and DBAs, changed by nobody.';

CREATE SCHEMA auth;

ALTER SCHEMA auth OWNER TO penstock_owner;

COMMENT ON SCHEMA auth IS 'Credentials and sessions: reached by gatekeeper alone.';

CREATE SCHEMA penstock;

ALTER SCHEMA penstock OWNER TO penstock_owner;

COMMENT ON SCHEMA penstock IS 'The machinery: what is served, and what the catalogue lint finds.';

CREATE SCHEMA report;

ALTER SCHEMA report OWNER TO penstock_owner;

COMMENT ON SCHEMA report IS 'Stable views for analysts and their tools.';

CREATE SCHEMA request;

ALTER SCHEMA request OWNER TO penstock_owner;

COMMENT ON SCHEMA request IS 'Who is calling: the only readers of the claims that the API sets for each request.';

CREATE TYPE app.user_role AS ENUM (
    'member',
    'staff',
    'admin'
);

ALTER TYPE app.user_role OWNER TO penstock_owner;

COMMENT ON TYPE app.user_role IS 'What a user may do: a member buys and writes, staff run the shop, an admin also manages the users.';

CREATE TYPE api.api_key AS (
	id uuid,
	name text,
	role app.user_role,
	quota integer,
	created_at timestamp with time zone,
	expires_at timestamp with time zone
);

ALTER TYPE api.api_key OWNER TO penstock_owner;

COMMENT ON TYPE api.api_key IS 'A key by which a service calls for the caller.';

COMMENT ON COLUMN api.api_key.id IS 'The key''s number.';

COMMENT ON COLUMN api.api_key.name IS 'What it is for.';

COMMENT ON COLUMN api.api_key.role IS 'What it may do.';

COMMENT ON COLUMN api.api_key.quota IS 'How many requests a day it may make; null for any number.';

COMMENT ON COLUMN api.api_key.created_at IS 'When it was issued.';

COMMENT ON COLUMN api.api_key.expires_at IS 'Until when it is good; null for ever.';

CREATE TYPE api.api_key_issued AS (
	id uuid,
	key text,
	name text,
	role app.user_role,
	quota integer,
	created_at timestamp with time zone,
	expires_at timestamp with time zone
);

ALTER TYPE api.api_key_issued OWNER TO penstock_owner;

COMMENT ON TYPE api.api_key_issued IS 'A key that has just been issued, with the key itself: it is shown this once.';

COMMENT ON COLUMN api.api_key_issued.id IS 'The key''s number.';

COMMENT ON COLUMN api.api_key_issued.key IS 'The key, to be sent as Authorization: Bearer. It is kept nowhere: who loses it needs another.';

COMMENT ON COLUMN api.api_key_issued.name IS 'What it is for.';

COMMENT ON COLUMN api.api_key_issued.role IS 'What it may do.';

COMMENT ON COLUMN api.api_key_issued.quota IS 'How many requests a day it may make; null for any number.';

COMMENT ON COLUMN api.api_key_issued.created_at IS 'When it was issued.';

COMMENT ON COLUMN api.api_key_issued.expires_at IS 'Until when it is good; null for ever.';

CREATE TYPE audit.operation AS ENUM (
    'insert',
    'update',
    'delete',
    'truncate',
    'prune'
);

ALTER TYPE audit.operation OWNER TO penstock_owner;

COMMENT ON TYPE audit.operation IS 'What was done to a row; to a whole table (truncate); or to the record itself (prune).';

CREATE TYPE api.audit_change AS (
	at timestamp with time zone,
	id bigint,
	xid text,
	login text,
	role text,
	subject text,
	session text,
	method text,
	path text,
	"table" text,
	operation audit.operation,
	key jsonb,
	before jsonb,
	after jsonb
);

ALTER TYPE api.audit_change OWNER TO penstock_owner;

COMMENT ON TYPE api.audit_change IS 'Who changed which row of which table, when, and how.';

COMMENT ON COLUMN api.audit_change.at IS 'When it was changed.';

COMMENT ON COLUMN api.audit_change.id IS 'The change''s number.';

COMMENT ON COLUMN api.audit_change.xid IS 'The transaction: all that was changed with it has the same.';

COMMENT ON COLUMN api.audit_change.login IS 'Who had logged in to the database: authenticator is this API.';

COMMENT ON COLUMN api.audit_change.role IS 'The role in force.';

COMMENT ON COLUMN api.audit_change.subject IS 'Whom the token named; null if it came by SQL, or without a token.';

COMMENT ON COLUMN api.audit_change.session IS 'The session of that token.';

COMMENT ON COLUMN api.audit_change.method IS 'The method of the request; null if it came by SQL.';

COMMENT ON COLUMN api.audit_change.path IS 'The path of the request.';

COMMENT ON COLUMN api.audit_change."table" IS 'The table, with its schema.';

COMMENT ON COLUMN api.audit_change.operation IS 'What was done.';

COMMENT ON COLUMN api.audit_change.key IS 'The row''s primary key; null for what has no row, as truncate.';

COMMENT ON COLUMN api.audit_change.before IS 'Of an update the columns that differ, of a delete the whole row, as they were.';

COMMENT ON COLUMN api.audit_change.after IS 'Of an update the columns that differ, of an insert the whole row, as they are.';

CREATE DOMAIN app.body AS text
	CONSTRAINT body_length CHECK (((length(VALUE) >= 1) AND (length(VALUE) <= 50000)))
	CONSTRAINT body_not_blank CHECK ((VALUE ~ '[^[:space:]]'::text));

ALTER DOMAIN app.body OWNER TO penstock_owner;

COMMENT ON DOMAIN app.body IS 'The text of a post.';

COMMENT ON CONSTRAINT body_length ON DOMAIN app.body IS 'A post has 1 to 50,000 characters.';

COMMENT ON CONSTRAINT body_not_blank ON DOMAIN app.body IS 'A post is not blank.';

CREATE DOMAIN app.title AS text
	CONSTRAINT title_length CHECK (((length(VALUE) >= 1) AND (length(VALUE) <= 200)))
	CONSTRAINT title_not_blank CHECK ((VALUE ~ '[^[:space:]]'::text));

ALTER DOMAIN app.title OWNER TO penstock_owner;

COMMENT ON DOMAIN app.title IS 'The title of a post.';

COMMENT ON CONSTRAINT title_length ON DOMAIN app.title IS 'A title has 1 to 200 characters.';

COMMENT ON CONSTRAINT title_not_blank ON DOMAIN app.title IS 'A title is not blank.';

CREATE DOMAIN app.username AS text
	CONSTRAINT username_form CHECK ((VALUE ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$'::text))
	CONSTRAINT username_length CHECK (((length(VALUE) >= 3) AND (length(VALUE) <= 40)));

ALTER DOMAIN app.username OWNER TO penstock_owner;

COMMENT ON DOMAIN app.username IS 'The name by which a user is known to others.';

COMMENT ON CONSTRAINT username_form ON DOMAIN app.username IS 'A username is made of letters, digits, dots, underscores and hyphens, and begins with a letter or digit.';

COMMENT ON CONSTRAINT username_length ON DOMAIN app.username IS 'A username has 3 to 40 characters.';

CREATE TYPE api.post AS (
	id bigint,
	author_id bigint,
	author app.username,
	title app.title,
	body app.body,
	published_at timestamp with time zone,
	created_at timestamp with time zone,
	updated_at timestamp with time zone
);

ALTER TYPE api.post OWNER TO penstock_owner;

COMMENT ON TYPE api.post IS 'A post with its author''s name.';

COMMENT ON COLUMN api.post.id IS 'The post''s number.';

COMMENT ON COLUMN api.post.author_id IS 'Who wrote the post.';

COMMENT ON COLUMN api.post.author IS 'The author''s username.';

COMMENT ON COLUMN api.post.title IS 'The title of the post.';

COMMENT ON COLUMN api.post.body IS 'The text of the post.';

COMMENT ON COLUMN api.post.published_at IS 'When the post was published; null while it is a draft.';

COMMENT ON COLUMN api.post.created_at IS 'When the post was begun.';

COMMENT ON COLUMN api.post.updated_at IS 'When the post was last changed.';

CREATE TYPE api.author AS (
	id bigint,
	username app.username,
	posts api.post[]
);

ALTER TYPE api.author OWNER TO penstock_owner;

COMMENT ON TYPE api.author IS 'Somebody who has published, with their latest posts.';

COMMENT ON COLUMN api.author.id IS 'The author''s number.';

COMMENT ON COLUMN api.author.username IS 'The name others know the author by.';

COMMENT ON COLUMN api.author.posts IS 'The author''s latest posts, the newest first.';

CREATE TYPE api.dashboard_change AS (
	revenue numeric,
	orders numeric,
	average_order numeric,
	units numeric,
	new_customers numeric
);

ALTER TYPE api.dashboard_change OWNER TO penstock_owner;

COMMENT ON TYPE api.dashboard_change IS 'How a period compares with the equally long one just before: 0.25 is a quarter more, -0.1 a tenth less; null where there was nothing to compare with.';

COMMENT ON COLUMN api.dashboard_change.revenue IS 'The change in revenue.';

COMMENT ON COLUMN api.dashboard_change.orders IS 'The change in orders.';

COMMENT ON COLUMN api.dashboard_change.average_order IS 'The change in the average order.';

COMMENT ON COLUMN api.dashboard_change.units IS 'The change in units.';

COMMENT ON COLUMN api.dashboard_change.new_customers IS 'The change in new customers.';

CREATE DOMAIN app.country AS text
	CONSTRAINT country_length CHECK (((length(VALUE) >= 1) AND (length(VALUE) <= 60)))
	CONSTRAINT country_not_blank CHECK ((VALUE ~ '[^[:space:]]'::text));

ALTER DOMAIN app.country OWNER TO penstock_owner;

COMMENT ON DOMAIN app.country IS 'The country an order goes to, by its English name.';

COMMENT ON CONSTRAINT country_length ON DOMAIN app.country IS 'A country''s name has 1 to 60 characters.';

COMMENT ON CONSTRAINT country_not_blank ON DOMAIN app.country IS 'A country''s name is not blank.';

CREATE TYPE api.dashboard_country AS (
	country app.country,
	orders bigint,
	revenue numeric
);

ALTER TYPE api.dashboard_country OWNER TO penstock_owner;

COMMENT ON TYPE api.dashboard_country IS 'What a country brought in a period.';

COMMENT ON COLUMN api.dashboard_country.country IS 'The country.';

COMMENT ON COLUMN api.dashboard_country.orders IS 'How many orders went there.';

COMMENT ON COLUMN api.dashboard_country.revenue IS 'The sum of quantity times unit price.';

CREATE TYPE api.dashboard_day AS (
	day date,
	orders bigint,
	revenue numeric
);

ALTER TYPE api.dashboard_day OWNER TO penstock_owner;

COMMENT ON TYPE api.dashboard_day IS 'What a day brought.';

COMMENT ON COLUMN api.dashboard_day.day IS 'The day, in UTC.';

COMMENT ON COLUMN api.dashboard_day.orders IS 'How many orders were placed.';

COMMENT ON COLUMN api.dashboard_day.revenue IS 'The sum of quantity times unit price.';

CREATE DOMAIN app.product_name AS text
	CONSTRAINT product_name_length CHECK (((length(VALUE) >= 1) AND (length(VALUE) <= 200)))
	CONSTRAINT product_name_not_blank CHECK ((VALUE ~ '[^[:space:]]'::text));

ALTER DOMAIN app.product_name OWNER TO penstock_owner;

COMMENT ON DOMAIN app.product_name IS 'What a product is called.';

COMMENT ON CONSTRAINT product_name_length ON DOMAIN app.product_name IS 'A product''s name has 1 to 200 characters.';

COMMENT ON CONSTRAINT product_name_not_blank ON DOMAIN app.product_name IS 'A product''s name is not blank.';

CREATE DOMAIN app.sku AS text
	CONSTRAINT sku_form CHECK ((VALUE ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$'::text))
	CONSTRAINT sku_length CHECK (((length(VALUE) >= 1) AND (length(VALUE) <= 40)));

ALTER DOMAIN app.sku OWNER TO penstock_owner;

COMMENT ON DOMAIN app.sku IS 'A product''s stock-keeping unit: the code by which the trade knows it.';

COMMENT ON CONSTRAINT sku_form ON DOMAIN app.sku IS 'A SKU is made of letters, digits, dots, underscores and hyphens, and begins with a letter or digit.';

COMMENT ON CONSTRAINT sku_length ON DOMAIN app.sku IS 'A SKU has 1 to 40 characters.';

CREATE TYPE api.dashboard_product AS (
	product_id bigint,
	sku app.sku,
	name app.product_name,
	units bigint,
	revenue numeric
);

ALTER TYPE api.dashboard_product OWNER TO penstock_owner;

COMMENT ON TYPE api.dashboard_product IS 'What a product brought in a period.';

COMMENT ON COLUMN api.dashboard_product.product_id IS 'The product.';

COMMENT ON COLUMN api.dashboard_product.sku IS 'The code by which the trade knows it.';

COMMENT ON COLUMN api.dashboard_product.name IS 'What it is called.';

COMMENT ON COLUMN api.dashboard_product.units IS 'How many pieces were ordered.';

COMMENT ON COLUMN api.dashboard_product.revenue IS 'The sum of quantity times unit price.';

CREATE TYPE api.dashboard AS (
	"from" date,
	"to" date,
	revenue numeric,
	orders bigint,
	average_order numeric,
	units bigint,
	new_customers bigint,
	top_products api.dashboard_product[],
	revenue_by_country api.dashboard_country[],
	revenue_by_day api.dashboard_day[],
	change api.dashboard_change
);

ALTER TYPE api.dashboard OWNER TO penstock_owner;

COMMENT ON TYPE api.dashboard IS 'What a period brought the shop. Orders that were cancelled count nowhere.';

COMMENT ON COLUMN api.dashboard."from" IS 'The first day of the period, in UTC.';

COMMENT ON COLUMN api.dashboard."to" IS 'The last day of the period; it counts in full.';

COMMENT ON COLUMN api.dashboard.revenue IS 'The sum of quantity times unit price.';

COMMENT ON COLUMN api.dashboard.orders IS 'How many orders were placed.';

COMMENT ON COLUMN api.dashboard.average_order IS 'Revenue by order, to the penny; null without orders.';

COMMENT ON COLUMN api.dashboard.units IS 'How many pieces were ordered.';

COMMENT ON COLUMN api.dashboard.new_customers IS 'How many users placed the first of their orders in the period.';

COMMENT ON COLUMN api.dashboard.top_products IS 'The ten products with the highest revenue.';

COMMENT ON COLUMN api.dashboard.revenue_by_country IS 'Every country with orders, the highest revenue first.';

COMMENT ON COLUMN api.dashboard.revenue_by_day IS 'Every day of the period, also those without orders.';

COMMENT ON COLUMN api.dashboard.change IS 'Against the equally long period just before.';

CREATE TYPE api.event AS (
	id text,
	event text,
	data jsonb
);

ALTER TYPE api.event OWNER TO penstock_owner;

COMMENT ON TYPE api.event IS 'An event of a stream.';

COMMENT ON COLUMN api.event.id IS 'Its place, from which the stream is taken up again.';

COMMENT ON COLUMN api.event.event IS 'Its topic.';

COMMENT ON COLUMN api.event.data IS 'What there is to say of it.';

CREATE TYPE app.reject_reason AS ENUM (
    'unreadable',
    'invoice_missing',
    'cancellation',
    'invoice_malformed',
    'stock_code_not_goods',
    'stock_code_malformed',
    'quantity_malformed',
    'quantity_not_positive',
    'price_malformed',
    'price_not_positive',
    'customer_missing',
    'customer_malformed',
    'date_malformed',
    'country_malformed',
    'invoice_contradicts',
    'invoice_too_large'
);

ALTER TYPE app.reject_reason OWNER TO penstock_owner;

COMMENT ON TYPE app.reject_reason IS '
Why a line of an import was rejected. A line has one reason, the first of these that holds.
unreadable: it could not be split into its fields.
invoice_missing: it names no invoice.
cancellation: its invoice starts with C.
invoice_malformed: its invoice is longer than 40 characters.
stock_code_not_goods: its stock code does not begin with five digits: postage, fees, discounts.
stock_code_malformed: its stock code begins so, but goes on as no SKU can.
quantity_malformed, quantity_not_positive: its quantity is no whole number up to 1,000,000, or not above zero.
price_malformed, price_not_positive: its price is no amount of pounds and whole pence below 1,000,000, or not above zero.
customer_missing, customer_malformed: its customer id is blank, or no whole number above zero.
date_malformed: its invoice date is no YYYY-MM-DD HH:MM:SS.
country_malformed: its country is blank or longer than 60 characters.
invoice_contradicts: its invoice is already another customer''s or another country''s.
invoice_too_large: its invoice comes to more than an order''s total can hold.
';

CREATE TYPE api.import_reason AS (
	reason app.reject_reason,
	lines integer
);

ALTER TYPE api.import_reason OWNER TO penstock_owner;

COMMENT ON TYPE api.import_reason IS 'How many lines of an import were rejected for a reason.';

COMMENT ON COLUMN api.import_reason.reason IS 'The reason.';

COMMENT ON COLUMN api.import_reason.lines IS 'How many lines.';

CREATE TYPE api.import_reject AS (
	line bigint,
	reason app.reject_reason,
	problem text,
	raw text
);

ALTER TYPE api.import_reject OWNER TO penstock_owner;

COMMENT ON TYPE api.import_reject IS 'A line that an import rejected.';

COMMENT ON COLUMN api.import_reject.line IS 'The line''s number in the file.';

COMMENT ON COLUMN api.import_reject.reason IS 'Why the line was rejected.';

COMMENT ON COLUMN api.import_reject.problem IS 'Why the line could not be split into fields, if that is the reason.';

COMMENT ON COLUMN api.import_reject.raw IS 'The line as it stood in the file.';

CREATE TYPE api.job AS (
	id uuid,
	request text,
	state text,
	lines bigint,
	done bigint,
	begun_at timestamp with time zone,
	ended_at timestamp with time zone,
	status integer,
	result json
);

ALTER TYPE api.job OWNER TO penstock_owner;

COMMENT ON TYPE api.job IS 'A call that was answered before it was done.';

COMMENT ON COLUMN api.job.id IS 'The job''s id.';

COMMENT ON COLUMN api.job.request IS 'What was called, as in "POST /products/bulk".';

COMMENT ON COLUMN api.job.state IS 'running, done (all was kept that the result speaks of) or failed (nothing was kept).';

COMMENT ON COLUMN api.job.lines IS 'How many lines were sent.';

COMMENT ON COLUMN api.job.done IS 'How many of them it is through with. Nothing is kept before the job is done, so a failed one says how far it came.';

COMMENT ON COLUMN api.job.begun_at IS 'When all lines had arrived.';

COMMENT ON COLUMN api.job.ended_at IS 'When it was done, or had failed; null while it runs, and where its server was lost.';

COMMENT ON COLUMN api.job.status IS 'The status that the answer would have had; null while it runs.';

COMMENT ON COLUMN api.job.result IS 'The body that the answer would have had: the report, or a problem. Null while it runs, and where there is none.';

CREATE DOMAIN app.money AS numeric(12,2)
	CONSTRAINT money_in_range CHECK ((VALUE <= 9999999999.99))
	CONSTRAINT money_not_negative CHECK ((VALUE >= (0)::numeric));

ALTER DOMAIN app.money OWNER TO penstock_owner;

COMMENT ON DOMAIN app.money IS 'An amount of money in the shop''s currency.';

COMMENT ON CONSTRAINT money_in_range ON DOMAIN app.money IS 'An amount of money is at most 9,999,999,999.99.';

COMMENT ON CONSTRAINT money_not_negative ON DOMAIN app.money IS 'An amount of money is not negative.';

CREATE DOMAIN app.quantity AS integer
	CONSTRAINT quantity_in_range CHECK ((VALUE <= 1000000))
	CONSTRAINT quantity_positive CHECK ((VALUE >= 1));

ALTER DOMAIN app.quantity OWNER TO penstock_owner;

COMMENT ON DOMAIN app.quantity IS 'How many pieces of a product.';

COMMENT ON CONSTRAINT quantity_in_range ON DOMAIN app.quantity IS 'A quantity is at most 1,000,000.';

COMMENT ON CONSTRAINT quantity_positive ON DOMAIN app.quantity IS 'A quantity is at least 1.';

CREATE TYPE api.order_line AS (
	line_no integer,
	product_id bigint,
	sku app.sku,
	name app.product_name,
	quantity app.quantity,
	unit_price app.money,
	amount numeric
);

ALTER TYPE api.order_line OWNER TO penstock_owner;

COMMENT ON TYPE api.order_line IS 'A line of an order.';

COMMENT ON COLUMN api.order_line.line_no IS 'The line''s place in the order, from 1.';

COMMENT ON COLUMN api.order_line.product_id IS 'The product.';

COMMENT ON COLUMN api.order_line.sku IS 'The code by which the trade knows the product.';

COMMENT ON COLUMN api.order_line.name IS 'What the product is called today.';

COMMENT ON COLUMN api.order_line.quantity IS 'How many pieces.';

COMMENT ON COLUMN api.order_line.unit_price IS 'What a piece cost when it was ordered.';

COMMENT ON COLUMN api.order_line.amount IS 'Quantity times unit price.';

CREATE TYPE app.order_status AS ENUM (
    'placed',
    'paid',
    'shipped',
    'delivered',
    'cancelled'
);

ALTER TYPE app.order_status OWNER TO penstock_owner;

COMMENT ON TYPE app.order_status IS 'Where an order stands, on its way from placed to delivered, or cancelled.';

CREATE TYPE api."order" AS (
	id bigint,
	user_id bigint,
	status app.order_status,
	country app.country,
	total app.money,
	placed_at timestamp with time zone,
	updated_at timestamp with time zone,
	lines api.order_line[]
);

ALTER TYPE api."order" OWNER TO penstock_owner;

COMMENT ON TYPE api."order" IS 'An order with its lines.';

COMMENT ON COLUMN api."order".id IS 'The order''s number.';

COMMENT ON COLUMN api."order".user_id IS 'Who ordered.';

COMMENT ON COLUMN api."order".status IS 'Where the order stands.';

COMMENT ON COLUMN api."order".country IS 'The country the order goes to.';

COMMENT ON COLUMN api."order".total IS 'The sum of the lines'' amounts.';

COMMENT ON COLUMN api."order".placed_at IS 'When the order was placed.';

COMMENT ON COLUMN api."order".updated_at IS 'When the order was last changed.';

COMMENT ON COLUMN api."order".lines IS 'What the order consists of.';

CREATE TYPE api.order_line_input AS (
	product_id bigint,
	quantity app.quantity
);

ALTER TYPE api.order_line_input OWNER TO penstock_owner;

COMMENT ON TYPE api.order_line_input IS 'A line of a cart.';

COMMENT ON COLUMN api.order_line_input.product_id IS 'The product.';

COMMENT ON COLUMN api.order_line_input.quantity IS 'How many pieces.';

CREATE TYPE api.order_row AS (
	order_no text,
	product_id bigint,
	quantity app.quantity,
	country app.country
);

ALTER TYPE api.order_row OWNER TO penstock_owner;

COMMENT ON TYPE api.order_row IS 'A line of an order in a sheet of orders.';

COMMENT ON COLUMN api.order_row.order_no IS 'What the sheet calls the order: lines with the same belong together.';

COMMENT ON COLUMN api.order_row.product_id IS 'The product.';

COMMENT ON COLUMN api.order_row.quantity IS 'How many pieces.';

COMMENT ON COLUMN api.order_row.country IS 'The country the order goes to, the same in all of its lines.';

CREATE DOMAIN api.page_size AS integer
	CONSTRAINT page_size_in_range CHECK (((VALUE >= 1) AND (VALUE <= 100)));

ALTER DOMAIN api.page_size OWNER TO penstock_owner;

COMMENT ON DOMAIN api.page_size IS 'How many entries of a list to return at once.';

COMMENT ON CONSTRAINT page_size_in_range ON DOMAIN api.page_size IS 'A page holds between 1 and 100 entries.';

CREATE DOMAIN api.password AS text
	CONSTRAINT password_is_hashed CHECK ((VALUE ~ '^\$(argon2id\$v=|2[aby]\$)'::text));

ALTER DOMAIN api.password OWNER TO penstock_owner;

COMMENT ON DOMAIN api.password IS 'A password. Clients send it as it is; functions and tables see its Argon2id (or bcrypt) hash.';

COMMENT ON CONSTRAINT password_is_hashed ON DOMAIN api.password IS 'A password is kept as an Argon2id or bcrypt hash.';

CREATE DOMAIN app.description AS text
	CONSTRAINT description_length CHECK ((length(VALUE) <= 10000));

ALTER DOMAIN app.description OWNER TO penstock_owner;

COMMENT ON DOMAIN app.description IS 'What there is to say about a product.';

COMMENT ON CONSTRAINT description_length ON DOMAIN app.description IS 'A description has at most 10,000 characters.';

CREATE DOMAIN app.stock AS integer
	CONSTRAINT stock_in_range CHECK ((VALUE <= 1000000000))
	CONSTRAINT stock_not_negative CHECK ((VALUE >= 0));

ALTER DOMAIN app.stock OWNER TO penstock_owner;

COMMENT ON DOMAIN app.stock IS 'How many pieces of a product are there to sell.';

COMMENT ON CONSTRAINT stock_in_range ON DOMAIN app.stock IS 'A stock is at most 1,000,000,000.';

COMMENT ON CONSTRAINT stock_not_negative ON DOMAIN app.stock IS 'A stock is not negative.';

CREATE TYPE api.product AS (
	id bigint,
	sku app.sku,
	name app.product_name,
	description app.description,
	price app.money,
	stock app.stock,
	is_active boolean,
	version integer,
	created_at timestamp with time zone,
	updated_at timestamp with time zone
);

ALTER TYPE api.product OWNER TO penstock_owner;

COMMENT ON TYPE api.product IS 'A product of the shop.';

COMMENT ON COLUMN api.product.id IS 'The product''s number.';

COMMENT ON COLUMN api.product.sku IS 'The code by which the trade knows the product.';

COMMENT ON COLUMN api.product.name IS 'What the product is called.';

COMMENT ON COLUMN api.product.description IS 'What there is to say about the product.';

COMMENT ON COLUMN api.product.price IS 'What one piece costs today.';

COMMENT ON COLUMN api.product.stock IS 'How many pieces are there to sell.';

COMMENT ON COLUMN api.product.is_active IS 'Whether the product is for sale.';

COMMENT ON COLUMN api.product.version IS 'Counts the changes, stock taken by orders among them; send it back when you update.';

COMMENT ON COLUMN api.product.created_at IS 'When the product was entered.';

COMMENT ON COLUMN api.product.updated_at IS 'When the product was last changed.';

CREATE TYPE api.product_change_row AS (
	product_id bigint,
	version integer,
	sku app.sku,
	name app.product_name,
	description app.description,
	price app.money,
	stock app.stock,
	is_active boolean
);

ALTER TYPE api.product_change_row OWNER TO penstock_owner;

COMMENT ON TYPE api.product_change_row IS 'A change of a product. What is left out stays as it is.';

COMMENT ON COLUMN api.product_change_row.product_id IS 'The product.';

COMMENT ON COLUMN api.product_change_row.version IS 'The version that was read; if it is left out, any will do.';

COMMENT ON COLUMN api.product_change_row.sku IS 'Its new SKU.';

COMMENT ON COLUMN api.product_change_row.name IS 'Its new name.';

COMMENT ON COLUMN api.product_change_row.description IS 'What there is to say about it now.';

COMMENT ON COLUMN api.product_change_row.price IS 'What one piece costs now.';

COMMENT ON COLUMN api.product_change_row.stock IS 'How many pieces are there now.';

COMMENT ON COLUMN api.product_change_row.is_active IS 'Whether it is for sale now.';

CREATE TYPE api.product_id_row AS (
	product_id bigint
);

ALTER TYPE api.product_id_row OWNER TO penstock_owner;

COMMENT ON TYPE api.product_id_row IS 'A product to delete.';

COMMENT ON COLUMN api.product_id_row.product_id IS 'The product.';

CREATE TYPE api.product_row AS (
	sku app.sku,
	name app.product_name,
	price app.money,
	description app.description,
	stock app.stock,
	is_active boolean
);

ALTER TYPE api.product_row OWNER TO penstock_owner;

COMMENT ON TYPE api.product_row IS 'A product, as a list of products has it.';

COMMENT ON COLUMN api.product_row.sku IS 'The code by which the trade knows the product.';

COMMENT ON COLUMN api.product_row.name IS 'What the product is called.';

COMMENT ON COLUMN api.product_row.price IS 'What one piece costs.';

COMMENT ON COLUMN api.product_row.description IS 'What there is to say about it; nothing, if it is left out.';

COMMENT ON COLUMN api.product_row.stock IS 'How many pieces are there to sell; none, if it is left out.';

COMMENT ON COLUMN api.product_row.is_active IS 'Whether it is for sale; it is, if that is left out.';

CREATE TYPE api.product_sort AS ENUM (
    'name',
    'price',
    'newest'
);

ALTER TYPE api.product_sort OWNER TO penstock_owner;

COMMENT ON TYPE api.product_sort IS 'The orders a list of products can come in: by name, the cheapest first, or the newest first.';

CREATE TYPE api.retail_line AS (
	invoice_no text,
	stock_code text,
	description text,
	quantity text,
	invoice_date text,
	unit_price text,
	customer_id text,
	country text
);

ALTER TYPE api.retail_line OWNER TO penstock_owner;

COMMENT ON TYPE api.retail_line IS 'A line of the retail file, as it stands there. All are texts: what is wrong with a line is for the import to say.';

COMMENT ON COLUMN api.retail_line.invoice_no IS 'The invoice''s number; a C in front marks a cancellation.';

COMMENT ON COLUMN api.retail_line.stock_code IS 'The product''s code, which begins with five digits; others are charges.';

COMMENT ON COLUMN api.retail_line.description IS 'What the product is called.';

COMMENT ON COLUMN api.retail_line.quantity IS 'How many pieces.';

COMMENT ON COLUMN api.retail_line.invoice_date IS 'When the invoice was written, in UTC: YYYY-MM-DD HH:MM:SS.';

COMMENT ON COLUMN api.retail_line.unit_price IS 'What a piece cost.';

COMMENT ON COLUMN api.retail_line.customer_id IS 'The customer''s number, also as 17850.0.';

COMMENT ON COLUMN api.retail_line.country IS 'The country the invoice went to.';

CREATE TYPE api.retail_report AS (
	import_id bigint,
	made_by bigint,
	made_at timestamp with time zone,
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

ALTER TYPE api.retail_report OWNER TO penstock_owner;

COMMENT ON TYPE api.retail_report IS 'What an import of a retail file did.';

COMMENT ON COLUMN api.retail_report.import_id IS 'The import''s number.';

COMMENT ON COLUMN api.retail_report.made_by IS 'Who made the import.';

COMMENT ON COLUMN api.retail_report.made_at IS 'When the import was made.';

COMMENT ON COLUMN api.retail_report.lines IS 'How many lines the file had; each is loaded, unchanged or rejected.';

COMMENT ON COLUMN api.retail_report.loaded IS 'How many lines were new, and became order lines.';

COMMENT ON COLUMN api.retail_report.unchanged IS 'How many lines were there already, from an earlier import.';

COMMENT ON COLUMN api.retail_report.rejected IS 'How many lines were rejected.';

COMMENT ON COLUMN api.retail_report.revenue IS 'The sum of quantity times price over the loaded lines.';

COMMENT ON COLUMN api.retail_report.new_customers IS 'How many customers became users, who can''t log in.';

COMMENT ON COLUMN api.retail_report.new_products IS 'How many stock codes became products, which are not for sale.';

COMMENT ON COLUMN api.retail_report.new_orders IS 'How many invoices became orders.';

COMMENT ON COLUMN api.retail_report.reasons IS 'The rejected lines by reason, in the order in which the reasons are tried.';

CREATE TYPE api.session AS (
	id uuid,
	agent text,
	created_at timestamp with time zone,
	refreshed_at timestamp with time zone,
	expires_at timestamp with time zone,
	is_current boolean
);

ALTER TYPE api.session OWNER TO penstock_owner;

COMMENT ON TYPE api.session IS 'A session of the caller.';

COMMENT ON COLUMN api.session.id IS 'The session''s number.';

COMMENT ON COLUMN api.session.agent IS 'With what the caller logged in, as it called itself.';

COMMENT ON COLUMN api.session.created_at IS 'When the caller logged in.';

COMMENT ON COLUMN api.session.refreshed_at IS 'When its last token was handed out.';

COMMENT ON COLUMN api.session.expires_at IS 'When it ends, unless it is refreshed before.';

COMMENT ON COLUMN api.session.is_current IS 'Whether it is the one of this request.';

CREATE DOMAIN app.email AS text
	CONSTRAINT email_form CHECK ((VALUE ~ '^[A-Za-z0-9.!#$%&''*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$'::text))
	CONSTRAINT email_length CHECK ((length(VALUE) <= 254));

ALTER DOMAIN app.email OWNER TO penstock_owner;

COMMENT ON DOMAIN app.email IS 'An e-mail address.';

COMMENT ON CONSTRAINT email_form ON DOMAIN app.email IS 'This is not an e-mail address: write it as name@example.org.';

COMMENT ON CONSTRAINT email_length ON DOMAIN app.email IS 'An e-mail address has at most 254 characters.';

CREATE DOMAIN app.full_name AS text
	CONSTRAINT full_name_length CHECK (((length(VALUE) >= 1) AND (length(VALUE) <= 200)))
	CONSTRAINT full_name_not_blank CHECK ((VALUE ~ '[^[:space:]]'::text));

ALTER DOMAIN app.full_name OWNER TO penstock_owner;

COMMENT ON DOMAIN app.full_name IS 'A person''s full name.';

COMMENT ON CONSTRAINT full_name_length ON DOMAIN app.full_name IS 'A full name has 1 to 200 characters.';

COMMENT ON CONSTRAINT full_name_not_blank ON DOMAIN app.full_name IS 'A full name is not blank.';

CREATE TYPE api."user" AS (
	id bigint,
	email app.email,
	username app.username,
	full_name app.full_name,
	role app.user_role,
	is_active boolean,
	created_at timestamp with time zone,
	updated_at timestamp with time zone
);

ALTER TYPE api."user" OWNER TO penstock_owner;

COMMENT ON TYPE api."user" IS 'A user, as shown to themselves and to staff.';

COMMENT ON COLUMN api."user".id IS 'The user''s number.';

COMMENT ON COLUMN api."user".email IS 'The address the user logs in with.';

COMMENT ON COLUMN api."user".username IS 'The name others know the user by.';

COMMENT ON COLUMN api."user".full_name IS 'The user''s full name, if they gave it.';

COMMENT ON COLUMN api."user".role IS 'What the user may do.';

COMMENT ON COLUMN api."user".is_active IS 'Whether the user may log in and buy.';

COMMENT ON COLUMN api."user".created_at IS 'When the user registered.';

COMMENT ON COLUMN api."user".updated_at IS 'When the user was last changed.';

CREATE TYPE api.user_change_row AS (
	user_id bigint,
	email app.email,
	username app.username,
	full_name app.full_name,
	role app.user_role,
	is_active boolean
);

ALTER TYPE api.user_change_row OWNER TO penstock_owner;

COMMENT ON TYPE api.user_change_row IS 'A change of a user. What is left out stays as it is.';

COMMENT ON COLUMN api.user_change_row.user_id IS 'The user.';

COMMENT ON COLUMN api.user_change_row.email IS 'Their new address.';

COMMENT ON COLUMN api.user_change_row.username IS 'Their new name.';

COMMENT ON COLUMN api.user_change_row.full_name IS 'Their new full name.';

COMMENT ON COLUMN api.user_change_row.role IS 'What they may do from now on.';

COMMENT ON COLUMN api.user_change_row.is_active IS 'Whether they may log in and buy from now on.';

CREATE TYPE api.user_id_row AS (
	user_id bigint
);

ALTER TYPE api.user_id_row OWNER TO penstock_owner;

COMMENT ON TYPE api.user_id_row IS 'A user to delete.';

COMMENT ON COLUMN api.user_id_row.user_id IS 'The user.';

CREATE TYPE api.user_row AS (
	email app.email,
	username app.username,
	full_name app.full_name
);

ALTER TYPE api.user_row OWNER TO penstock_owner;

COMMENT ON TYPE api.user_row IS 'A user to enter, without a password.';

COMMENT ON COLUMN api.user_row.email IS 'The address the user will log in with.';

COMMENT ON COLUMN api.user_row.username IS 'The name others will know the user by.';

COMMENT ON COLUMN api.user_row.full_name IS 'The user''s full name.';

CREATE TYPE app.cart_line AS (
	line_no integer,
	product_id bigint,
	quantity app.quantity,
	unit_price app.money
);

ALTER TYPE app.cart_line OWNER TO penstock_owner;

COMMENT ON TYPE app.cart_line IS 'A line of a cart on its way to become an order''s line.';

COMMENT ON COLUMN app.cart_line.line_no IS 'The line''s place in the order, from 1.';

COMMENT ON COLUMN app.cart_line.product_id IS 'The product.';

COMMENT ON COLUMN app.cart_line.quantity IS 'How many pieces, over all the cart''s lines with this product.';

COMMENT ON COLUMN app.cart_line.unit_price IS 'What a piece costs, once the stock is taken.';

CREATE DOMAIN app.search_text AS text
	CONSTRAINT search_text_length CHECK ((length(VALUE) <= 200));

ALTER DOMAIN app.search_text OWNER TO penstock_owner;

COMMENT ON DOMAIN app.search_text IS 'Words to search for, as in a search engine: "in quotes", or, -not.';

COMMENT ON CONSTRAINT search_text_length ON DOMAIN app.search_text IS 'A search has at most 200 characters.';

CREATE DOMAIN penstock.event_place AS text
	CONSTRAINT event_place_is_one CHECK ((VALUE ~ '^[0-9]{1,18}-[0-9]{1,18}$'::text));

ALTER DOMAIN penstock.event_place OWNER TO penstock_owner;

COMMENT ON DOMAIN penstock.event_place IS 'A place in the log of events: its transaction and its number. What comes after it is what was not seen yet.';

COMMENT ON CONSTRAINT event_place_is_one ON DOMAIN penstock.event_place IS 'A place is the id of an event of this stream, as it was sent.';

CREATE FUNCTION api.api_key_issue(name text, role app.user_role DEFAULT 'member'::app.user_role, quota integer DEFAULT NULL::integer, expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS api.api_key_issued
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    -- 244 random bits: nothing that is guessed, so a plain SHA-256 keeps it safe.
    v_key constant text := 'psk_' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
    v_issued api.api_key_issued;
begin
    if request.claims() ? 'key' then
        raise exception using
            errcode = 'PT403',
            constraint = 'api_keys_of_keys',
            message = 'A key can''t issue keys: log in.';
    end if;

    if api_key_issue.role > (select u.role from app.users as u where u.id = request.user_id()) then
        raise exception using
            errcode = 'PT403',
            constraint = 'api_keys_role',
            message = 'A key may do no more than its user.';
    end if;

    insert into auth.api_keys as k (user_id, name, role, key_hash, quota, expires_at)
    values (
        request.user_id(), api_key_issue.name, api_key_issue.role,
        sha256(convert_to(v_key, 'UTF8')), api_key_issue.quota, api_key_issue.expires_at
    )
    returning k.id, v_key, k.name, k.role, k.quota, k.created_at, k.expires_at
    into v_issued;

    return v_issued;
end
$$;

ALTER FUNCTION api.api_key_issue(name text, role app.user_role, quota integer, expires_at timestamp with time zone) OWNER TO gatekeeper;

COMMENT ON FUNCTION api.api_key_issue(name text, role app.user_role, quota integer, expires_at timestamp with time zone) IS '
Issue a key by which a service calls for the caller, as no more than they are.
The answer has the key itself, this once: it is kept nowhere.

HTTP POST /me/keys
@status 201
@tag users
';

CREATE FUNCTION api.api_key_list() RETURNS SETOF api.api_key
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    return query
    select k.id, k.name, k.role, k.quota, k.created_at, k.expires_at
    from auth.api_keys as k
    where k.user_id = (select request.user_id())
        and k.revoked_at is null
        and (k.expires_at > now()) is not false
    order by k.created_at desc, k.id
    limit 100;
end
$$;

ALTER FUNCTION api.api_key_list() OWNER TO gatekeeper;

COMMENT ON FUNCTION api.api_key_list() IS '
The caller''s keys that are good, the last hundred, the latest first.

HTTP GET /me/keys
@tag users
';

CREATE FUNCTION api.api_key_revoke(key_id uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    update auth.api_keys as k
    set revoked_at = now()
    where k.id = api_key_revoke.key_id
        and k.user_id = (select request.user_id())
        and k.revoked_at is null;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('You have no key %s.', api_key_revoke.key_id);
    end if;
end
$$;

ALTER FUNCTION api.api_key_revoke(key_id uuid) OWNER TO gatekeeper;

COMMENT ON FUNCTION api.api_key_revoke(key_id uuid) IS '
Revoke one of the caller''s keys: from now on nobody calls with it.

HTTP DELETE /me/keys/{key_id}
@tag users
';

CREATE FUNCTION api.audit_list("limit" api.page_size DEFAULT 20, cursor jsonb DEFAULT NULL::jsonb, "table" text DEFAULT NULL::text, key jsonb DEFAULT NULL::jsonb, subject text DEFAULT NULL::text, since timestamp with time zone DEFAULT NULL::timestamp with time zone, until timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS SETOF api.audit_change
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
begin
    if audit_list.key is not null and audit_list."table" is null then
        raise exception using
            errcode = 'PT422',
            constraint = 'audit_key_of_table',
            message = 'A key is that of a table: name the table as well.';
    end if;

    if audit_list.key is not null then
        return query
        select
            c.at, c.id, c.xid::text, c.login, c.role, c.subject, c.session, c.method, c.path,
            c.table_name, c.operation, c.key, c.before, c.after
        from audit.changes as c
        where c.table_name = audit_list."table"
            and c.key = audit_list.key
            and (audit_list.subject is null or c.subject = audit_list.subject)
            and (audit_list.since is null or c.at >= audit_list.since)
            and (audit_list.until is null or c.at < audit_list.until)
            and (
                audit_list.cursor is null
                or (c.at, c.id) < ((audit_list.cursor ->> 'at')::timestamptz, (audit_list.cursor ->> 'id')::bigint)
            )
        order by c.key desc, c.at desc, c.id desc  -- jsonb has to lead: see the conventions
        limit audit_list."limit";
    else
        return query
        select
            c.at, c.id, c.xid::text, c.login, c.role, c.subject, c.session, c.method, c.path,
            c.table_name, c.operation, c.key, c.before, c.after
        from audit.changes as c
        where (audit_list."table" is null or c.table_name = audit_list."table")
            and (audit_list.subject is null or c.subject = audit_list.subject)
            and (audit_list.since is null or c.at >= audit_list.since)
            and (audit_list.until is null or c.at < audit_list.until)
            and (
                audit_list.cursor is null
                or (c.at, c.id) < ((audit_list.cursor ->> 'at')::timestamptz, (audit_list.cursor ->> 'id')::bigint)
            )
        order by c.at desc, c.id desc
        limit audit_list."limit";
    end if;
end
$$;

ALTER FUNCTION api.audit_list("limit" api.page_size, cursor jsonb, "table" text, key jsonb, subject text, since timestamp with time zone, until timestamp with time zone) OWNER TO penstock_auditor;

COMMENT ON FUNCTION api.audit_list("limit" api.page_size, cursor jsonb, "table" text, key jsonb, subject text, since timestamp with time zone, until timestamp with time zone) IS '
Who changed what, the latest change first: by this API or by SQL, in any table of the domain and of logins.
Narrowed by table (app.products), and with it the row''s key ({"id": 7}), by the user who called, and by time.
Of passwords it shows only that they changed. A change that was rolled back is no change.

HTTP GET /audit
@page at, id
@tag audit
@error 422 A key is given without its table.
';

CREATE FUNCTION api.dashboard_get("from" date DEFAULT NULL::date, "to" date DEFAULT NULL::date) RETURNS api.dashboard
    LANGUAGE plpgsql STABLE
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
declare
    v_period record;
    v_before date;
    v_orders app.sales_countries[];
    v_products app.sales_products[];
    v_dashboard api.dashboard;
begin
    v_period := app.dashboard_period(dashboard_get."from", dashboard_get."to");
    v_before := v_period.first_day - (v_period.last_day - v_period.first_day + 1);
    -- What the roll-ups lack, by order and by product.
    with lines as materialized (
        select p.*
        from app.sales_pending as p
        where p.day between v_before and v_period.last_day
    )
    select
        array(
            select (
                l.day,
                l.country,
                case when sum(l.lines) > 0 then l.side else 0 end,
                l.side * sum(l.units),
                l.side * sum(l.revenue)
            )::app.sales_countries
            from lines as l
            group by l.order_id, l.side, l.day, l.country
        ),
        array(
            select (
                l.product_id, v_period.last_day, sum(l.side * l.units), sum(l.side * l.revenue)
            )::app.sales_products
            from lines as l
            where l.day >= v_period.first_day
            group by l.product_id
        )
    into v_orders, v_products;

    with days as materialized (
        select s.day, sum(s.orders) as orders, sum(s.units) as units, sum(s.revenue) as revenue
        from (
            select s.day, s.orders, s.units, s.revenue
            from app.sales_days as s
            where s.day between v_before and v_period.last_day
            union all
            select p.day, p.orders, p.units, p.revenue
            from unnest(v_orders) as p
        ) as s
        group by s.day
        having sum(s.orders) > 0
    ),
    countries as (
        select s.country, sum(s.orders) as orders, sum(s.revenue) as revenue
        from (
            select s.country, s.orders, s.revenue
            from app.sales_countries as s
            where s.day between v_period.first_day and v_period.last_day
            union all
            select p.country, p.orders, p.revenue
            from unnest(v_orders) as p
            where p.day >= v_period.first_day
        ) as s
        group by s.country
        having sum(s.orders) > 0
    ),
    starts as materialized (
        select p.user_id, p.ordered_on, p.bought_on from app.sales_customers_pending as p
    ),
    -- A customer is new where no order of theirs is older than the period.
    newcomers as (
        select
            count(*) filter (where c.ordered_on >= v_period.first_day) as now,
            count(*) filter (where c.bought_on < v_period.first_day) as before
        from (
            select s.ordered_on, s.bought_on
            from app.sales_customers as s
            where s.bought_on between v_before and v_period.last_day
                and not exists (select from starts as p where p.user_id = s.user_id)
            union all
            select s.ordered_on, s.bought_on
            from starts as s
            where s.bought_on between v_before and v_period.last_day
        ) as c
        where c.ordered_on >= v_before
    ),
    totals as (
        select
            halves.is_now,
            coalesce(sum(d.revenue), 0) as revenue,
            coalesce(sum(d.orders), 0) as orders,
            round(sum(d.revenue) / sum(d.orders), 2) as average_order,
            coalesce(sum(d.units), 0) as units,
            case when halves.is_now then n.now else n.before end as new_customers
        from (values (true), (false)) as halves (is_now)
        cross join newcomers as n
        left join days as d on (d.day >= v_period.first_day) = halves.is_now
        group by halves.is_now, n.now, n.before
    )
    select
        v_period.first_day,
        v_period.last_day,
        t.revenue,
        t.orders,
        t.average_order,
        t.units,
        t.new_customers,
        app.sales_top(v_period.first_day, v_period.last_day, v_products),
        array(
            select (c.country, c.orders, c.revenue)::api.dashboard_country
            from countries as c
            order by c.revenue desc, c.country
        ),
        array(
            select (c.day, coalesce(d.orders, 0), coalesce(d.revenue, 0))::api.dashboard_day
            from (
                select v_period.first_day + n as day
                from generate_series(0, v_period.last_day - v_period.first_day) as n
            ) as c
            left join days as d on d.day = c.day
            order by c.day
        ),
        (
            app.change_ratio(b.revenue, t.revenue),
            app.change_ratio(b.orders, t.orders),
            app.change_ratio(b.average_order, t.average_order),
            app.change_ratio(b.units, t.units),
            app.change_ratio(b.new_customers, t.new_customers)
        )::api.dashboard_change
    into v_dashboard
    from totals as t
    join totals as b on not b.is_now
    where t.is_now;

    return v_dashboard;
end
$$;

ALTER FUNCTION api.dashboard_get("from" date, "to" date) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.dashboard_get("from" date, "to" date) IS '
What a period brought the shop, and how that compares with the period before.

Both days count in full, in UTC. Without "to" the period ends today, without "from" it is 30 days long;
it holds at most 731 days. Orders that were cancelled count nowhere. A new customer is a user whose
first order falls in the period.

HTTP GET /analytics/dashboard
@cache 1min tags=orders,order_lines,products vary=role
@tag analytics
@timeout 10s
@error 422 The period begins after it ends, or is too long.
';

CREATE FUNCTION api.event_list(after penstock.event_place DEFAULT NULL::text, "limit" api.page_size DEFAULT 100) RETURNS SETOF api.event
    LANGUAGE sql STABLE ROWS 100
    AS $$
    select e.id, e.event, e.data
    from penstock.events_after(event_list.after, event_list."limit") as e
$$;

ALTER FUNCTION api.event_list(after penstock.event_place, "limit" api.page_size) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.event_list(after penstock.event_place, "limit" api.page_size) IS '
What happens that concerns you, as it happens: your orders as they are placed, paid, shipped.
A stream that begins now, or goes on after Last-Event-ID (or `after`). What happened in the last
seven days is there.

HTTP GET /events
@events tags=events_of:{sub},events_for:{role}
@tag events
@error 410 The place to go on from is not one of this database''s.
';

CREATE FUNCTION api.import_get(import_id bigint) RETURNS SETOF api.retail_report
    LANGUAGE sql STABLE ROWS 1
    AS $$
    select
        i.id, i.made_by, i.made_at, i.lines, i.loaded, i.unchanged, i.rejected, i.revenue,
        i.new_customers, i.new_products, i.new_orders,
        array(
            select (r.reason, count(*))::api.import_reason
            from app.import_rejects as r
            where r.import_id = i.id
            group by r.reason
            order by r.reason
        )
    from app.imports as i
    where i.id = import_get.import_id
$$;

ALTER FUNCTION api.import_get(import_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.import_get(import_id bigint) IS '
What an import did.

HTTP GET /imports/{import_id}
@single
@tag imports
';

CREATE FUNCTION api.import_list("limit" api.page_size DEFAULT 20, cursor jsonb DEFAULT NULL::jsonb) RETURNS SETOF api.retail_report
    LANGUAGE sql STABLE
    AS $$
    select r.*
    from (
        select i.id
        from app.imports as i
        where i.id < (select coalesce((import_list.cursor ->> 'import_id')::bigint, 9223372036854775807))
        order by i.id desc
        limit import_list."limit"
    ) as i
    cross join lateral api.import_get(i.id) as r
    order by i.id desc
$$;

ALTER FUNCTION api.import_list("limit" api.page_size, cursor jsonb) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.import_list("limit" api.page_size, cursor jsonb) IS '
The imports and what they did, the latest first.

HTTP GET /imports
@page import_id
@tag imports
';

CREATE FUNCTION api.import_reject_list(import_id bigint, reason app.reject_reason DEFAULT NULL::app.reject_reason, "limit" api.page_size DEFAULT 20, cursor jsonb DEFAULT NULL::jsonb) RETURNS SETOF api.import_reject
    LANGUAGE plpgsql STABLE
    AS $$
begin
    if not exists (select from app.imports as i where i.id = import_reject_list.import_id) then
        raise no_data_found using message = format('There is no import %s.', import_reject_list.import_id);
    end if;

    return query
    select r.line, r.reason, r.problem, r.raw
    from app.import_rejects as r
    where r.import_id = import_reject_list.import_id
        and (import_reject_list.reason is null or r.reason = import_reject_list.reason)
        and r.line > coalesce((import_reject_list.cursor ->> 'line')::bigint, 0)
    order by r.line
    limit import_reject_list."limit";
end
$$;

ALTER FUNCTION api.import_reject_list(import_id bigint, reason app.reject_reason, "limit" api.page_size, cursor jsonb) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.import_reject_list(import_id bigint, reason app.reject_reason, "limit" api.page_size, cursor jsonb) IS '
The lines that an import rejected, each with its reason, in the order of the file.

HTTP GET /imports/{import_id}/rejects
@page line
@tag imports
@error 404 There is no such import.
';

CREATE FUNCTION api.job_get(job_id uuid) RETURNS SETOF api.job
    LANGUAGE plpgsql STABLE ROWS 1
    AS $$
begin
    -- Not to be inlined: it must see what was committed after the statement began.
    return query
    select c.id, c.request, c.state, c.lines, c.done, c.begun_at, c.ended_at, c.status, c.body
    from penstock.long_call_find(job_get.job_id) as c;
end
$$;

ALTER FUNCTION api.job_get(job_id uuid) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.job_get(job_id uuid) IS '
What became of a call that was answered with 202.
Yours alone, in the role in which you made it; admins see all. It is there for seven days.

HTTP GET /jobs/{job_id}
@single
@tag jobs
';

CREATE FUNCTION api.me_get() RETURNS SETOF api."user"
    LANGUAGE sql STABLE ROWS 1
    AS $$
    select u.id, u.email, u.username, u.full_name, u.role, u.is_active, u.created_at, u.updated_at
    from app.users as u
    where u.id = (select request.user_id())
$$;

ALTER FUNCTION api.me_get() OWNER TO penstock_owner;

COMMENT ON FUNCTION api.me_get() IS '
The user who is calling.

HTTP GET /me
@single
@tag users
';

CREATE FUNCTION api.order_cancel(order_id bigint) RETURNS api."order"
    LANGUAGE plpgsql
    AS $$
begin
    update app.orders as o
    set status = 'cancelled'
    where o.id = order_cancel.order_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no order %s.', order_cancel.order_id);
    end if;

    return (select o from api.order_get(order_cancel.order_id) as o);
end
$$;

ALTER FUNCTION api.order_cancel(order_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.order_cancel(order_id bigint) IS '
Cancel an order that is placed or paid, and give its stock back.
Members cancel their own; staff and admins any.

HTTP POST /orders/{order_id}/cancel
@tag orders
@error 409 The order stands where this can''t follow.
';

CREATE FUNCTION api.order_deliver(order_id bigint) RETURNS api."order"
    LANGUAGE plpgsql
    AS $$
begin
    update app.orders as o
    set status = 'delivered'
    where o.id = order_deliver.order_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no order %s.', order_deliver.order_id);
    end if;

    return (select o from api.order_get(order_deliver.order_id) as o);
end
$$;

ALTER FUNCTION api.order_deliver(order_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.order_deliver(order_id bigint) IS '
Note that an order that was shipped has arrived.

HTTP POST /orders/{order_id}/deliver
@tag orders
@error 409 The order stands where this can''t follow.
';

CREATE FUNCTION api.order_event_list(after penstock.event_place DEFAULT NULL::text, "limit" api.page_size DEFAULT 100) RETURNS SETOF api.event
    LANGUAGE sql STABLE ROWS 100
    AS $$
    select e.id, e.event, e.data
    from penstock.events_after(order_event_list.after, order_event_list."limit", 'order.*') as e
$$;

ALTER FUNCTION api.order_event_list(after penstock.event_place, "limit" api.page_size) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.order_event_list(after penstock.event_place, "limit" api.page_size) IS '
What happens to orders, as it happens: all of them, for those who work here.
As GET /events otherwise.

HTTP GET /orders/events
@events tags=events
@tag orders
@error 410 The place to go on from is not one of this database''s.
';

CREATE FUNCTION api.order_get(order_id bigint) RETURNS SETOF api."order"
    LANGUAGE sql STABLE ROWS 1
    AS $$
    select
        o.id, o.user_id, o.status, o.country, o.total, o.placed_at, o.updated_at,
        array(
            select
                row(
                    l.line_no, l.product_id, p.sku, p.name, l.quantity, l.unit_price,
                    l.quantity * l.unit_price
                )::api.order_line
            from app.order_lines as l
            join app.product_labels as p on p.id = l.product_id
            where l.order_id = o.id
            order by l.line_no
        )
    from app.orders as o
    where o.id = order_get.order_id
$$;

ALTER FUNCTION api.order_get(order_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.order_get(order_id bigint) IS '
One order by its id, with its lines.
Members find their own; staff and admins find all.

HTTP GET /orders/{order_id}
@single
@tag orders
';

CREATE FUNCTION api.order_list("limit" api.page_size DEFAULT 20, cursor jsonb DEFAULT NULL::jsonb, status app.order_status DEFAULT NULL::app.order_status) RETURNS SETOF api."order"
    LANGUAGE sql STABLE
    AS $$
    select a.*
    from (
        -- All, or those of one status: a branch and an index for each.
        (
            select o.id, o.placed_at
            from app.orders as o
            where order_list.status is null
                and (o.placed_at, o.id) < (
                    select
                        coalesce((order_list.cursor ->> 'placed_at')::timestamptz, 'infinity'),
                        coalesce((order_list.cursor ->> 'id')::bigint, 9223372036854775807)
                )
            order by o.placed_at desc, o.id desc
            limit 100
        )
        union all
        (
            select o.id, o.placed_at
            from app.orders as o
            where o.status = order_list.status
                and (o.placed_at, o.id) < (
                    select
                        coalesce((order_list.cursor ->> 'placed_at')::timestamptz, 'infinity'),
                        coalesce((order_list.cursor ->> 'id')::bigint, 9223372036854775807)
                )
            order by o.status, o.placed_at desc, o.id desc  -- an enum has to lead: see the conventions
            limit 100
        )
    ) as page
    cross join lateral (
        select *
        from api.order_get(page.id)
        offset 0  -- by its key, never by a join with all of the customer's orders
    ) as a
    order by page.placed_at desc, page.id desc
    limit order_list."limit"
$$;

ALTER FUNCTION api.order_list("limit" api.page_size, cursor jsonb, status app.order_status) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.order_list("limit" api.page_size, cursor jsonb, status app.order_status) IS '
Orders, the newest first: members see their own, staff and admins all.

HTTP GET /orders
@page placed_at, id
@tag orders
';

CREATE FUNCTION api.order_pay(order_id bigint) RETURNS api."order"
    LANGUAGE plpgsql
    AS $$
begin
    update app.orders as o
    set status = 'paid'
    where o.id = order_pay.order_id
        and o.user_id = request.user_id();

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no order %s of yours.', order_pay.order_id);
    end if;

    return (select o from api.order_get(order_pay.order_id) as o);
end
$$;

ALTER FUNCTION api.order_pay(order_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.order_pay(order_id bigint) IS '
Pay an order of your own that is placed.

HTTP POST /orders/{order_id}/pay
@tag orders
@error 409 The order stands where this can''t follow.
';

CREATE FUNCTION api.order_place(lines api.order_line_input[], country app.country) RETURNS api."order"
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_lines app.cart_line[];
    v_total numeric;
    v_order_id bigint;
begin
    -- A token outlives its user's account by some minutes.
    if not exists (select from app.users as u where u.id = request.user_id() and u.is_active) then
        raise exception using
            errcode = 'insufficient_privilege',
            constraint = 'orders_customer_is_active',
            message = 'Your account is not active, so you can''t order.';
    end if;

    v_lines := app.stock_take(app.cart_merge(order_place.lines));

    select sum(l.quantity * l.unit_price)
    into v_total
    from unnest(v_lines) as l;

    if v_total > 9999999999.99 then
        raise exception using
            errcode = 'PT422',
            constraint = 'orders_total_in_range',
            message = 'The total of an order is at most 9,999,999,999.99.';
    end if;

    insert into app.orders as o (user_id, country, total)
    values (request.user_id(), order_place.country, v_total)
    returning o.id into v_order_id;

    insert into app.order_lines (order_id, line_no, product_id, quantity, unit_price)
    select v_order_id, l.line_no, l.product_id, l.quantity, l.unit_price
    from unnest(v_lines) as l;

    return (select o from api.order_get(v_order_id) as o);
end
$$;

ALTER FUNCTION api.order_place(lines api.order_line_input[], country app.country) OWNER TO penstock_clerk;

COMMENT ON FUNCTION api.order_place(lines api.order_line_input[], country app.country) IS '
Order the products in a cart, at today''s prices.
The stock is taken for every line or for none. Lines with the same product become one.

HTTP POST /orders
@status 201
@location /orders/{id}
@idempotent
@tag orders
@error 409 A product is not for sale, or there is too little of it.
';

CREATE FUNCTION api.order_ship(order_id bigint) RETURNS api."order"
    LANGUAGE plpgsql
    AS $$
begin
    update app.orders as o
    set status = 'shipped'
    where o.id = order_ship.order_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no order %s.', order_ship.order_id);
    end if;

    return (select o from api.order_get(order_ship.order_id) as o);
end
$$;

ALTER FUNCTION api.order_ship(order_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.order_ship(order_id bigint) IS '
Send off an order that is paid.

HTTP POST /orders/{order_id}/ship
@tag orders
@error 409 The order stands where this can''t follow.
';

CREATE FUNCTION api.orders_place() RETURNS TABLE(order_no text, order_id bigint, total app.money)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET client_min_messages TO 'warning'
    AS $$
begin
    -- A token outlives its user's account by some minutes.
    if not exists (select from app.users as u where u.id = request.user_id() and u.is_active) then
        raise exception using
            errcode = 'insufficient_privilege',
            constraint = 'orders_customer_is_active',
            message = 'Your account is not active, so you can''t order.';
    end if;

    perform
    from app.products as p
    where p.id in (select r.product_id from pg_temp.bulk_rows as r)
    order by p.id
    for no key update;

    -- What is wrong with a line on its own account, or with its order as a whole.
    with claims as (
        select
            r.*,
            min(r.line) over (partition by r.order_no) as first_line,
            count(*) over (partition by r.order_no) as in_order,
            first_value(r.country) over (partition by r.order_no order by r.line) as country_there,
            p.id is not null and p.is_active as is_for_sale,
            p.stock,
            p.name,
            sum(r.quantity * p.price) over (partition by r.order_no) as total
        from pg_temp.bulk_rows as r
        left join app.products as p on p.id = r.product_id
    ),
    judged as (
        select
            c.line,
            c.order_no,
            case
                when c.in_order > 100 then 'order_no'
                when not c.is_for_sale then 'product_id'
                when c.country <> c.country_there then 'country'
                when c.total > 9999999999.99 then 'order_no'
                when c.stock < sum(c.quantity) over (partition by c.product_id order by c.first_line, c.line)
                    then 'quantity'
            end as field,
            case
                when c.in_order > 100 then 'The cart is too long: an order has at most 100 lines.'
                when not c.is_for_sale then format('Product %s is not for sale.', c.product_id)
                when c.country <> c.country_there then 'An earlier line of this order goes to another country.'
                when c.total > 9999999999.99 then 'The total of an order is at most 9,999,999,999.99.'
                else format('There are only %s of "%s" for all the orders of this sheet.', c.stock, c.name)
            end as reason
        from claims as c
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select j.line, j.field, j.reason
    from judged as j
    where j.field is not null;

    -- An order is placed with all of its lines or not at all.
    insert into pg_temp.bulk_rejects (line, field, reason)
    select r.line, 'order_no', 'Another line of this order was rejected.'
    from pg_temp.bulk_rows as r
    where r.line not in (select x.line from pg_temp.bulk_rejects as x)
        and r.order_no in (
            select l.order_no
            from pg_temp.bulk_lines as l
            join pg_temp.bulk_rejects as x on x.line = l.line
            where l.order_no is not null
        );

    drop table if exists pg_temp.sheet_lines, pg_temp.sheet_orders;

    create temporary table sheet_lines on commit drop as
    select
        r.order_no,
        min(r.line) as line,
        min(r.country) as country,
        r.product_id,
        sum(r.quantity) as quantity,
        p.price
    from pg_temp.bulk_rows as r
    join app.products as p on p.id = r.product_id
    where r.line not in (select x.line from pg_temp.bulk_rejects as x)
    group by r.order_no, r.product_id, p.price;

    update app.products as p
    set stock = p.stock - s.quantity
    from (
        select l.product_id, sum(l.quantity) as quantity
        from pg_temp.sheet_lines as l
        group by l.product_id
    ) as s
    where p.id = s.product_id;

    -- The numbers are given in the order of the sheet, which tells whose they are.
    create temporary table sheet_orders on commit drop as
    with sheet as (
        select
            l.order_no,
            min(l.country) as country,
            sum(l.quantity * l.price) as total,
            row_number() over (order by min(l.line)) as place
        from pg_temp.sheet_lines as l
        group by l.order_no
    ),
    placed as (
        insert into app.orders as o (user_id, country, total)
        select request.user_id(), s.country, s.total
        from sheet as s
        order by s.place
        returning o.id
    ),
    numbered as (
        select p.id, row_number() over (order by p.id) as place
        from placed as p
    )
    select s.order_no, n.id as order_id, s.total, s.place
    from sheet as s
    join numbered as n on n.place = s.place;

    insert into app.order_lines (order_id, line_no, product_id, quantity, unit_price)
    select
        o.order_id,
        row_number() over (partition by o.order_id order by l.line),
        l.product_id,
        l.quantity,
        l.price
    from pg_temp.sheet_lines as l
    join pg_temp.sheet_orders as o on o.order_no = l.order_no;

    return query
    select o.order_no, o.order_id, o.total::app.money
    from pg_temp.sheet_orders as o
    order by o.place;
end
$$;

ALTER FUNCTION api.orders_place() OWNER TO penstock_clerk;

COMMENT ON FUNCTION api.orders_place() IS '
Place many orders from a sheet, for yourself, at today''s prices.
Each line names its order, the product and the quantity; an order is placed with all of its lines or not at all.
The stock goes to the orders that come first in the sheet.

HTTP POST /orders/bulk
@bulk api.order_row needs=order_no,product_id,quantity,country
@timeout 120s
@tag orders
';

CREATE FUNCTION api.post_delete(post_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    delete from app.posts as p
    where p.id = post_delete.post_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no post %s that you may delete.', post_delete.post_id);
    end if;
end
$$;

ALTER FUNCTION api.post_delete(post_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.post_delete(post_id bigint) IS '
Delete a post of your own, or as an admin anybody''s.

HTTP DELETE /posts/{post_id}
@tag posts
';

CREATE FUNCTION api.post_edit(post_id bigint, title app.title DEFAULT NULL::text, body app.body DEFAULT NULL::text) RETURNS api.post
    LANGUAGE plpgsql
    AS $$
begin
    update app.posts as p
    set title = coalesce(post_edit.title, p.title),
        body = coalesce(post_edit.body, p.body)
    where p.id = post_edit.post_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no post %s that you may change.', post_edit.post_id);
    end if;

    return (select p from api.post_get(post_edit.post_id) as p);
end
$$;

ALTER FUNCTION api.post_edit(post_id bigint, title app.title, body app.body) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.post_edit(post_id bigint, title app.title, body app.body) IS '
Change a post of your own.
What is left out, or null, stays as it is.

HTTP PATCH /posts/{post_id}
@tag posts
';

CREATE FUNCTION api.post_get(post_id bigint) RETURNS SETOF api.post
    LANGUAGE sql STABLE ROWS 1
    AS $$
    select p.id, p.author_id, a.username, p.title, p.body, p.published_at, p.created_at, p.updated_at
    from app.posts as p
    join app.authors as a on a.id = p.author_id
    where p.id = post_get.post_id
$$;

ALTER FUNCTION api.post_get(post_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.post_get(post_id bigint) IS '
One post by its id.
Everybody reads what is published; drafts are their authors'' alone, and admins''.

HTTP GET /posts/{post_id}
@single
@tag posts
';

CREATE FUNCTION api.post_list("limit" api.page_size DEFAULT 20, cursor jsonb DEFAULT NULL::jsonb) RETURNS SETOF api.post
    LANGUAGE sql STABLE
    AS $$
    select p.id, p.author_id, a.username, p.title, p.body, p.published_at, p.created_at, p.updated_at
    from (
        select *
        from app.posts as p
        where p.published_at is not null
            and (p.published_at, p.id) < (
                select
                    coalesce((post_list.cursor ->> 'published_at')::timestamptz, 'infinity'),
                    coalesce((post_list.cursor ->> 'id')::bigint, 9223372036854775807)
            )
        order by p.published_at desc, p.id desc
        limit 100
    ) as p
    join app.authors as a on a.id = p.author_id
    order by p.published_at desc, p.id desc
    limit post_list."limit"
$$;

ALTER FUNCTION api.post_list("limit" api.page_size, cursor jsonb) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.post_list("limit" api.page_size, cursor jsonb) IS '
What is published, the newest first.

HTTP GET /posts
@page published_at, id
@tag posts
';

CREATE FUNCTION api.post_publish(post_id bigint) RETURNS api.post
    LANGUAGE plpgsql
    AS $$
begin
    update app.posts as p
    set published_at = coalesce(p.published_at, now())
    where p.id = post_publish.post_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no post %s that you may publish.', post_publish.post_id);
    end if;

    return (select p from api.post_get(post_publish.post_id) as p);
end
$$;

ALTER FUNCTION api.post_publish(post_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.post_publish(post_id bigint) IS '
Publish a post of your own.
Safe to repeat: a post stays published as of the first time.

HTTP POST /posts/{post_id}/publish
@tag posts
';

CREATE FUNCTION api.post_write(title app.title, body app.body) RETURNS api.post
    LANGUAGE plpgsql
    AS $$
declare
    v_post_id bigint;
begin
    insert into app.posts as p (author_id, title, body)
    values (request.user_id(), post_write.title, post_write.body)
    returning p.id into v_post_id;

    return (select p from api.post_get(v_post_id) as p);
end
$$;

ALTER FUNCTION api.post_write(title app.title, body app.body) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.post_write(title app.title, body app.body) IS '
Write a post. It is a draft until it is published.

HTTP POST /posts
@status 201
@location /posts/{id}
@idempotent
@tag posts
';

CREATE FUNCTION api.product_create(sku app.sku, name app.product_name, price app.money, description app.description DEFAULT ''::text, stock app.stock DEFAULT 0, is_active boolean DEFAULT true) RETURNS api.product
    LANGUAGE plpgsql
    AS $$
declare
    v_product_id bigint;
begin
    insert into app.products as p (sku, name, price, description, stock, is_active)
    values (
        product_create.sku, product_create.name, product_create.price,
        product_create.description, product_create.stock, product_create.is_active
    )
    returning p.id into v_product_id;

    return (select p from api.product_get(v_product_id) as p);
end
$$;

ALTER FUNCTION api.product_create(sku app.sku, name app.product_name, price app.money, description app.description, stock app.stock, is_active boolean) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.product_create(sku app.sku, name app.product_name, price app.money, description app.description, stock app.stock, is_active boolean) IS '
Enter a product.

HTTP POST /products
@status 201
@location /products/{id}
@idempotent
@tag products
@error 409 Another product has this SKU.
';

CREATE FUNCTION api.product_delete(product_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    delete from app.products as p
    where p.id = product_delete.product_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no product %s.', product_delete.product_id);
    end if;
end
$$;

ALTER FUNCTION api.product_delete(product_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.product_delete(product_id bigint) IS '
Delete a product that nobody has ordered.

HTTP DELETE /products/{product_id}
@tag products
@error 409 The product has been ordered: make it inactive instead.
';

CREATE FUNCTION api.product_get(product_id bigint) RETURNS SETOF api.product
    LANGUAGE sql STABLE ROWS 1
    AS $$
    select
        p.id, p.sku, p.name, p.description, p.price, p.stock, p.is_active, p.version, p.created_at,
        p.updated_at
    from app.products as p
    where p.id = product_get.product_id
$$;

ALTER FUNCTION api.product_get(product_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.product_get(product_id bigint) IS '
One product by its id.
Everybody finds what is for sale; staff and admins find the rest too.

HTTP GET /products/{product_id}
@single
@etag version
@cache 5min tags=product:{product_id} vary=role
@tag products
';

CREATE FUNCTION api.product_list("limit" api.page_size DEFAULT 20, cursor jsonb DEFAULT NULL::jsonb, sort api.product_sort DEFAULT 'name'::api.product_sort, search app.search_text DEFAULT NULL::text, price_from app.money DEFAULT NULL::numeric, price_to app.money DEFAULT NULL::numeric, is_active boolean DEFAULT NULL::boolean) RETURNS SETOF api.product
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
declare
    v_of_staff boolean := request.role() in ('staff', 'admin');
    v_id bigint := (product_list.cursor ->> 'id')::bigint;
begin
    -- A statement for each order, so that each comes straight from its index.
    case product_list.sort
        when 'name' then
            return query
            select p.*
            from app.product_search(
                product_list.search, product_list.price_from, product_list.price_to,
                product_list.is_active, v_of_staff
            ) as p
            where product_list.cursor is null
                or (p.name, p.id) > (product_list.cursor ->> 'name', v_id)
            order by p.name, p.id
            limit product_list."limit";
        when 'price' then
            return query
            select p.*
            from app.product_search(
                product_list.search, product_list.price_from, product_list.price_to,
                product_list.is_active, v_of_staff
            ) as p
            where product_list.cursor is null
                or (p.price, p.id) > ((product_list.cursor ->> 'price')::numeric, v_id)
            order by p.price, p.id
            limit product_list."limit";
        when 'newest' then
            return query
            select p.*
            from app.product_search(
                product_list.search, product_list.price_from, product_list.price_to,
                product_list.is_active, v_of_staff
            ) as p
            where product_list.cursor is null
                or (p.created_at, p.id) < ((product_list.cursor ->> 'created_at')::timestamptz, v_id)
            order by p.created_at desc, p.id desc
            limit product_list."limit";
    end case;
end
$$;

ALTER FUNCTION api.product_list("limit" api.page_size, cursor jsonb, sort api.product_sort, search app.search_text, price_from app.money, price_to app.money, is_active boolean) OWNER TO penstock_clerk;

COMMENT ON FUNCTION api.product_list("limit" api.page_size, cursor jsonb, sort api.product_sort, search app.search_text, price_from app.money, price_to app.money, is_active boolean) IS '
The products for sale, by name, price or age.
Search finds words in name, SKU and description, as a search engine does: "in quotes", or, -not.
Staff and admins see what is not for sale too; is_active narrows their list to one or the other.

HTTP GET /products
@page name, price, created_at, id
@cache 5min tags=products vary=role
@tag products
';

CREATE FUNCTION api.product_update(product_id bigint, version integer, sku app.sku, name app.product_name, description app.description, price app.money, stock app.stock, is_active boolean) RETURNS api.product
    LANGUAGE plpgsql
    AS $$
begin
    update app.products as p
    set sku = product_update.sku,
        name = product_update.name,
        description = product_update.description,
        price = product_update.price,
        stock = product_update.stock,
        is_active = product_update.is_active
    where p.id = product_update.product_id
        and p.version = product_update.version;

    if found then
        return (select p from api.product_get(product_update.product_id) as p);
    end if;

    if exists (select from app.products as p where p.id = product_update.product_id) then
        raise exception using
            errcode = 'PT412',
            constraint = 'products_version_current',
            message = format('The product has changed since version %s: read it again.', product_update.version);
    end if;

    raise exception using
        errcode = 'no_data_found',
        message = format('There is no product %s.', product_update.product_id);
end
$$;

ALTER FUNCTION api.product_update(product_id bigint, version integer, sku app.sku, name app.product_name, description app.description, price app.money, stock app.stock, is_active boolean) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.product_update(product_id bigint, version integer, sku app.sku, name app.product_name, description app.description, price app.money, stock app.stock, is_active boolean) IS '
Replace a product, if it is still in the version that you have read.
An order that takes stock makes a new version too: no sale is overwritten by an older count.

HTTP PUT /products/{product_id}
@if_match version
@tag products
@error 409 Another product has this SKU.
@error 412 The product has changed since that version.
';

CREATE FUNCTION api.products_create() RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    with rows as materialized (
        select r.*, row_number() over (partition by r.sku order by r.line) as nth
        from pg_temp.bulk_rows as r
    ),
    made as (
        insert into app.products as p (sku, name, price, description, stock, is_active)
        select
            r.sku, r.name, r.price,
            coalesce(r.description, ''), coalesce(r.stock, 0), coalesce(r.is_active, true)
        from rows as r
        where r.nth = 1
        order by r.line
        on conflict (sku) do nothing
        returning p.sku
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select
        r.line,
        'sku',
        case when r.nth > 1 then 'An earlier line has this SKU.' else 'Another product has this SKU.' end
    from rows as r
    left join made as m on m.sku = r.sku and r.nth = 1
    where m.sku is null;
end
$$;

ALTER FUNCTION api.products_create() OWNER TO penstock_owner;

COMMENT ON FUNCTION api.products_create() IS '
Enter many products.
One whose SKU is taken is rejected, and so is a line with the SKU of an earlier one.

HTTP POST /products/bulk
@bulk api.product_row needs=sku,name,price parts=10000 by=sku
@timeout 120s
@tag products
';

CREATE FUNCTION api.products_delete() RETURNS void
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
begin
    -- Whoever orders one of them waits, or was first. In the order of ids, lest two wait in a circle.
    perform
    from app.products as p
    where p.id in (select r.product_id from pg_temp.bulk_rows as r)
    order by p.id
    for update;

    with judged as (
        select
            r.line,
            case
                when p.id is null then 'There is no such product.'
                when row_number() over (partition by r.product_id order by r.line) > 1
                    then 'An earlier line has this product.'
                when exists (select from app.order_lines as l where l.product_id = r.product_id)
                    then 'This product has been ordered, so it must be kept: make it inactive instead.'
            end as reason
        from pg_temp.bulk_rows as r
        left join app.products as p on p.id = r.product_id
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select j.line, 'product_id', j.reason
    from judged as j
    where j.reason is not null;

    delete from app.products as p
    using pg_temp.bulk_rows as r
    where p.id = r.product_id
        and r.line not in (select x.line from pg_temp.bulk_rejects as x);
end
$$;

ALTER FUNCTION api.products_delete() OWNER TO penstock_owner;

COMMENT ON FUNCTION api.products_delete() IS '
Delete many products that nobody has ordered.

HTTP DELETE /products/bulk
@bulk api.product_id_row needs=product_id parts=10000 by=product_id
@timeout 120s
@tag products
';

CREATE FUNCTION api.products_replace() RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    -- In the order of SKUs: two lists with the same products wait for each other, never in a circle.
    with rows as materialized (
        select r.*, row_number() over (partition by r.sku order by r.line) as nth
        from pg_temp.bulk_rows as r
    ),
    made as (
        insert into app.products as p (sku, name, price, description, stock, is_active)
        select
            r.sku, r.name, r.price,
            coalesce(r.description, ''), coalesce(r.stock, 0), coalesce(r.is_active, true)
        from rows as r
        where r.nth = 1
        order by r.sku
        on conflict (sku) do update
        set name = excluded.name,
            price = excluded.price,
            description = excluded.description,
            stock = excluded.stock,
            is_active = excluded.is_active
        where (p.name, p.price, p.description, p.stock, p.is_active)
            is distinct from (excluded.name, excluded.price, excluded.description, excluded.stock, excluded.is_active)
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select r.line, 'sku', 'An earlier line has this SKU.'
    from rows as r
    where r.nth > 1;
end
$$;

ALTER FUNCTION api.products_replace() OWNER TO penstock_owner;

COMMENT ON FUNCTION api.products_replace() IS '
Enter many products, or replace those whose SKU is there.
A product that is as its line says stays untouched. A line with the SKU of an earlier one is rejected.

HTTP PUT /products/bulk
@bulk api.product_row needs=sku,name,price parts=10000 by=sku
@timeout 120s
@tag products
';

CREATE FUNCTION api.products_update() RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    -- In the order of ids: two lists with the same products wait for each other, never in a circle.
    perform
    from app.products as p
    where p.id in (select r.product_id from pg_temp.bulk_rows as r)
    order by p.id
    for no key update;

    with judged as (
        select
            r.line,
            r.version,
            case
                when p.id is null then 'product'
                when row_number() over (partition by r.product_id order by r.line) > 1 then 'twice'
                when p.version <> r.version then 'version'
                when t.id is not null
                    or r.sku is not null and row_number() over (partition by r.sku order by r.line) > 1
                    then 'sku'
            end as verdict
        from pg_temp.bulk_rows as r
        left join app.products as p on p.id = r.product_id
        left join app.products as t on t.sku = r.sku and t.id <> r.product_id
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select
        j.line,
        case when j.verdict in ('version', 'sku') then j.verdict else 'product_id' end,
        case j.verdict
            when 'product' then 'There is no such product.'
            when 'twice' then 'An earlier line has this product.'
            when 'version' then format('The product has changed since version %s: read it again.', j.version)
            else 'Another product has this SKU.'
        end
    from judged as j
    where j.verdict is not null;

    update app.products as p
    set sku = coalesce(r.sku, p.sku),
        name = coalesce(r.name, p.name),
        description = coalesce(r.description, p.description),
        price = coalesce(r.price, p.price),
        stock = coalesce(r.stock, p.stock),
        is_active = coalesce(r.is_active, p.is_active)
    from pg_temp.bulk_rows as r
    where p.id = r.product_id
        and r.line not in (select x.line from pg_temp.bulk_rejects as x);
end
$$;

ALTER FUNCTION api.products_update() OWNER TO penstock_owner;

COMMENT ON FUNCTION api.products_update() IS '
Change many products. What is left out, or null, stays as it is.
A line with a version changes that version alone.

HTTP PATCH /products/bulk
@bulk api.product_change_row needs=product_id parts=10000 by=product_id
@timeout 120s
@tag products
';

CREATE FUNCTION api.retail_export() RETURNS SETOF api.retail_line
    LANGUAGE sql STABLE
    AS $_$
    -- In the order in which things were bought: the import takes the latest price for a product's,
    -- and numbers an order's lines as they come.
    select
        o.source_invoice,
        p.sku::text,
        p.name::text,
        l.quantity::text,
        to_char(o.placed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
        l.unit_price::text,
        -- An admin may have changed one of a customer's names since.
        coalesce(
            substring(u.username from '^retail-([0-9]+)$'),
            substring(u.email from '^retail-([0-9]+)@customers\.invalid$')
        ),
        o.country::text
    from app.orders as o
    join app.users as u on u.id = o.user_id
    join app.order_lines as l on l.order_id = o.id
    join app.products as p on p.id = l.product_id
    where o.source_invoice is not null
    order by o.placed_at, o.id, l.line_no
$_$;

ALTER FUNCTION api.retail_export() OWNER TO penstock_owner;

COMMENT ON FUNCTION api.retail_export() IS '
All that was imported, as a retail file has it.

A line for each order line of an imported order, in the form that the import takes: ask for text/csv, and
send what you get to POST /imports/retail of an empty shop. What the import rejected is not among them.

HTTP GET /imports/retail
@tag imports
';

CREATE FUNCTION api.retail_import() RETURNS api.retail_report
    LANGUAGE plpgsql
    AS $$
declare
    v_new_products integer;
    v_load record;
    v_import_id bigint;
    v_report api.retail_report;
begin
    -- One import at a time: of two at once, each would take the other's lines for new ones.
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('api.retail_import', 0));

    perform app.retail_stage();

    -- What history sold is not for sale until somebody says so. Its name is what most lines call
    -- it, its price what the latest line asks. Products that are there stay as they are.
    insert into app.products (sku, name, price, stock, is_active)
    select
        l.stock_code,
        coalesce(mode() within group (order by left(l.description, 200)), l.stock_code),
        (array_agg(l.unit_price order by l.placed_at desc, l.line desc))[1],
        0,
        false
    from pg_temp.retail_lines as l
    where l.reason is null
    group by l.stock_code
    order by l.stock_code
    on conflict do nothing;

    get diagnostics v_new_products = row_count;

    select loaded, revenue, new_customers, new_orders into v_load from app.retail_load();

    insert into app.imports (
        made_by, lines, loaded, unchanged, rejected, revenue,
        new_customers, new_products, new_orders
    )
    select
        request.user_id(),
        count(*),
        v_load.loaded,
        count(*) filter (where l.reason is null) - v_load.loaded,
        count(l.reason),
        v_load.revenue,
        v_load.new_customers,
        v_new_products,
        v_load.new_orders
    from pg_temp.retail_lines as l
    returning id into v_import_id;

    insert into app.import_rejects (import_id, line, reason, problem, raw)
    select v_import_id, l.line, l.reason, b.problem, b.raw
    from pg_temp.retail_lines as l
    join pg_temp.bulk_lines as b on b.line = l.line
    where l.reason is not null;

    select * into v_report from api.import_get(v_import_id);

    return v_report;
end
$$;

ALTER FUNCTION api.retail_import() OWNER TO penstock_owner;

COMMENT ON FUNCTION api.retail_import() IS '
Import a retail file.

Lines of goods with a customer, a quantity and a price become orders that were delivered; cancellations,
charges and whatever can''t be read are rejected, and can be read back with their reasons. A line that
an earlier import brought is left as it is, so the same file may be sent again. No stock is touched.

HTTP POST /imports/retail
@bulk api.retail_line
@status 201
@location /imports/{import_id}
@timeout 120s
@tag imports
';

CREATE FUNCTION api.session_end(session_id uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    update auth.sessions as s
    set ended_at = now()
    where s.id = session_end.session_id
        and s.user_id = (select request.user_id())
        and s.ended_at is null;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('You have no session %s.', session_end.session_id);
    end if;
end
$$;

ALTER FUNCTION api.session_end(session_id uuid) OWNER TO gatekeeper;

COMMENT ON FUNCTION api.session_end(session_id uuid) IS '
End one of the caller''s sessions: who uses it must log in again.

HTTP DELETE /me/sessions/{session_id}
@tag users
';

CREATE FUNCTION api.session_end_all() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    update auth.sessions as s
    set ended_at = now()
    where s.user_id = (select request.user_id())
        and s.ended_at is null
$$;

ALTER FUNCTION api.session_end_all() OWNER TO gatekeeper;

COMMENT ON FUNCTION api.session_end_all() IS '
End all of the caller''s sessions, this one too.

HTTP DELETE /me/sessions
@tag users
';

CREATE FUNCTION api.session_list() RETURNS SETOF api.session
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    return query
    select
        s.id,
        s.agent,
        s.created_at,
        t.created_at,
        least(t.expires_at, s.expires_at),
        s.id::text = coalesce((select request.claims() ->> 'sid'), '')
    from auth.sessions as s
    join auth.refresh_tokens as t on t.session_id = s.id and t.used_at is null
    where s.user_id = (select request.user_id())
        and s.ended_at is null
        and s.expires_at > now()
        and t.expires_at > now()
    order by t.created_at desc, s.id
    limit 100;
end
$$;

ALTER FUNCTION api.session_list() OWNER TO gatekeeper;

COMMENT ON FUNCTION api.session_list() IS '
Where the caller is logged in: their last hundred sessions, the latest first.

HTTP GET /me/sessions
@tag users
';

CREATE FUNCTION api.user_activate(user_id bigint) RETURNS api."user"
    LANGUAGE plpgsql
    AS $$
begin
    update app.users as u
    set is_active = true
    where u.id = user_activate.user_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no user %s.', user_activate.user_id);
    end if;

    return (select u from api.user_get(user_activate.user_id) as u);
end
$$;

ALTER FUNCTION api.user_activate(user_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.user_activate(user_id bigint) IS '
Let a user log in and buy again.
Safe to repeat.

HTTP POST /users/{user_id}/activate
@tag users
';

CREATE FUNCTION api.user_deactivate(user_id bigint) RETURNS api."user"
    LANGUAGE plpgsql
    AS $$
begin
    update app.users as u
    set is_active = false
    where u.id = user_deactivate.user_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no user %s.', user_deactivate.user_id);
    end if;

    return (select u from api.user_get(user_deactivate.user_id) as u);
end
$$;

ALTER FUNCTION api.user_deactivate(user_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.user_deactivate(user_id bigint) IS '
Keep a user from logging in and buying; all they did stays.
Safe to repeat.

HTTP POST /users/{user_id}/deactivate
@tag users
@error 409 Admins can''t deactivate themselves.
';

CREATE FUNCTION api.user_delete(user_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    delete from app.users as u
    where u.id = user_delete.user_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no user %s.', user_delete.user_id);
    end if;
end
$$;

ALTER FUNCTION api.user_delete(user_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.user_delete(user_id bigint) IS '
Delete a user, with their credentials and posts.
A user who has orders can''t be deleted, only deactivated.

HTTP DELETE /users/{user_id}
@tag users
@error 409 The user has orders, or is the admin who asks.
';

CREATE FUNCTION api.user_get(user_id bigint) RETURNS SETOF api."user"
    LANGUAGE sql STABLE ROWS 1
    AS $$
    select u.id, u.email, u.username, u.full_name, u.role, u.is_active, u.created_at, u.updated_at
    from app.users as u
    where u.id = user_get.user_id
$$;

ALTER FUNCTION api.user_get(user_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.user_get(user_id bigint) IS '
One user by their id.
Members find themselves alone; staff and admins find everybody.

HTTP GET /users/{user_id}
@single
@tag users
';

CREATE FUNCTION api.user_list("limit" api.page_size DEFAULT 20, cursor jsonb DEFAULT NULL::jsonb, is_active boolean DEFAULT NULL::boolean) RETURNS SETOF api."user"
    LANGUAGE sql STABLE
    AS $$
    select u.id, u.email, u.username, u.full_name, u.role, u.is_active, u.created_at, u.updated_at
    from (
        -- Everybody, or those of one state: a branch and an index for each.
        (
            select *
            from app.users as u
            where user_list.is_active is null
                and u.id > (select coalesce((user_list.cursor ->> 'id')::bigint, 0))
            order by u.id
            limit 100
        )
        union all
        (
            select *
            from app.users as u
            where u.is_active = user_list.is_active
                and u.id > (select coalesce((user_list.cursor ->> 'id')::bigint, 0))
            order by u.id
            limit 100
        )
    ) as u
    order by u.id
    limit user_list."limit"
$$;

ALTER FUNCTION api.user_list("limit" api.page_size, cursor jsonb, is_active boolean) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.user_list("limit" api.page_size, cursor jsonb, is_active boolean) IS '
All users, in the order in which they registered.
With is_active, those alone who are active, or who aren''t.

HTTP GET /users
@page id
@tag users
';

CREATE FUNCTION api.user_list_with_posts("limit" api.page_size DEFAULT 20, cursor jsonb DEFAULT NULL::jsonb, latest api.page_size DEFAULT 3) RETURNS SETOF api.author
    LANGUAGE sql STABLE
    AS $$
    -- From one author to the next through the index: neither users without a post nor an author's
    -- many posts cost anything. Who is not active is passed over, and not counted.
    with recursive authors as (
        select
            coalesce((user_list_with_posts.cursor ->> 'id')::bigint, 0) as id,
            null::app.username as username,
            false as is_active,
            0 as found
        union all
        select a.id, a.username, a.is_active, authors.found + a.is_active::integer
        from authors
        join app.authors as a on a.id = (
            select min(p.author_id)
            from app.posts as p
            where p.published_at is not null
                and p.author_id > authors.id
        )
        where authors.found < user_list_with_posts."limit"
    )
    select
        a.id,
        a.username,
        array(
            select
                (p.id, p.author_id, a.username, p.title, p.body, p.published_at, p.created_at, p.updated_at)::api.post
            from app.posts as p
            where p.author_id = a.id
                and p.published_at is not null
            order by p.published_at desc, p.id desc
            limit user_list_with_posts.latest
        )
    from authors as a
    where a.is_active
    order by a.id
$$;

ALTER FUNCTION api.user_list_with_posts("limit" api.page_size, cursor jsonb, latest api.page_size) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.user_list_with_posts("limit" api.page_size, cursor jsonb, latest api.page_size) IS '
Those who have published, each with their latest posts, in one call.
Shows of each what everybody may know: the username, never the e-mail address.

HTTP GET /users/with-posts
@page id
@tag posts
';

CREATE FUNCTION api.user_posts(user_id bigint, "limit" api.page_size DEFAULT 20, cursor jsonb DEFAULT NULL::jsonb) RETURNS SETOF api.post
    LANGUAGE sql STABLE
    AS $$
    select p.id, p.author_id, a.username, p.title, p.body, p.published_at, p.created_at, p.updated_at
    from app.posts as p
    join app.authors as a on a.id = p.author_id
    where p.author_id = user_posts.user_id
        and p.id < (select coalesce((user_posts.cursor ->> 'id')::bigint, 9223372036854775807))
    order by p.id desc
    limit user_posts."limit"
$$;

ALTER FUNCTION api.user_posts(user_id bigint, "limit" api.page_size, cursor jsonb) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.user_posts(user_id bigint, "limit" api.page_size, cursor jsonb) IS '
What a user wrote, the newest first.
Everybody sees what is published; authors see their own drafts too.

HTTP GET /users/{user_id}/posts
@page id
@tag posts
';

CREATE FUNCTION api.user_register(email app.email, username app.username, password api.password, full_name app.full_name DEFAULT NULL::text) RETURNS api."user"
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_user api.user;
begin
    insert into app.users as u (email, username, full_name)
    values (user_register.email, user_register.username, user_register.full_name)
    returning u.id, u.email, u.username, u.full_name, u.role, u.is_active, u.created_at, u.updated_at
    into v_user;

    insert into auth.credentials (user_id, password_hash)
    values (v_user.id, user_register.password);

    perform penstock.emit('mail', app.welcome_mail(v_user.email, v_user.username));

    return v_user;
end
$$;

ALTER FUNCTION api.user_register(email app.email, username app.username, password api.password, full_name app.full_name) OWNER TO gatekeeper;

COMMENT ON FUNCTION api.user_register(email app.email, username app.username, password api.password, full_name app.full_name) IS '
Register: a new account, as a member.
The e-mail address and the username are each unique without regard to case.

HTTP POST /users
@status 201
@location /users/{id}
@tag users
@rate 30/min per=ip
@error 409 The e-mail address or the username is taken.
';

CREATE FUNCTION api.user_unlock(user_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    perform
    from app.users as u
    where u.id = user_unlock.user_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no user %s.', user_unlock.user_id);
    end if;

    delete from auth.login_attempts as a
    using app.users as u
    where u.id = user_unlock.user_id
        and a.account = sha256(convert_to(lower(u.email), 'UTF8'));
end
$$;

ALTER FUNCTION api.user_unlock(user_id bigint) OWNER TO gatekeeper;

COMMENT ON FUNCTION api.user_unlock(user_id bigint) IS '
Let a user try their password again, whose tries others have used up.
Safe to repeat.

HTTP POST /users/{user_id}/unlock
@tag users
';

CREATE FUNCTION api.user_update(user_id bigint, email app.email DEFAULT NULL::text, username app.username DEFAULT NULL::text, full_name app.full_name DEFAULT NULL::text, role app.user_role DEFAULT NULL::app.user_role) RETURNS api."user"
    LANGUAGE plpgsql
    AS $$
declare
    v_user api.user;
begin
    if user_update.role is not null and request.role() <> 'admin' then
        raise exception using
            errcode = 'insufficient_privilege',
            constraint = 'users_role_set_by_admin',
            message = 'Only an admin may change what a user may do.';
    end if;

    update app.users as u
    set email = coalesce(user_update.email, u.email),
        username = coalesce(user_update.username, u.username),
        full_name = coalesce(user_update.full_name, u.full_name)
    where u.id = user_update.user_id
    returning u.id, u.email, u.username, u.full_name, u.role, u.is_active, u.created_at, u.updated_at
    into v_user;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no user %s that you may change.', user_update.user_id);
    end if;

    -- A statement of its own: only admins hold the privilege to write this column.
    if user_update.role is not null then
        update app.users as u
        set role = user_update.role
        where u.id = user_update.user_id
        returning u.role
        into v_user.role;
    end if;

    return v_user;
end
$$;

ALTER FUNCTION api.user_update(user_id bigint, email app.email, username app.username, full_name app.full_name, role app.user_role) OWNER TO penstock_owner;

COMMENT ON FUNCTION api.user_update(user_id bigint, email app.email, username app.username, full_name app.full_name, role app.user_role) IS '
Change a user: yourself, or as an admin anybody.
What is left out, or null, stays as it is. Only an admin changes a role, and never their own.

HTTP PATCH /users/{user_id}
@tag users
@error 409 The e-mail address or the username is taken.
';

CREATE FUNCTION api.users_create() RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    with rows as materialized (
        select
            r.*,
            row_number() over (partition by lower(r.email) order by r.line) as nth_email,
            row_number() over (partition by lower(r.username) order by r.line) as nth_username
        from pg_temp.bulk_rows as r
    ),
    made as (
        insert into app.users as u (email, username, full_name)
        select r.email, r.username, r.full_name
        from rows as r
        where r.nth_email = 1
            and r.nth_username = 1
        order by r.line
        on conflict do nothing
        returning u.email
    ),
    refused as (
        select
            r.line,
            r.nth_email > 1 or (
                r.nth_username = 1
                and exists (select from app.users as u where lower(u.email) = lower(r.email))
            ) as by_email
        from rows as r
        left join made as m on m.email = r.email and r.nth_email = 1 and r.nth_username = 1
        where m.email is null
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select
        f.line,
        case when f.by_email then 'email' else 'username' end,
        case when f.by_email then 'This e-mail address is taken.' else 'This username is taken.' end
    from refused as f;
end
$$;

ALTER FUNCTION api.users_create() OWNER TO penstock_owner;

COMMENT ON FUNCTION api.users_create() IS '
Enter many users, as members.
They have no password, so they can''t log in until they are given one. One whose e-mail address or username is taken is rejected.

HTTP POST /users/bulk
@bulk api.user_row needs=email,username parts=10000 by=email
@timeout 120s
@tag users
';

CREATE FUNCTION api.users_delete() RETURNS void
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
begin
    -- Whoever orders meanwhile waits, or was first. In the order of ids, lest two wait in a circle.
    perform
    from app.users as u
    where u.id in (select r.user_id from pg_temp.bulk_rows as r)
    order by u.id
    for update;

    with judged as (
        select
            r.line,
            case
                when u.id is null then 'There is no such user.'
                when row_number() over (partition by r.user_id order by r.line) > 1
                    then 'An earlier line has this user.'
                when u.id = (select request.user_id()) and u.role = 'admin'
                    then 'An admin can''t demote, deactivate or delete their own account: another admin can.'
                when exists (select from app.orders as o where o.user_id = r.user_id)
                    then 'This user has orders, which must be kept: deactivate the user instead.'
            end as reason
        from pg_temp.bulk_rows as r
        left join app.users as u on u.id = r.user_id
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select j.line, 'user_id', j.reason
    from judged as j
    where j.reason is not null;

    delete from app.users as u
    using pg_temp.bulk_rows as r
    where u.id = r.user_id
        and r.line not in (select x.line from pg_temp.bulk_rejects as x);
end
$$;

ALTER FUNCTION api.users_delete() OWNER TO penstock_owner;

COMMENT ON FUNCTION api.users_delete() IS '
Delete many users, with their credentials and posts.
A user who has orders can''t be deleted, only deactivated; and no admin deletes themselves.

HTTP DELETE /users/bulk
@bulk api.user_id_row needs=user_id parts=10000 by=user_id
@timeout 120s
@tag users
';

CREATE FUNCTION api.users_update() RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    -- In the order of ids: two lists with the same users wait for each other, never in a circle.
    perform
    from app.users as u
    where u.id in (select r.user_id from pg_temp.bulk_rows as r)
    order by u.id
    for no key update;

    with judged as (
        select
            r.line,
            case
                when u.id is null then 'user'
                when row_number() over (partition by r.user_id order by r.line) > 1 then 'twice'
                when u.id = (select request.user_id()) and u.role = 'admin'
                    and (r.role <> 'admin' or not r.is_active)
                    then 'self'
                when e.id is not null
                    or r.email is not null and row_number() over (partition by lower(r.email) order by r.line) > 1
                    then 'email'
                when n.id is not null
                    or r.username is not null
                    and row_number() over (partition by lower(r.username) order by r.line) > 1
                    then 'username'
            end as verdict
        from pg_temp.bulk_rows as r
        left join app.users as u on u.id = r.user_id
        left join app.users as e on lower(e.email) = lower(r.email) and e.id <> r.user_id
        left join app.users as n on lower(n.username) = lower(r.username) and n.id <> r.user_id
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select
        j.line,
        case when j.verdict in ('email', 'username') then j.verdict else 'user_id' end,
        case j.verdict
            when 'user' then 'There is no such user.'
            when 'twice' then 'An earlier line has this user.'
            when 'self' then 'An admin can''t demote, deactivate or delete their own account: another admin can.'
            when 'email' then 'This e-mail address is taken.'
            else 'This username is taken.'
        end
    from judged as j
    where j.verdict is not null;

    update app.users as u
    set email = coalesce(r.email, u.email),
        username = coalesce(r.username, u.username),
        full_name = coalesce(r.full_name, u.full_name),
        role = coalesce(r.role, u.role),
        is_active = coalesce(r.is_active, u.is_active)
    from pg_temp.bulk_rows as r
    where u.id = r.user_id
        and r.line not in (select x.line from pg_temp.bulk_rejects as x);
end
$$;

ALTER FUNCTION api.users_update() OWNER TO penstock_owner;

COMMENT ON FUNCTION api.users_update() IS '
Change many users. What is left out, or null, stays as it is.
No admin demotes or deactivates themselves.

HTTP PATCH /users/bulk
@bulk api.user_change_row needs=user_id parts=10000 by=user_id
@timeout 120s
@tag users
';

CREATE FUNCTION app.cart_merge(lines api.order_line_input[]) RETURNS app.cart_line[]
    LANGUAGE plpgsql IMMUTABLE
    AS $$
begin
    if coalesce(cardinality(cart_merge.lines), 0) = 0 then
        raise exception using
            errcode = 'PT422',
            constraint = 'orders_cart_not_empty',
            message = 'The cart is empty: an order has at least one line.';
    end if;

    if cardinality(cart_merge.lines) > 100 then
        raise exception using
            errcode = 'PT422',
            constraint = 'orders_cart_in_range',
            message = 'The cart is too long: an order has at most 100 lines.';
    end if;

    if exists (select from unnest(cart_merge.lines) as l where l.product_id is null or l.quantity is null) then
        raise exception using
            errcode = 'PT422',
            constraint = 'orders_line_complete',
            message = 'Each line of the cart needs a product_id and a quantity.';
    end if;

    return array(
        select row(row_number() over (order by min(l.place)), l.product_id, sum(l.quantity), null)::app.cart_line
        from unnest(cart_merge.lines) with ordinality as l (product_id, quantity, place)
        group by l.product_id
        order by min(l.place)
    );
end
$$;

ALTER FUNCTION app.cart_merge(lines api.order_line_input[]) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.cart_merge(lines api.order_line_input[]) IS 'A cart as the lines of an order: one for each product, in the order in which they were first named.';

CREATE FUNCTION app.change_ratio(before numeric, after numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select round(change_ratio.after / nullif(change_ratio.before, 0) - 1, 4)
$$;

ALTER FUNCTION app.change_ratio(before numeric, after numeric) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.change_ratio(before numeric, after numeric) IS 'What came on top, as a part of what was before: 0.25 is a quarter more. Null when there was nothing before.';

CREATE FUNCTION app.customer_find(numbers integer[]) RETURNS TABLE(number integer, user_id bigint)
    LANGUAGE sql STABLE
    AS $$
    -- By either name: an admin may have changed one of them since.
    select n.number, coalesce(by_name.id, by_email.id)
    from unnest(customer_find.numbers) as n (number)
    left join app.users as by_name on lower(by_name.username) = 'retail-' || n.number
    left join app.users as by_email
        on lower(by_email.email) = 'retail-' || n.number || '@customers.invalid'
    where coalesce(by_name.id, by_email.id) is not null
$$;

ALTER FUNCTION app.customer_find(numbers integer[]) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.customer_find(numbers integer[]) IS 'The users that imported customers became, by customer number.';

CREATE FUNCTION app.dashboard_period("from" date, "to" date, OUT first_day date, OUT last_day date, OUT before timestamp with time zone, OUT begins timestamp with time zone, OUT ends timestamp with time zone) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
begin
    last_day := coalesce(dashboard_period."to", (now() at time zone 'UTC')::date);
    first_day := coalesce(dashboard_period."from", last_day - 29);

    if first_day > last_day then
        raise exception using
            errcode = 'PT422',
            constraint = 'dashboard_period_in_order',
            message = 'The period begins after it ends: "from" must not be later than "to".';
    end if;

    -- The ends of the calendar ('infinity', 4713 BC) would have no period before them.
    if first_day < '1900-01-01' or last_day > '2999-12-31' or last_day - first_day >= 731 then
        raise exception using
            errcode = 'PT422',
            constraint = 'dashboard_period_in_bounds',
            message = 'A period lies between the years 1900 and 2999 and holds at most 731 days.';
    end if;

    begins := first_day::timestamp at time zone 'UTC';
    ends := (last_day + 1)::timestamp at time zone 'UTC';
    before := begins - (ends - begins);
end
$$;

ALTER FUNCTION app.dashboard_period("from" date, "to" date, OUT first_day date, OUT last_day date, OUT before timestamp with time zone, OUT begins timestamp with time zone, OUT ends timestamp with time zone) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.dashboard_period("from" date, "to" date, OUT first_day date, OUT last_day date, OUT before timestamp with time zone, OUT begins timestamp with time zone, OUT ends timestamp with time zone) IS 'The moments between which a dashboard looks: the 30 days up to today unless told otherwise, and as much before them.';

CREATE FUNCTION app.field_read(raw text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select substring(field_read.raw from '\S(?:.*\S)?')
$$;

ALTER FUNCTION app.field_read(raw text) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.field_read(raw text) IS 'What a field of a file says: without the white space round it, of whatever kind, and null if there is nothing else.';

CREATE FUNCTION app.integer_read(raw text) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    select case
        when integer_read.raw ~ '^[+-]?[0-9]{1,9}([.]0*)?$'
            then split_part(integer_read.raw, '.', 1)::integer
    end
$_$;

ALTER FUNCTION app.integer_read(raw text) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.integer_read(raw text) IS 'The whole number that a text says, "17850.0" as 17850, or null: it never raises. Up to nine digits.';

CREATE FUNCTION app.order_lines_note_sales() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if tg_op <> 'DELETE' then
        insert into app.sales_line_changes (order_id, product_id, lines, units, revenue)
        select n.order_id, n.product_id, 1, n.quantity, n.quantity * n.unit_price
        from new_lines as n;
    end if;

    if tg_op <> 'INSERT' then
        insert into app.sales_line_changes (order_id, product_id, lines, units, revenue)
        select o.order_id, o.product_id, -1, -o.quantity, -o.quantity * o.unit_price
        from old_lines as o;
    end if;

    return null;
end
$$;

ALTER FUNCTION app.order_lines_note_sales() OWNER TO penstock_owner;

COMMENT ON FUNCTION app.order_lines_note_sales() IS 'Trigger: notes for the roll-ups which order lines came and went.';

CREATE FUNCTION app.order_lines_truncate_sales() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform app.sales_rebuild();

    return null;
end
$$;

ALTER FUNCTION app.order_lines_truncate_sales() OWNER TO penstock_owner;

COMMENT ON FUNCTION app.order_lines_truncate_sales() IS 'Trigger: TRUNCATE tells nobody which rows went, so the roll-ups are made anew.';

CREATE FUNCTION app.orders_emit() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform penstock.emit(
        'order.' || new.status,
        jsonb_build_object('order_id', new.id, 'user_id', new.user_id, 'status', new.status, 'total', new.total),
        key => 'order:' || new.id,
        subject => new.user_id::text
    );

    return null;
end
$$;

ALTER FUNCTION app.orders_emit() OWNER TO penstock_owner;

COMMENT ON FUNCTION app.orders_emit() IS 'Trigger: tells the customer, and whoever subscribed, that an order is placed, paid, shipped, delivered or cancelled.';

CREATE FUNCTION app.orders_note_sales() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into app.sales_moves (order_id, user_id, side, day, country)
        select n.id, n.user_id, 1, app.sales_day(n.status, n.placed_at), n.country
        from new_orders as n;
    elsif tg_op = 'DELETE' then
        insert into app.sales_moves (order_id, user_id, side, day, country)
        select o.id, o.user_id, -1, app.sales_day(o.status, o.placed_at), o.country
        from old_orders as o;
    else
        -- One that changed went before it came anew; one that was paid or sent off did neither.
        with went as (
            select o.id, o.user_id, app.sales_day(o.status, o.placed_at) as day, o.country
            from old_orders as o
            except
            select n.id, n.user_id, app.sales_day(n.status, n.placed_at), n.country
            from new_orders as n
        ),
        came as (
            select n.id, n.user_id, app.sales_day(n.status, n.placed_at) as day, n.country
            from new_orders as n
            except
            select o.id, o.user_id, app.sales_day(o.status, o.placed_at), o.country
            from old_orders as o
        )
        insert into app.sales_moves (order_id, user_id, side, day, country)
        select m.id, m.user_id, m.side, m.day, m.country
        from (
            select w.*, -1 as side from went as w
            union all
            select c.*, 1 from came as c
        ) as m
        order by m.side;
    end if;

    return null;
end
$$;

ALTER FUNCTION app.orders_note_sales() OWNER TO penstock_clerk;

COMMENT ON FUNCTION app.orders_note_sales() IS 'Trigger: notes for the roll-ups which orders came and went.';

CREATE FUNCTION app.orders_return_stock() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    -- In the order of ids, as app.stock_take locks them: those who wait never wait in a circle.
    perform
    from app.products as p
    where p.id in (select l.product_id from app.order_lines as l where l.order_id = new.id)
    order by p.id
    for no key update;

    update app.products as p
    set stock = p.stock + l.quantity
    from (
        select l.product_id, sum(l.quantity) as quantity
        from app.order_lines as l
        where l.order_id = new.id
        group by l.product_id
    ) as l
    where p.id = l.product_id;

    return null;
end
$$;

ALTER FUNCTION app.orders_return_stock() OWNER TO penstock_clerk;

COMMENT ON FUNCTION app.orders_return_stock() IS 'Trigger: an order that is cancelled gives its stock back, whoever cancels it.';

CREATE FUNCTION app.orders_status_moves_forward() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if exists (
        select
        from app.order_transitions as t
        where t.from_status = old.status
            and t.to_status = new.status
    ) then
        return new;
    end if;

    raise exception using
        errcode = 'PT409',
        constraint = 'orders_status_moves_forward',
        message = case
            when new.status = old.status then format('Order %s is %s already.', old.id, old.status)
            else format('Order %s is %s: it can''t become %s.', old.id, old.status, new.status)
        end;
end
$$;

ALTER FUNCTION app.orders_status_moves_forward() OWNER TO penstock_owner;

COMMENT ON FUNCTION app.orders_status_moves_forward() IS 'Trigger: an order''s status changes only in the ways that app.order_transitions lists.';

CREATE FUNCTION app.price_read(raw text) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    select case
        when price_read.raw ~ '^[+-]?[0-9]{1,6}([.][0-9]{0,2}0*)?$'
            then price_read.raw::numeric
    end
$_$;

ALTER FUNCTION app.price_read(raw text) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.price_read(raw text) IS 'The amount below a million, in pounds and whole pence, that a text says, or null: it never raises. A tenth of a penny is no amount: it could not be stored as it is.';

CREATE FUNCTION app.product_search(search text, price_from numeric, price_to numeric, is_active boolean, of_staff boolean) RETURNS SETOF api.product
    LANGUAGE sql STABLE
    AS $$
    select
        p.id, p.sku, p.name, p.description, p.price, p.stock, p.is_active, p.version, p.created_at,
        p.updated_at
    from app.products as p
    where (p.is_active or product_search.of_staff)
        and (product_search.is_active is null or p.is_active = product_search.is_active)
        and (product_search.price_from is null or p.price >= product_search.price_from)
        and (product_search.price_to is null or p.price <= product_search.price_to)
        and (
            product_search.search is null
            or p.search @@ app.search_query(product_search.search)
        )
$$;

ALTER FUNCTION app.product_search(search text, price_from numeric, price_to numeric, is_active boolean, of_staff boolean) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.product_search(search text, price_from numeric, price_to numeric, is_active boolean, of_staff boolean) IS 'The products that a list shows, in no order yet. PostgreSQL inlines it into api.product_list.';

CREATE FUNCTION app.retail_load(OUT loaded integer, OUT revenue numeric, OUT new_customers integer, OUT new_orders integer) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    insert into app.users (email, username)
    select 'retail-' || c.customer_no || '@customers.invalid', 'retail-' || c.customer_no
    from pg_temp.retail_customers as c
    where c.user_id is null
        and c.customer_no in (
            select l.customer_no from pg_temp.retail_lines as l where l.reason is null
        )
    order by c.customer_no;

    get diagnostics new_customers = row_count;

    -- Earlier files may have seen only later lines of an invoice that took two minutes to write.
    update app.orders as o
    set placed_at = i.placed_at
    from (
        select l.invoice_no, min(l.placed_at) as placed_at
        from pg_temp.retail_lines as l
        where l.reason is null
        group by l.invoice_no
    ) as i
    where o.source_invoice = i.invoice_no
        and o.placed_at > i.placed_at;

    insert into app.orders (user_id, status, country, total, placed_at, source_invoice)
    select coalesce(c.user_id, u.id), 'delivered', i.country, 0, i.placed_at, i.invoice_no
    from (
        select l.invoice_no, l.customer_no, l.country, min(l.placed_at) as placed_at
        from pg_temp.retail_lines as l
        where l.reason is null
        group by l.invoice_no, l.customer_no, l.country
    ) as i
    join pg_temp.retail_customers as c on c.customer_no = i.customer_no
    left join app.users as u on lower(u.username) = 'retail-' || i.customer_no
    where not exists (select from app.orders as o where o.source_invoice = i.invoice_no)
    order by i.placed_at, i.invoice_no;

    get diagnostics new_orders = row_count;

    with lines as (
        select
            l.line,
            o.id as order_id,
            p.id as product_id,
            l.quantity,
            l.unit_price,
            row_number() over (
                partition by o.id, p.id, l.quantity, l.unit_price
                order by l.line
            ) as occurrence
        from pg_temp.retail_lines as l
        join app.orders as o on o.source_invoice = l.invoice_no
        join app.products as p on p.sku = l.stock_code
        where l.reason is null
    ),
    known as (
        select l.order_id, l.product_id, l.quantity, l.unit_price, count(*) as occurrences
        from app.order_lines as l
        where l.order_id in (select n.order_id from lines as n)
        group by l.order_id, l.product_id, l.quantity, l.unit_price
    ),
    last as (
        select l.order_id, max(l.line_no) as line_no
        from app.order_lines as l
        where l.order_id in (select n.order_id from lines as n)
        group by l.order_id
    ),
    added as (
        insert into app.order_lines (order_id, line_no, product_id, quantity, unit_price)
        select
            l.order_id,
            coalesce(last.line_no, 0) + row_number() over (partition by l.order_id order by l.line),
            l.product_id,
            l.quantity,
            l.unit_price
        from lines as l
        left join known as k
            on (k.order_id, k.product_id, k.quantity, k.unit_price)
                = (l.order_id, l.product_id, l.quantity, l.unit_price)
        left join last on last.order_id = l.order_id
        where l.occurrence > coalesce(k.occurrences, 0)
        returning order_id, quantity * unit_price as amount
    ),
    sums as (
        select a.order_id, count(*) as lines, sum(a.amount) as amount
        from added as a
        group by a.order_id
    ),
    settled as (
        update app.orders as o
        set total = o.total + s.amount
        from sums as s
        where o.id = s.order_id
    )
    select coalesce(sum(s.lines), 0)::integer, coalesce(sum(s.amount), 0)
    into loaded, revenue
    from sums as s;
end
$$;

ALTER FUNCTION app.retail_load(OUT loaded integer, OUT revenue numeric, OUT new_customers integer, OUT new_orders integer) OWNER TO penstock_clerk;

COMMENT ON FUNCTION app.retail_load(OUT loaded integer, OUT revenue numeric, OUT new_customers integer, OUT new_orders integer) IS 'Turns the accepted lines of pg_temp.retail_lines into customers, orders and order lines, each once however often it comes.';

CREATE FUNCTION app.retail_reason(problem text, invoice_no text, stock_code text, quantity text, invoice_date text, unit_price text, customer_id text, country text) RETURNS app.reject_reason
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
    select case
        when problem is not null then 'unreadable'
        when invoice_no is null then 'invoice_missing'
        when invoice_no ilike 'C%' then 'cancellation'
        when length(invoice_no) > 40 then 'invoice_malformed'
        when stock_code ~ '^[0-9]{5}' is not true then 'stock_code_not_goods'
        when stock_code !~ '^[A-Za-z0-9._-]{5,40}$' then 'stock_code_malformed'
        when coalesce(app.integer_read(quantity), 1000001) > 1000000 then 'quantity_malformed'
        when app.integer_read(quantity) <= 0 then 'quantity_not_positive'
        when app.price_read(unit_price) is null then 'price_malformed'
        when app.price_read(unit_price) <= 0 then 'price_not_positive'
        when customer_id is null then 'customer_missing'
        when coalesce(app.integer_read(customer_id), 0) <= 0 then 'customer_malformed'
        when app.timestamp_read(invoice_date) is null then 'date_malformed'
        when length(country) <= 60 is not true then 'country_malformed'
    end::app.reject_reason
$_$;

ALTER FUNCTION app.retail_reason(problem text, invoice_no text, stock_code text, quantity text, invoice_date text, unit_price text, customer_id text, country text) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.retail_reason(problem text, invoice_no text, stock_code text, quantity text, invoice_date text, unit_price text, customer_id text, country text) IS 'Why a line of the retail file is rejected on its own account, or null.';

CREATE FUNCTION app.retail_stage() RETURNS void
    LANGUAGE plpgsql
    SET client_min_messages TO 'warning'
    AS $$
begin
    drop table if exists pg_temp.retail_lines, pg_temp.retail_customers;

    create temporary table retail_lines on commit drop as
    select
        t.line,
        t.invoice_no,
        t.stock_code,
        t.description,
        app.integer_read(t.quantity) as quantity,
        app.timestamp_read(t.invoice_date) as placed_at,
        app.price_read(t.unit_price) as unit_price,
        app.integer_read(t.customer_id) as customer_no,
        t.country,
        app.retail_reason(
            t.problem, t.invoice_no, t.stock_code, t.quantity,
            t.invoice_date, t.unit_price, t.customer_id, t.country
        ) as reason
    from (
        select
            b.line,
            b.problem,
            app.field_read(b.invoice_no) as invoice_no,
            app.field_read(b.stock_code) as stock_code,
            app.field_read(b.description) as description,
            app.field_read(b.quantity) as quantity,
            app.field_read(b.invoice_date) as invoice_date,
            app.field_read(b.unit_price) as unit_price,
            app.field_read(b.customer_id) as customer_id,
            app.field_read(b.country) as country
        from pg_temp.bulk_lines as b
        offset 0  -- read each field once, not once a mention
    ) as t;

    analyze pg_temp.retail_lines;

    create temporary table retail_customers on commit drop as
    with numbers as (
        select distinct l.customer_no
        from pg_temp.retail_lines as l
        where l.reason is null
    )
    select n.customer_no, c.user_id
    from numbers as n
    left join app.customer_find(array(select n.customer_no from numbers as n)) as c
        on c.number = n.customer_no;

    analyze pg_temp.retail_customers;

    -- An invoice belongs to the customer and the country of its order or, if it is new, of its
    -- first line; and its order must be able to hold its total.
    with invoices as (
        select
            l.invoice_no,
            (array_agg(l.customer_no order by l.line))[1] as customer_no,
            (array_agg(l.country order by l.line))[1] as country,
            sum(l.quantity * l.unit_price) as total
        from pg_temp.retail_lines as l
        where l.reason is null
        group by l.invoice_no
    ),
    verdicts as (
        select
            l.line,
            case
                when o.id is null and (l.customer_no, l.country) <> (i.customer_no, i.country)
                    then 'invoice_contradicts'
                when o.id is not null and (c.user_id, l.country) is distinct from (o.user_id, o.country::text)
                    then 'invoice_contradicts'
                when coalesce(o.total, 0) + i.total > 9999999999.99
                    then 'invoice_too_large'
            end::app.reject_reason as reason
        from pg_temp.retail_lines as l
        join invoices as i on i.invoice_no = l.invoice_no
        left join app.orders as o on o.source_invoice = l.invoice_no
        join pg_temp.retail_customers as c on c.customer_no = l.customer_no
        where l.reason is null
    )
    update pg_temp.retail_lines as l
    set reason = v.reason
    from verdicts as v
    where l.line = v.line
        and v.reason is not null;

    grant select on pg_temp.retail_lines, pg_temp.retail_customers to penstock_clerk;
end
$$;

ALTER FUNCTION app.retail_stage() OWNER TO penstock_owner;

COMMENT ON FUNCTION app.retail_stage() IS 'Reads pg_temp.bulk_lines into pg_temp.retail_lines, typed and each rejected line with its reason, and pg_temp.retail_customers.';

CREATE FUNCTION app.row_count_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    new.version := old.version + 1;

    return new;
end
$$;

ALTER FUNCTION app.row_count_version() OWNER TO penstock_owner;

COMMENT ON FUNCTION app.row_count_version() IS 'Trigger: counts the versions of a row, whoever writes it and whatever number they write.';

CREATE FUNCTION app.row_touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    new.updated_at := now();

    return new;
end
$$;

ALTER FUNCTION app.row_touch() OWNER TO penstock_owner;

COMMENT ON FUNCTION app.row_touch() IS 'Trigger: keeps updated_at, whoever writes the row.';

CREATE FUNCTION app.sales_block(day date) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select case
        when isfinite(sales_block.day)
            then sales_block.day - ((sales_block.day - date '2000-01-01') % 16 + 16) % 16
        else sales_block.day
    end
$$;

ALTER FUNCTION app.sales_block(day date) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.sales_block(day date) IS 'The first of the 16 days, counted from 2000-01-01, among which a day lies.';

CREATE FUNCTION app.sales_day(status app.order_status, placed_at timestamp with time zone) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select case
        when sales_day.status <> 'cancelled' then (sales_day.placed_at at time zone 'UTC')::date
    end
$$;

ALTER FUNCTION app.sales_day(status app.order_status, placed_at timestamp with time zone) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.sales_day(status app.order_status, placed_at timestamp with time zone) IS 'The day, in UTC, on which an order counts as a sale; null if it counts nowhere.';

CREATE FUNCTION app.sales_fold() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET jit TO 'off'
    SET enable_hashagg TO 'off'
    AS $$
begin
    -- One at a time, and nobody waits. The statement below must see what the one before has
    -- done, which a transaction's snapshot may be too old for.
    if current_setting('transaction_isolation') <> 'read committed'
        or not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('app.sales_fold', 0))
    then
        return;
    end if;

    with lines as materialized (
        select p.* from app.sales_pending as p
    ),
    starts as materialized (
        select p.* from app.sales_customers_pending as p
    ),
    moves as (
        delete from app.sales_moves
    ),
    line_changes as (
        delete from app.sales_line_changes
    ),
    orders as materialized (
        select
            l.day,
            l.country,
            case when sum(l.lines) > 0 then l.side else 0 end as orders,
            l.side * sum(l.units) as units,
            l.side * sum(l.revenue) as revenue
        from lines as l
        group by l.order_id, l.side, l.day, l.country
    ),
    days as (
        insert into app.sales_days as s (day, orders, units, revenue)
        select o.day, sum(o.orders), sum(o.units), sum(o.revenue)
        from orders as o
        group by o.day
        on conflict (day) do update
        set orders = s.orders + excluded.orders,
            units = s.units + excluded.units,
            revenue = s.revenue + excluded.revenue
    ),
    countries as (
        insert into app.sales_countries as s (day, country, orders, units, revenue)
        select o.day, o.country, sum(o.orders), sum(o.units), sum(o.revenue)
        from orders as o
        group by o.day, o.country
        order by o.day
        on conflict (day, country) do update
        set orders = s.orders + excluded.orders,
            units = s.units + excluded.units,
            revenue = s.revenue + excluded.revenue
    ),
    products as (
        insert into app.sales_products as s (product_id, day, units, revenue)
        select l.product_id, l.day, sum(l.side * l.units), sum(l.side * l.revenue)
        from lines as l
        group by l.product_id, l.day
        order by l.day
        on conflict (product_id, day) do update
        set units = s.units + excluded.units,
            revenue = s.revenue + excluded.revenue
    ),
    -- A ceiling has a tenth to spare. Those of products far from the best (the first 64) have
    -- more: half of what the last of these has.
    rooms as materialized (
        select b.block, (
            select s.ceiling / 2
            from app.sales_blocks as s
            where s.block = b.block
            order by s.ceiling desc
            offset 63
            limit 1
        ) as room
        from (select distinct app.sales_block(l.day) as block from lines as l) as b
    ),
    blocks as (
        insert into app.sales_blocks as s (product_id, block, units, revenue, ceiling)
        select
            l.product_id,
            r.block,
            sum(l.side * l.units),
            sum(l.side * l.revenue),
            greatest(sum(l.side * l.revenue) * 1.1, r.room, 0)
        from lines as l
        join rooms as r on r.block = app.sales_block(l.day)
        group by l.product_id, r.block, r.room
        on conflict (product_id, block) do update
        set units = s.units + excluded.units,
            revenue = s.revenue + excluded.revenue,
            ceiling = case
                when s.revenue + excluded.revenue <= s.ceiling then s.ceiling
                else greatest((s.revenue + excluded.revenue) * 1.1, excluded.ceiling)
            end
    ),
    gone as (
        delete from app.sales_customers as c
        using starts as s
        where s.user_id = c.user_id
            and s.ordered_on is null
    )
    insert into app.sales_customers as c (user_id, ordered_on, bought_on)
    select s.user_id, s.ordered_on, s.bought_on
    from starts as s
    where s.ordered_on is not null
    on conflict (user_id) do update
    set ordered_on = excluded.ordered_on,
        bought_on = excluded.bought_on
    where (c.ordered_on, c.bought_on) is distinct from (excluded.ordered_on, excluded.bought_on);
end
$$;

ALTER FUNCTION app.sales_fold() OWNER TO penstock_clerk;

COMMENT ON FUNCTION app.sales_fold() IS 'Brings the roll-ups up to date with what is pending, unless another transaction is at it. It changes no result.';

CREATE FUNCTION app.sales_fold_at_commit() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    -- Within another trigger if somebody has set all constraints immediate: see above.
    if pg_catalog.pg_trigger_depth() > 1
        or pg_catalog.current_setting('app.sales_are_folded', true) = 'yes'
    then
        return null;
    end if;

    perform app.sales_fold();
    perform pg_catalog.set_config('app.sales_are_folded', 'yes', true);

    return null;
end
$$;

ALTER FUNCTION app.sales_fold_at_commit() OWNER TO penstock_clerk;

COMMENT ON FUNCTION app.sales_fold_at_commit() IS 'Trigger: one note in 160 has its transaction fold at commit, once. So 27 orders are pending on average.';

CREATE FUNCTION app.sales_rebuild() RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    -- An older snapshot would miss what the locks waited for.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception using
            errcode = 'feature_not_supported',
            message = 'The roll-ups can be made anew only at isolation level read committed.';
    end if;

    lock table app.orders, app.order_lines in share mode;
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('app.sales_fold', 0));

    delete from app.sales_days;
    delete from app.sales_countries;
    delete from app.sales_products;
    delete from app.sales_blocks;
    delete from app.sales_customers;
    delete from app.sales_moves;
    delete from app.sales_line_changes;

    -- As if every order and every line had just come.
    insert into app.sales_moves (order_id, user_id, side, day, country)
    select o.id, o.user_id, 1, app.sales_day(o.status, o.placed_at), o.country
    from app.orders as o;

    insert into app.sales_line_changes (order_id, product_id, lines, units, revenue)
    select l.order_id, l.product_id, 1, l.quantity, l.quantity * l.unit_price
    from app.order_lines as l;

    perform app.sales_fold();
end
$$;

ALTER FUNCTION app.sales_rebuild() OWNER TO penstock_owner;

COMMENT ON FUNCTION app.sales_rebuild() IS 'Makes the roll-ups anew from the orders and their lines. Nobody writes orders meanwhile.';

CREATE TABLE app.sales_products (
    product_id bigint NOT NULL,
    day date NOT NULL,
    units bigint NOT NULL,
    revenue numeric NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY app.sales_products FORCE ROW LEVEL SECURITY;

ALTER TABLE app.sales_products OWNER TO penstock_owner;

COMMENT ON TABLE app.sales_products IS 'Roll-up: sales by product and day. Add app.sales_pending; rows without units mean nothing.';

COMMENT ON COLUMN app.sales_products.product_id IS 'The product.';

COMMENT ON COLUMN app.sales_products.day IS 'The day, in UTC.';

COMMENT ON COLUMN app.sales_products.units IS 'How many pieces were ordered, without cancelled orders.';

COMMENT ON COLUMN app.sales_products.revenue IS 'The sum of quantity times unit price.';

CREATE FUNCTION app.sales_top(first_day date, last_day date, pending app.sales_products[]) RETURNS api.dashboard_product[]
    LANGUAGE plpgsql STABLE
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
declare
    -- The whole blocks of the period begin here and end before that; single days are left.
    v_whole date := app.sales_block(sales_top.first_day + 15);
    v_rest date := app.sales_block(sales_top.last_day + 1);
    v_length integer := 40;
    v_top api.dashboard_product[];
    v_others numeric;
begin
    loop
        with lists as (
            select n as list, b.product_id, b.ceiling
            from generate_series(
                0, sales_top.last_day - app.sales_block(sales_top.first_day), 16
            ) as n
            cross join lateral (
                select b.product_id, b.ceiling
                from app.sales_blocks as b
                where b.block = app.sales_block(sales_top.first_day) + n
                order by b.ceiling desc
                limit v_length
            ) as b
            union all
            (
                select -1, p.product_id, p.revenue
                from unnest(sales_top.pending) as p
                where p.revenue > 0
                order by p.revenue desc
                limit v_length
            )
        ),
        ends as materialized (
            select
                l.list,
                array_agg(l.product_id) as products,
                array_agg(l.ceiling) as ceilings,
                count(*) = v_length as goes_on,
                case when count(*) = v_length then min(l.ceiling) else 0 end as last
            from lists as l
            group by l.list
        ),
        -- The row without a product stands for all that are on no list.
        ranks as materialized (
            select m.product_id, m.most, row_number() over (order by m.most desc) as place
            from (
                select l.product_id, sum(l.ceiling - e.last) + (select sum(e.last) from ends as e) as most
                from ends as e
                cross join lateral unnest(e.products, e.ceilings) as l (product_id, ceiling)
                group by l.product_id
                union all
                select null, sum(e.last)
                from ends as e
                having bool_or(e.goes_on)
            ) as m
        ),
        top as (
            select s.product_id, sum(s.units) as units, sum(s.revenue) as revenue
            from (
                select c.product_id, s.units, s.revenue
                from ranks as c
                cross join lateral (
                    select s.units, s.revenue
                    from app.sales_blocks as s
                    where s.product_id = c.product_id
                        and s.block >= v_whole
                        and s.block < v_rest
                    union all
                    select s.units, s.revenue
                    from app.sales_products as s
                    where s.product_id = c.product_id
                        and s.day between sales_top.first_day and least(v_whole - 1, sales_top.last_day)
                    union all
                    select s.units, s.revenue
                    from app.sales_products as s
                    where s.product_id = c.product_id
                        and s.day between greatest(v_whole, v_rest) and sales_top.last_day
                ) as s
                where c.place <= v_length
                union all
                select p.product_id, p.units, p.revenue
                from unnest(sales_top.pending) as p
            ) as s
            group by s.product_id
            having sum(s.units) > 0
            order by revenue desc, s.product_id
            limit 10
        )
        select
            array(
                select (t.product_id, p.sku, p.name, t.units, t.revenue)::api.dashboard_product
                from top as t
                join app.products as p on p.id = t.product_id
                order by t.revenue desc, t.product_id
            ),
            max(r.most) filter (where r.place > v_length)
        into v_top, v_others
        from ranks as r;

        exit when v_others is null or v_top[10].revenue > v_others;

        v_length := v_length * 2;
    end loop;

    return v_top;
end
$$;

ALTER FUNCTION app.sales_top(first_day date, last_day date, pending app.sales_products[]) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.sales_top(first_day date, last_day date, pending app.sales_products[]) IS 'The ten products with the highest revenue from a first day to a last, given what the roll-ups lack of each product.';

CREATE FUNCTION app.search_query(search text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    -- A minus before nothing negates nothing, but PostgreSQL keeps it for what may come, and fails
    -- at the 33rd ("tsquery stack too small").
    select websearch_to_tsquery('english', regexp_replace(search_query.search, '-(?!"?[[:alnum:]])', ' ', 'g'))
$$;

ALTER FUNCTION app.search_query(search text) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.search_query(search text) IS 'What people search for, as full-text search takes it; any text is a search, if only for nothing.';

CREATE FUNCTION app.stock_check(cart app.cart_line[]) RETURNS void
    LANGUAGE plpgsql STABLE
    AS $$
declare
    v_line record;
begin
    select c.product_id, p.name, p.stock, coalesce(p.is_active, false) as is_for_sale
    into v_line
    from unnest(stock_check.cart) as c
    left join app.products as p on p.id = c.product_id
    where p.id is null
        or not p.is_active
        or p.stock < c.quantity
    order by c.line_no
    limit 1;

    if not found then
        return;
    end if;

    if not v_line.is_for_sale then
        raise exception using
            errcode = 'PT409',
            constraint = 'orders_product_is_for_sale',
            message = format('Product %s is not for sale.', v_line.product_id);
    end if;

    raise exception using
        errcode = 'PT409',
        constraint = 'orders_stock_suffices',
        message = case v_line.stock
            when 0 then format('"%s" is sold out.', v_line.name)
            else format('Only %s of "%s" are left.', v_line.stock, v_line.name)
        end;
end
$$;

ALTER FUNCTION app.stock_check(cart app.cart_line[]) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.stock_check(cart app.cart_line[]) IS 'Raises if a line of a cart is not for sale, or asks for more than there is.';

CREATE FUNCTION app.stock_take(cart app.cart_line[]) RETURNS app.cart_line[]
    LANGUAGE plpgsql
    AS $$
declare
    v_taken app.cart_line[];
begin
    -- In the order of ids: carts with the same products wait for each other, never in a circle.
    perform
    from app.products as p
    where p.id in (select c.product_id from unnest(stock_take.cart) as c)
    order by p.id
    for no key update;

    -- A new statement sees what those it waited for have left.
    perform app.stock_check(stock_take.cart);

    with taken as (
        update app.products as p
        set stock = p.stock - c.quantity
        from unnest(stock_take.cart) as c
        where p.id = c.product_id
        returning c.line_no, c.product_id, c.quantity, p.price
    )
    select array_agg(
        row(t.line_no, t.product_id, t.quantity, t.price)::app.cart_line
        order by t.line_no
    )
    into v_taken
    from taken as t;

    return v_taken;
end
$$;

ALTER FUNCTION app.stock_take(cart app.cart_line[]) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.stock_take(cart app.cart_line[]) IS 'Takes the stock for every line of a cart, or raises why it can''t. Gives the lines with today''s prices.';

CREATE FUNCTION app.timestamp_read(raw text) RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
    select case
        when timestamp_read.raw !~ '^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$'
            then null
        when substr(timestamp_read.raw, 9, 2)::integer <= extract(
            day from (substr(timestamp_read.raw, 1, 8) || '01')::date + interval '1 month -1 day'
        )
            then timestamp_read.raw::timestamp at time zone 'UTC'
    end
$_$;

ALTER FUNCTION app.timestamp_read(raw text) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.timestamp_read(raw text) IS 'The moment, in UTC, that a text of the form YYYY-MM-DD HH:MM[:SS] says, or null: it never raises, not even for 30 February.';

CREATE FUNCTION app.users_admin_not_self() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if old.role = 'admin' and old.id = request.user_id()
        and (tg_op = 'DELETE' or not new.is_active or new.role <> 'admin')
    then
        raise exception using
            errcode = 'PT409',
            constraint = 'users_admin_not_self',
            message = 'An admin can''t demote, deactivate or delete their own account: another admin can.';
    end if;

    return coalesce(new, old);
end
$$;

ALTER FUNCTION app.users_admin_not_self() OWNER TO penstock_owner;

COMMENT ON FUNCTION app.users_admin_not_self() IS 'Trigger: no admin removes themselves, so there is always one left.';

CREATE FUNCTION app.welcome_mail(email app.email, username app.username) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    AS $$
    select jsonb_build_object(
        'to', welcome_mail.email,
        'subject', 'Welcome, ' || welcome_mail.username,
        'text', format(
            e'Hello %s,\n\nyour account is ready. You log in with this address.\n\nIf it was not you who registered, leave this mail alone.\n',
            welcome_mail.username
        )
    )
$$;

ALTER FUNCTION app.welcome_mail(email app.email, username app.username) OWNER TO penstock_owner;

COMMENT ON FUNCTION app.welcome_mail(email app.email, username app.username) IS 'What a new user is written, as the payload of a mail.';

CREATE FUNCTION audit.caller() RETURNS TABLE(login text, role text, subject text, session text, method text, path text)
    LANGUAGE sql STABLE ROWS 1
    AS $$
    select c.login, c.role, c.claims ->> 'sub', c.claims ->> 'sid', c.method, c.path
    from (
        select
            session_user::text as login,
            -- As request.role() says it: current_user is the auditor here.
            coalesce(nullif(current_setting('role'), 'none'), session_user) as role,
            -- Any login can set these settings, so those of others say nothing.
            case
                when session_user = 'authenticator'
                    then nullif(current_setting('request.jwt.claims', true), '')::jsonb
            end as claims,
            case
                when session_user = 'authenticator'
                    then nullif(current_setting('request.method', true), '')
            end as method,
            case
                when session_user = 'authenticator'
                    then nullif(current_setting('request.path', true), '')
            end as path
        offset 0  -- the claims are read once
    ) as c
$$;

ALTER FUNCTION audit.caller() OWNER TO penstock_owner;

COMMENT ON FUNCTION audit.caller() IS 'Who changes something: the login, the role in force, and, of the API''s login alone, whom the request''s token names.';

CREATE FUNCTION audit.changes_prune(before timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_rows bigint;
begin
    delete from audit.changes as c
    where c.at < changes_prune.before;

    get diagnostics v_rows = row_count;

    -- That something is missing, and who took it away, is recorded as well.
    if v_rows > 0 then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, before)
        select w.*, 'audit.changes', 'prune', jsonb_build_object('before', changes_prune.before, 'rows', v_rows)
        from audit.caller() as w;
    end if;

    return v_rows;
end
$$;

ALTER FUNCTION audit.changes_prune(before timestamp with time zone) OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.changes_prune(before timestamp with time zone) IS 'Deletes what was recorded before a moment, says how many rows, and records that. For the owner alone.';

CREATE FUNCTION audit.changes_stay() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    -- Nobody logs in as the auditor: it is inside audit.changes_prune().
    if tg_op = 'DELETE' and current_user = 'penstock_auditor' then
        return null;
    end if;

    raise exception using
        errcode = 'insufficient_privilege',
        message = format('What was recorded stays as it is: no %s on audit.changes.', tg_op),
        hint = 'audit.changes_prune(before) deletes what was recorded before a moment.';
end
$$;

ALTER FUNCTION audit.changes_stay() OWNER TO penstock_owner;

COMMENT ON FUNCTION audit.changes_stay() IS 'Trigger: refuses to change what was recorded, to the owner and superusers too.';

CREATE FUNCTION audit.record_app_analysts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'app.analysts', 'insert',
            jsonb_build_object('login', n.login),
            jsonb_build_object('login', n.login, 'countries', n.countries)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.analysts', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('login', n.login) as key,
            case when row(o.countries)::record *<> row(n.countries)::record then jsonb_build_object('countries', o.countries) else '{}' end as before,
            case when row(o.countries)::record *<> row(n.countries)::record then jsonb_build_object('countries', n.countries) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.login = o.login
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.login = o.login
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.analysts', 'update', r.key, r.before, r.after
        from (
            select case when o.login is null then jsonb_build_object('login', n.login) else jsonb_build_object('login', o.login) end as key,
            case when n.login is null then jsonb_build_object('login', o.login, 'countries', o.countries) when o.login is not null then case when row(o.countries)::record *<> row(n.countries)::record then jsonb_build_object('countries', o.countries) else '{}' end end as before,
            case when o.login is null then jsonb_build_object('login', n.login, 'countries', n.countries) when n.login is not null then case when row(o.countries)::record *<> row(n.countries)::record then jsonb_build_object('countries', n.countries) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.login = o.login
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'app.analysts', 'delete',
            jsonb_build_object('login', o.login),
            jsonb_build_object('login', o.login, 'countries', o.countries)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'app.analysts', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_app_analysts() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_app_analysts() IS 'Trigger, once a statement: records what was changed in app.analysts; written by audit.rows_record().';

CREATE FUNCTION audit.record_app_import_rejects() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'app.import_rejects', 'insert',
            jsonb_build_object('import_id', n.import_id, 'line', n.line),
            jsonb_build_object('import_id', n.import_id, 'line', n.line, 'reason', n.reason, 'problem', n.problem, 'raw', n.raw)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.import_rejects', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('import_id', n.import_id, 'line', n.line) as key,
            case when o.reason is distinct from n.reason then jsonb_build_object('reason', o.reason) else '{}' end
            || case when o.problem is distinct from n.problem then jsonb_build_object('problem', o.problem) else '{}' end
            || case when o.raw is distinct from n.raw then jsonb_build_object('raw', o.raw) else '{}' end as before,
            case when o.reason is distinct from n.reason then jsonb_build_object('reason', n.reason) else '{}' end
            || case when o.problem is distinct from n.problem then jsonb_build_object('problem', n.problem) else '{}' end
            || case when o.raw is distinct from n.raw then jsonb_build_object('raw', n.raw) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.import_id = o.import_id and n.line = o.line
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.import_id = o.import_id and n.line = o.line
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.import_rejects', 'update', r.key, r.before, r.after
        from (
            select case when o.import_id is null then jsonb_build_object('import_id', n.import_id, 'line', n.line) else jsonb_build_object('import_id', o.import_id, 'line', o.line) end as key,
            case when n.import_id is null then jsonb_build_object('import_id', o.import_id, 'line', o.line, 'reason', o.reason, 'problem', o.problem, 'raw', o.raw) when o.import_id is not null then case when o.reason is distinct from n.reason then jsonb_build_object('reason', o.reason) else '{}' end
            || case when o.problem is distinct from n.problem then jsonb_build_object('problem', o.problem) else '{}' end
            || case when o.raw is distinct from n.raw then jsonb_build_object('raw', o.raw) else '{}' end end as before,
            case when o.import_id is null then jsonb_build_object('import_id', n.import_id, 'line', n.line, 'reason', n.reason, 'problem', n.problem, 'raw', n.raw) when n.import_id is not null then case when o.reason is distinct from n.reason then jsonb_build_object('reason', n.reason) else '{}' end
            || case when o.problem is distinct from n.problem then jsonb_build_object('problem', n.problem) else '{}' end
            || case when o.raw is distinct from n.raw then jsonb_build_object('raw', n.raw) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.import_id = o.import_id and n.line = o.line
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'app.import_rejects', 'delete',
            jsonb_build_object('import_id', o.import_id, 'line', o.line),
            jsonb_build_object('import_id', o.import_id, 'line', o.line, 'reason', o.reason, 'problem', o.problem, 'raw', o.raw)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'app.import_rejects', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_app_import_rejects() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_app_import_rejects() IS 'Trigger, once a statement: records what was changed in app.import_rejects; written by audit.rows_record().';

CREATE FUNCTION audit.record_app_imports() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'app.imports', 'insert',
            jsonb_build_object('id', n.id),
            jsonb_build_object('id', n.id, 'made_by', n.made_by, 'made_at', n.made_at, 'lines', n.lines, 'loaded', n.loaded, 'unchanged', n.unchanged, 'rejected', n.rejected, 'revenue', n.revenue, 'new_customers', n.new_customers, 'new_products', n.new_products, 'new_orders', n.new_orders)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.imports', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('id', n.id) as key,
            case when o.made_by is distinct from n.made_by then jsonb_build_object('made_by', o.made_by) else '{}' end
            || case when o.made_at is distinct from n.made_at then jsonb_build_object('made_at', o.made_at) else '{}' end
            || case when o.lines is distinct from n.lines then jsonb_build_object('lines', o.lines) else '{}' end
            || case when o.loaded is distinct from n.loaded then jsonb_build_object('loaded', o.loaded) else '{}' end
            || case when o.unchanged is distinct from n.unchanged then jsonb_build_object('unchanged', o.unchanged) else '{}' end
            || case when o.rejected is distinct from n.rejected then jsonb_build_object('rejected', o.rejected) else '{}' end
            || case when row(o.revenue)::record *<> row(n.revenue)::record then jsonb_build_object('revenue', o.revenue) else '{}' end
            || case when o.new_customers is distinct from n.new_customers then jsonb_build_object('new_customers', o.new_customers) else '{}' end
            || case when o.new_products is distinct from n.new_products then jsonb_build_object('new_products', o.new_products) else '{}' end
            || case when o.new_orders is distinct from n.new_orders then jsonb_build_object('new_orders', o.new_orders) else '{}' end as before,
            case when o.made_by is distinct from n.made_by then jsonb_build_object('made_by', n.made_by) else '{}' end
            || case when o.made_at is distinct from n.made_at then jsonb_build_object('made_at', n.made_at) else '{}' end
            || case when o.lines is distinct from n.lines then jsonb_build_object('lines', n.lines) else '{}' end
            || case when o.loaded is distinct from n.loaded then jsonb_build_object('loaded', n.loaded) else '{}' end
            || case when o.unchanged is distinct from n.unchanged then jsonb_build_object('unchanged', n.unchanged) else '{}' end
            || case when o.rejected is distinct from n.rejected then jsonb_build_object('rejected', n.rejected) else '{}' end
            || case when row(o.revenue)::record *<> row(n.revenue)::record then jsonb_build_object('revenue', n.revenue) else '{}' end
            || case when o.new_customers is distinct from n.new_customers then jsonb_build_object('new_customers', n.new_customers) else '{}' end
            || case when o.new_products is distinct from n.new_products then jsonb_build_object('new_products', n.new_products) else '{}' end
            || case when o.new_orders is distinct from n.new_orders then jsonb_build_object('new_orders', n.new_orders) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.imports', 'update', r.key, r.before, r.after
        from (
            select case when o.id is null then jsonb_build_object('id', n.id) else jsonb_build_object('id', o.id) end as key,
            case when n.id is null then jsonb_build_object('id', o.id, 'made_by', o.made_by, 'made_at', o.made_at, 'lines', o.lines, 'loaded', o.loaded, 'unchanged', o.unchanged, 'rejected', o.rejected, 'revenue', o.revenue, 'new_customers', o.new_customers, 'new_products', o.new_products, 'new_orders', o.new_orders) when o.id is not null then case when o.made_by is distinct from n.made_by then jsonb_build_object('made_by', o.made_by) else '{}' end
            || case when o.made_at is distinct from n.made_at then jsonb_build_object('made_at', o.made_at) else '{}' end
            || case when o.lines is distinct from n.lines then jsonb_build_object('lines', o.lines) else '{}' end
            || case when o.loaded is distinct from n.loaded then jsonb_build_object('loaded', o.loaded) else '{}' end
            || case when o.unchanged is distinct from n.unchanged then jsonb_build_object('unchanged', o.unchanged) else '{}' end
            || case when o.rejected is distinct from n.rejected then jsonb_build_object('rejected', o.rejected) else '{}' end
            || case when row(o.revenue)::record *<> row(n.revenue)::record then jsonb_build_object('revenue', o.revenue) else '{}' end
            || case when o.new_customers is distinct from n.new_customers then jsonb_build_object('new_customers', o.new_customers) else '{}' end
            || case when o.new_products is distinct from n.new_products then jsonb_build_object('new_products', o.new_products) else '{}' end
            || case when o.new_orders is distinct from n.new_orders then jsonb_build_object('new_orders', o.new_orders) else '{}' end end as before,
            case when o.id is null then jsonb_build_object('id', n.id, 'made_by', n.made_by, 'made_at', n.made_at, 'lines', n.lines, 'loaded', n.loaded, 'unchanged', n.unchanged, 'rejected', n.rejected, 'revenue', n.revenue, 'new_customers', n.new_customers, 'new_products', n.new_products, 'new_orders', n.new_orders) when n.id is not null then case when o.made_by is distinct from n.made_by then jsonb_build_object('made_by', n.made_by) else '{}' end
            || case when o.made_at is distinct from n.made_at then jsonb_build_object('made_at', n.made_at) else '{}' end
            || case when o.lines is distinct from n.lines then jsonb_build_object('lines', n.lines) else '{}' end
            || case when o.loaded is distinct from n.loaded then jsonb_build_object('loaded', n.loaded) else '{}' end
            || case when o.unchanged is distinct from n.unchanged then jsonb_build_object('unchanged', n.unchanged) else '{}' end
            || case when o.rejected is distinct from n.rejected then jsonb_build_object('rejected', n.rejected) else '{}' end
            || case when row(o.revenue)::record *<> row(n.revenue)::record then jsonb_build_object('revenue', n.revenue) else '{}' end
            || case when o.new_customers is distinct from n.new_customers then jsonb_build_object('new_customers', n.new_customers) else '{}' end
            || case when o.new_products is distinct from n.new_products then jsonb_build_object('new_products', n.new_products) else '{}' end
            || case when o.new_orders is distinct from n.new_orders then jsonb_build_object('new_orders', n.new_orders) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.id = o.id
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'app.imports', 'delete',
            jsonb_build_object('id', o.id),
            jsonb_build_object('id', o.id, 'made_by', o.made_by, 'made_at', o.made_at, 'lines', o.lines, 'loaded', o.loaded, 'unchanged', o.unchanged, 'rejected', o.rejected, 'revenue', o.revenue, 'new_customers', o.new_customers, 'new_products', o.new_products, 'new_orders', o.new_orders)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'app.imports', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_app_imports() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_app_imports() IS 'Trigger, once a statement: records what was changed in app.imports; written by audit.rows_record().';

CREATE FUNCTION audit.record_app_order_lines() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'app.order_lines', 'insert',
            jsonb_build_object('order_id', n.order_id, 'line_no', n.line_no),
            jsonb_build_object('order_id', n.order_id, 'line_no', n.line_no, 'product_id', n.product_id, 'quantity', n.quantity, 'unit_price', n.unit_price)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.order_lines', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('order_id', n.order_id, 'line_no', n.line_no) as key,
            case when o.product_id is distinct from n.product_id then jsonb_build_object('product_id', o.product_id) else '{}' end
            || case when o.quantity is distinct from n.quantity then jsonb_build_object('quantity', o.quantity) else '{}' end
            || case when row(o.unit_price)::record *<> row(n.unit_price)::record then jsonb_build_object('unit_price', o.unit_price) else '{}' end as before,
            case when o.product_id is distinct from n.product_id then jsonb_build_object('product_id', n.product_id) else '{}' end
            || case when o.quantity is distinct from n.quantity then jsonb_build_object('quantity', n.quantity) else '{}' end
            || case when row(o.unit_price)::record *<> row(n.unit_price)::record then jsonb_build_object('unit_price', n.unit_price) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.order_id = o.order_id and n.line_no = o.line_no
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.order_id = o.order_id and n.line_no = o.line_no
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.order_lines', 'update', r.key, r.before, r.after
        from (
            select case when o.order_id is null then jsonb_build_object('order_id', n.order_id, 'line_no', n.line_no) else jsonb_build_object('order_id', o.order_id, 'line_no', o.line_no) end as key,
            case when n.order_id is null then jsonb_build_object('order_id', o.order_id, 'line_no', o.line_no, 'product_id', o.product_id, 'quantity', o.quantity, 'unit_price', o.unit_price) when o.order_id is not null then case when o.product_id is distinct from n.product_id then jsonb_build_object('product_id', o.product_id) else '{}' end
            || case when o.quantity is distinct from n.quantity then jsonb_build_object('quantity', o.quantity) else '{}' end
            || case when row(o.unit_price)::record *<> row(n.unit_price)::record then jsonb_build_object('unit_price', o.unit_price) else '{}' end end as before,
            case when o.order_id is null then jsonb_build_object('order_id', n.order_id, 'line_no', n.line_no, 'product_id', n.product_id, 'quantity', n.quantity, 'unit_price', n.unit_price) when n.order_id is not null then case when o.product_id is distinct from n.product_id then jsonb_build_object('product_id', n.product_id) else '{}' end
            || case when o.quantity is distinct from n.quantity then jsonb_build_object('quantity', n.quantity) else '{}' end
            || case when row(o.unit_price)::record *<> row(n.unit_price)::record then jsonb_build_object('unit_price', n.unit_price) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.order_id = o.order_id and n.line_no = o.line_no
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'app.order_lines', 'delete',
            jsonb_build_object('order_id', o.order_id, 'line_no', o.line_no),
            jsonb_build_object('order_id', o.order_id, 'line_no', o.line_no, 'product_id', o.product_id, 'quantity', o.quantity, 'unit_price', o.unit_price)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'app.order_lines', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_app_order_lines() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_app_order_lines() IS 'Trigger, once a statement: records what was changed in app.order_lines; written by audit.rows_record().';

CREATE FUNCTION audit.record_app_order_transitions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'app.order_transitions', 'insert',
            jsonb_build_object('from_status', n.from_status, 'to_status', n.to_status),
            jsonb_build_object('from_status', n.from_status, 'to_status', n.to_status)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.order_transitions', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('from_status', n.from_status, 'to_status', n.to_status) as key,
            '{}'::jsonb as before,
            '{}'::jsonb as after
            from new_rows as n
            cross join old_rows as o
            where n.from_status = o.from_status and n.to_status = o.to_status
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.from_status = o.from_status and n.to_status = o.to_status
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.order_transitions', 'update', r.key, r.before, r.after
        from (
            select case when o.from_status is null then jsonb_build_object('from_status', n.from_status, 'to_status', n.to_status) else jsonb_build_object('from_status', o.from_status, 'to_status', o.to_status) end as key,
            case when n.from_status is null then jsonb_build_object('from_status', o.from_status, 'to_status', o.to_status) when o.from_status is not null then '{}'::jsonb end as before,
            case when o.from_status is null then jsonb_build_object('from_status', n.from_status, 'to_status', n.to_status) when n.from_status is not null then '{}'::jsonb end as after
            from new_rows as n
            full join old_rows as o on n.from_status = o.from_status and n.to_status = o.to_status
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'app.order_transitions', 'delete',
            jsonb_build_object('from_status', o.from_status, 'to_status', o.to_status),
            jsonb_build_object('from_status', o.from_status, 'to_status', o.to_status)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'app.order_transitions', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_app_order_transitions() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_app_order_transitions() IS 'Trigger, once a statement: records what was changed in app.order_transitions; written by audit.rows_record().';

CREATE FUNCTION audit.record_app_orders() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'app.orders', 'insert',
            jsonb_build_object('id', n.id),
            jsonb_build_object('id', n.id, 'user_id', n.user_id, 'status', n.status, 'country', n.country, 'total', n.total, 'placed_at', n.placed_at, 'source_invoice', n.source_invoice)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.orders', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('id', n.id) as key,
            case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', o.user_id) else '{}' end
            || case when o.status is distinct from n.status then jsonb_build_object('status', o.status) else '{}' end
            || case when o.country is distinct from n.country then jsonb_build_object('country', o.country) else '{}' end
            || case when row(o.total)::record *<> row(n.total)::record then jsonb_build_object('total', o.total) else '{}' end
            || case when o.placed_at is distinct from n.placed_at then jsonb_build_object('placed_at', o.placed_at) else '{}' end
            || case when o.source_invoice is distinct from n.source_invoice then jsonb_build_object('source_invoice', o.source_invoice) else '{}' end as before,
            case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', n.user_id) else '{}' end
            || case when o.status is distinct from n.status then jsonb_build_object('status', n.status) else '{}' end
            || case when o.country is distinct from n.country then jsonb_build_object('country', n.country) else '{}' end
            || case when row(o.total)::record *<> row(n.total)::record then jsonb_build_object('total', n.total) else '{}' end
            || case when o.placed_at is distinct from n.placed_at then jsonb_build_object('placed_at', n.placed_at) else '{}' end
            || case when o.source_invoice is distinct from n.source_invoice then jsonb_build_object('source_invoice', n.source_invoice) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.orders', 'update', r.key, r.before, r.after
        from (
            select case when o.id is null then jsonb_build_object('id', n.id) else jsonb_build_object('id', o.id) end as key,
            case when n.id is null then jsonb_build_object('id', o.id, 'user_id', o.user_id, 'status', o.status, 'country', o.country, 'total', o.total, 'placed_at', o.placed_at, 'source_invoice', o.source_invoice) when o.id is not null then case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', o.user_id) else '{}' end
            || case when o.status is distinct from n.status then jsonb_build_object('status', o.status) else '{}' end
            || case when o.country is distinct from n.country then jsonb_build_object('country', o.country) else '{}' end
            || case when row(o.total)::record *<> row(n.total)::record then jsonb_build_object('total', o.total) else '{}' end
            || case when o.placed_at is distinct from n.placed_at then jsonb_build_object('placed_at', o.placed_at) else '{}' end
            || case when o.source_invoice is distinct from n.source_invoice then jsonb_build_object('source_invoice', o.source_invoice) else '{}' end end as before,
            case when o.id is null then jsonb_build_object('id', n.id, 'user_id', n.user_id, 'status', n.status, 'country', n.country, 'total', n.total, 'placed_at', n.placed_at, 'source_invoice', n.source_invoice) when n.id is not null then case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', n.user_id) else '{}' end
            || case when o.status is distinct from n.status then jsonb_build_object('status', n.status) else '{}' end
            || case when o.country is distinct from n.country then jsonb_build_object('country', n.country) else '{}' end
            || case when row(o.total)::record *<> row(n.total)::record then jsonb_build_object('total', n.total) else '{}' end
            || case when o.placed_at is distinct from n.placed_at then jsonb_build_object('placed_at', n.placed_at) else '{}' end
            || case when o.source_invoice is distinct from n.source_invoice then jsonb_build_object('source_invoice', n.source_invoice) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.id = o.id
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'app.orders', 'delete',
            jsonb_build_object('id', o.id),
            jsonb_build_object('id', o.id, 'user_id', o.user_id, 'status', o.status, 'country', o.country, 'total', o.total, 'placed_at', o.placed_at, 'source_invoice', o.source_invoice)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'app.orders', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_app_orders() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_app_orders() IS 'Trigger, once a statement: records what was changed in app.orders; written by audit.rows_record().';

CREATE FUNCTION audit.record_app_posts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'app.posts', 'insert',
            jsonb_build_object('id', n.id),
            jsonb_build_object('id', n.id, 'author_id', n.author_id, 'title', n.title, 'body', n.body, 'published_at', n.published_at, 'created_at', n.created_at)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.posts', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('id', n.id) as key,
            case when o.author_id is distinct from n.author_id then jsonb_build_object('author_id', o.author_id) else '{}' end
            || case when o.title is distinct from n.title then jsonb_build_object('title', o.title) else '{}' end
            || case when o.body is distinct from n.body then jsonb_build_object('body', o.body) else '{}' end
            || case when o.published_at is distinct from n.published_at then jsonb_build_object('published_at', o.published_at) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', o.created_at) else '{}' end as before,
            case when o.author_id is distinct from n.author_id then jsonb_build_object('author_id', n.author_id) else '{}' end
            || case when o.title is distinct from n.title then jsonb_build_object('title', n.title) else '{}' end
            || case when o.body is distinct from n.body then jsonb_build_object('body', n.body) else '{}' end
            || case when o.published_at is distinct from n.published_at then jsonb_build_object('published_at', n.published_at) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', n.created_at) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.posts', 'update', r.key, r.before, r.after
        from (
            select case when o.id is null then jsonb_build_object('id', n.id) else jsonb_build_object('id', o.id) end as key,
            case when n.id is null then jsonb_build_object('id', o.id, 'author_id', o.author_id, 'title', o.title, 'body', o.body, 'published_at', o.published_at, 'created_at', o.created_at) when o.id is not null then case when o.author_id is distinct from n.author_id then jsonb_build_object('author_id', o.author_id) else '{}' end
            || case when o.title is distinct from n.title then jsonb_build_object('title', o.title) else '{}' end
            || case when o.body is distinct from n.body then jsonb_build_object('body', o.body) else '{}' end
            || case when o.published_at is distinct from n.published_at then jsonb_build_object('published_at', o.published_at) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', o.created_at) else '{}' end end as before,
            case when o.id is null then jsonb_build_object('id', n.id, 'author_id', n.author_id, 'title', n.title, 'body', n.body, 'published_at', n.published_at, 'created_at', n.created_at) when n.id is not null then case when o.author_id is distinct from n.author_id then jsonb_build_object('author_id', n.author_id) else '{}' end
            || case when o.title is distinct from n.title then jsonb_build_object('title', n.title) else '{}' end
            || case when o.body is distinct from n.body then jsonb_build_object('body', n.body) else '{}' end
            || case when o.published_at is distinct from n.published_at then jsonb_build_object('published_at', n.published_at) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', n.created_at) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.id = o.id
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'app.posts', 'delete',
            jsonb_build_object('id', o.id),
            jsonb_build_object('id', o.id, 'author_id', o.author_id, 'title', o.title, 'body', o.body, 'published_at', o.published_at, 'created_at', o.created_at)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'app.posts', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_app_posts() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_app_posts() IS 'Trigger, once a statement: records what was changed in app.posts; written by audit.rows_record().';

CREATE FUNCTION audit.record_app_products() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'app.products', 'insert',
            jsonb_build_object('id', n.id),
            jsonb_build_object('id', n.id, 'sku', n.sku, 'name', n.name, 'description', n.description, 'price', n.price, 'stock', n.stock, 'is_active', n.is_active, 'version', n.version, 'created_at', n.created_at)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.products', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('id', n.id) as key,
            case when o.sku is distinct from n.sku then jsonb_build_object('sku', o.sku) else '{}' end
            || case when o.name is distinct from n.name then jsonb_build_object('name', o.name) else '{}' end
            || case when o.description is distinct from n.description then jsonb_build_object('description', o.description) else '{}' end
            || case when row(o.price)::record *<> row(n.price)::record then jsonb_build_object('price', o.price) else '{}' end
            || case when o.stock is distinct from n.stock then jsonb_build_object('stock', o.stock) else '{}' end
            || case when o.is_active is distinct from n.is_active then jsonb_build_object('is_active', o.is_active) else '{}' end
            || case when o.version is distinct from n.version then jsonb_build_object('version', o.version) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', o.created_at) else '{}' end as before,
            case when o.sku is distinct from n.sku then jsonb_build_object('sku', n.sku) else '{}' end
            || case when o.name is distinct from n.name then jsonb_build_object('name', n.name) else '{}' end
            || case when o.description is distinct from n.description then jsonb_build_object('description', n.description) else '{}' end
            || case when row(o.price)::record *<> row(n.price)::record then jsonb_build_object('price', n.price) else '{}' end
            || case when o.stock is distinct from n.stock then jsonb_build_object('stock', n.stock) else '{}' end
            || case when o.is_active is distinct from n.is_active then jsonb_build_object('is_active', n.is_active) else '{}' end
            || case when o.version is distinct from n.version then jsonb_build_object('version', n.version) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', n.created_at) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.products', 'update', r.key, r.before, r.after
        from (
            select case when o.id is null then jsonb_build_object('id', n.id) else jsonb_build_object('id', o.id) end as key,
            case when n.id is null then jsonb_build_object('id', o.id, 'sku', o.sku, 'name', o.name, 'description', o.description, 'price', o.price, 'stock', o.stock, 'is_active', o.is_active, 'version', o.version, 'created_at', o.created_at) when o.id is not null then case when o.sku is distinct from n.sku then jsonb_build_object('sku', o.sku) else '{}' end
            || case when o.name is distinct from n.name then jsonb_build_object('name', o.name) else '{}' end
            || case when o.description is distinct from n.description then jsonb_build_object('description', o.description) else '{}' end
            || case when row(o.price)::record *<> row(n.price)::record then jsonb_build_object('price', o.price) else '{}' end
            || case when o.stock is distinct from n.stock then jsonb_build_object('stock', o.stock) else '{}' end
            || case when o.is_active is distinct from n.is_active then jsonb_build_object('is_active', o.is_active) else '{}' end
            || case when o.version is distinct from n.version then jsonb_build_object('version', o.version) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', o.created_at) else '{}' end end as before,
            case when o.id is null then jsonb_build_object('id', n.id, 'sku', n.sku, 'name', n.name, 'description', n.description, 'price', n.price, 'stock', n.stock, 'is_active', n.is_active, 'version', n.version, 'created_at', n.created_at) when n.id is not null then case when o.sku is distinct from n.sku then jsonb_build_object('sku', n.sku) else '{}' end
            || case when o.name is distinct from n.name then jsonb_build_object('name', n.name) else '{}' end
            || case when o.description is distinct from n.description then jsonb_build_object('description', n.description) else '{}' end
            || case when row(o.price)::record *<> row(n.price)::record then jsonb_build_object('price', n.price) else '{}' end
            || case when o.stock is distinct from n.stock then jsonb_build_object('stock', n.stock) else '{}' end
            || case when o.is_active is distinct from n.is_active then jsonb_build_object('is_active', n.is_active) else '{}' end
            || case when o.version is distinct from n.version then jsonb_build_object('version', n.version) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', n.created_at) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.id = o.id
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'app.products', 'delete',
            jsonb_build_object('id', o.id),
            jsonb_build_object('id', o.id, 'sku', o.sku, 'name', o.name, 'description', o.description, 'price', o.price, 'stock', o.stock, 'is_active', o.is_active, 'version', o.version, 'created_at', o.created_at)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'app.products', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_app_products() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_app_products() IS 'Trigger, once a statement: records what was changed in app.products; written by audit.rows_record().';

CREATE FUNCTION audit.record_app_users() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'app.users', 'insert',
            jsonb_build_object('id', n.id),
            jsonb_build_object('id', n.id, 'email', n.email, 'username', n.username, 'full_name', n.full_name, 'role', n.role, 'is_active', n.is_active, 'created_at', n.created_at)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.users', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('id', n.id) as key,
            case when o.email is distinct from n.email then jsonb_build_object('email', o.email) else '{}' end
            || case when o.username is distinct from n.username then jsonb_build_object('username', o.username) else '{}' end
            || case when o.full_name is distinct from n.full_name then jsonb_build_object('full_name', o.full_name) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', o.role) else '{}' end
            || case when o.is_active is distinct from n.is_active then jsonb_build_object('is_active', o.is_active) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', o.created_at) else '{}' end as before,
            case when o.email is distinct from n.email then jsonb_build_object('email', n.email) else '{}' end
            || case when o.username is distinct from n.username then jsonb_build_object('username', n.username) else '{}' end
            || case when o.full_name is distinct from n.full_name then jsonb_build_object('full_name', n.full_name) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', n.role) else '{}' end
            || case when o.is_active is distinct from n.is_active then jsonb_build_object('is_active', n.is_active) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', n.created_at) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'app.users', 'update', r.key, r.before, r.after
        from (
            select case when o.id is null then jsonb_build_object('id', n.id) else jsonb_build_object('id', o.id) end as key,
            case when n.id is null then jsonb_build_object('id', o.id, 'email', o.email, 'username', o.username, 'full_name', o.full_name, 'role', o.role, 'is_active', o.is_active, 'created_at', o.created_at) when o.id is not null then case when o.email is distinct from n.email then jsonb_build_object('email', o.email) else '{}' end
            || case when o.username is distinct from n.username then jsonb_build_object('username', o.username) else '{}' end
            || case when o.full_name is distinct from n.full_name then jsonb_build_object('full_name', o.full_name) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', o.role) else '{}' end
            || case when o.is_active is distinct from n.is_active then jsonb_build_object('is_active', o.is_active) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', o.created_at) else '{}' end end as before,
            case when o.id is null then jsonb_build_object('id', n.id, 'email', n.email, 'username', n.username, 'full_name', n.full_name, 'role', n.role, 'is_active', n.is_active, 'created_at', n.created_at) when n.id is not null then case when o.email is distinct from n.email then jsonb_build_object('email', n.email) else '{}' end
            || case when o.username is distinct from n.username then jsonb_build_object('username', n.username) else '{}' end
            || case when o.full_name is distinct from n.full_name then jsonb_build_object('full_name', n.full_name) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', n.role) else '{}' end
            || case when o.is_active is distinct from n.is_active then jsonb_build_object('is_active', n.is_active) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', n.created_at) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.id = o.id
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'app.users', 'delete',
            jsonb_build_object('id', o.id),
            jsonb_build_object('id', o.id, 'email', o.email, 'username', o.username, 'full_name', o.full_name, 'role', o.role, 'is_active', o.is_active, 'created_at', o.created_at)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'app.users', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_app_users() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_app_users() IS 'Trigger, once a statement: records what was changed in app.users; written by audit.rows_record().';

CREATE FUNCTION audit.record_auth_api_keys() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'auth.api_keys', 'insert',
            jsonb_build_object('id', n.id),
            jsonb_build_object('id', n.id, 'user_id', n.user_id, 'name', n.name, 'role', n.role, 'key_hash', case when n.key_hash is not null then '(secret)' end, 'quota', n.quota, 'created_at', n.created_at, 'expires_at', n.expires_at, 'revoked_at', n.revoked_at)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'auth.api_keys', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('id', n.id) as key,
            case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', o.user_id) else '{}' end
            || case when o.name is distinct from n.name then jsonb_build_object('name', o.name) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', o.role) else '{}' end
            || case when o.key_hash is distinct from n.key_hash then jsonb_build_object('key_hash', case when o.key_hash is not null then '(secret)' end) else '{}' end
            || case when o.quota is distinct from n.quota then jsonb_build_object('quota', o.quota) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', o.created_at) else '{}' end
            || case when o.expires_at is distinct from n.expires_at then jsonb_build_object('expires_at', o.expires_at) else '{}' end
            || case when o.revoked_at is distinct from n.revoked_at then jsonb_build_object('revoked_at', o.revoked_at) else '{}' end as before,
            case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', n.user_id) else '{}' end
            || case when o.name is distinct from n.name then jsonb_build_object('name', n.name) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', n.role) else '{}' end
            || case when o.key_hash is distinct from n.key_hash then jsonb_build_object('key_hash', case when n.key_hash is not null then '(secret)' end) else '{}' end
            || case when o.quota is distinct from n.quota then jsonb_build_object('quota', n.quota) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', n.created_at) else '{}' end
            || case when o.expires_at is distinct from n.expires_at then jsonb_build_object('expires_at', n.expires_at) else '{}' end
            || case when o.revoked_at is distinct from n.revoked_at then jsonb_build_object('revoked_at', n.revoked_at) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'auth.api_keys', 'update', r.key, r.before, r.after
        from (
            select case when o.id is null then jsonb_build_object('id', n.id) else jsonb_build_object('id', o.id) end as key,
            case when n.id is null then jsonb_build_object('id', o.id, 'user_id', o.user_id, 'name', o.name, 'role', o.role, 'key_hash', case when o.key_hash is not null then '(secret)' end, 'quota', o.quota, 'created_at', o.created_at, 'expires_at', o.expires_at, 'revoked_at', o.revoked_at) when o.id is not null then case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', o.user_id) else '{}' end
            || case when o.name is distinct from n.name then jsonb_build_object('name', o.name) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', o.role) else '{}' end
            || case when o.key_hash is distinct from n.key_hash then jsonb_build_object('key_hash', case when o.key_hash is not null then '(secret)' end) else '{}' end
            || case when o.quota is distinct from n.quota then jsonb_build_object('quota', o.quota) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', o.created_at) else '{}' end
            || case when o.expires_at is distinct from n.expires_at then jsonb_build_object('expires_at', o.expires_at) else '{}' end
            || case when o.revoked_at is distinct from n.revoked_at then jsonb_build_object('revoked_at', o.revoked_at) else '{}' end end as before,
            case when o.id is null then jsonb_build_object('id', n.id, 'user_id', n.user_id, 'name', n.name, 'role', n.role, 'key_hash', case when n.key_hash is not null then '(secret)' end, 'quota', n.quota, 'created_at', n.created_at, 'expires_at', n.expires_at, 'revoked_at', n.revoked_at) when n.id is not null then case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', n.user_id) else '{}' end
            || case when o.name is distinct from n.name then jsonb_build_object('name', n.name) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', n.role) else '{}' end
            || case when o.key_hash is distinct from n.key_hash then jsonb_build_object('key_hash', case when n.key_hash is not null then '(secret)' end) else '{}' end
            || case when o.quota is distinct from n.quota then jsonb_build_object('quota', n.quota) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', n.created_at) else '{}' end
            || case when o.expires_at is distinct from n.expires_at then jsonb_build_object('expires_at', n.expires_at) else '{}' end
            || case when o.revoked_at is distinct from n.revoked_at then jsonb_build_object('revoked_at', n.revoked_at) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.id = o.id
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'auth.api_keys', 'delete',
            jsonb_build_object('id', o.id),
            jsonb_build_object('id', o.id, 'user_id', o.user_id, 'name', o.name, 'role', o.role, 'key_hash', case when o.key_hash is not null then '(secret)' end, 'quota', o.quota, 'created_at', o.created_at, 'expires_at', o.expires_at, 'revoked_at', o.revoked_at)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'auth.api_keys', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_auth_api_keys() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_auth_api_keys() IS 'Trigger, once a statement: records what was changed in auth.api_keys; written by audit.rows_record().';

CREATE FUNCTION audit.record_auth_credentials() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'auth.credentials', 'insert',
            jsonb_build_object('user_id', n.user_id),
            jsonb_build_object('user_id', n.user_id, 'password_hash', case when n.password_hash is not null then '(secret)' end, 'changed_at', n.changed_at)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'auth.credentials', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('user_id', n.user_id) as key,
            case when o.password_hash is distinct from n.password_hash then jsonb_build_object('password_hash', case when o.password_hash is not null then '(secret)' end) else '{}' end
            || case when o.changed_at is distinct from n.changed_at then jsonb_build_object('changed_at', o.changed_at) else '{}' end as before,
            case when o.password_hash is distinct from n.password_hash then jsonb_build_object('password_hash', case when n.password_hash is not null then '(secret)' end) else '{}' end
            || case when o.changed_at is distinct from n.changed_at then jsonb_build_object('changed_at', n.changed_at) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.user_id = o.user_id
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.user_id = o.user_id
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'auth.credentials', 'update', r.key, r.before, r.after
        from (
            select case when o.user_id is null then jsonb_build_object('user_id', n.user_id) else jsonb_build_object('user_id', o.user_id) end as key,
            case when n.user_id is null then jsonb_build_object('user_id', o.user_id, 'password_hash', case when o.password_hash is not null then '(secret)' end, 'changed_at', o.changed_at) when o.user_id is not null then case when o.password_hash is distinct from n.password_hash then jsonb_build_object('password_hash', case when o.password_hash is not null then '(secret)' end) else '{}' end
            || case when o.changed_at is distinct from n.changed_at then jsonb_build_object('changed_at', o.changed_at) else '{}' end end as before,
            case when o.user_id is null then jsonb_build_object('user_id', n.user_id, 'password_hash', case when n.password_hash is not null then '(secret)' end, 'changed_at', n.changed_at) when n.user_id is not null then case when o.password_hash is distinct from n.password_hash then jsonb_build_object('password_hash', case when n.password_hash is not null then '(secret)' end) else '{}' end
            || case when o.changed_at is distinct from n.changed_at then jsonb_build_object('changed_at', n.changed_at) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.user_id = o.user_id
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'auth.credentials', 'delete',
            jsonb_build_object('user_id', o.user_id),
            jsonb_build_object('user_id', o.user_id, 'password_hash', case when o.password_hash is not null then '(secret)' end, 'changed_at', o.changed_at)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'auth.credentials', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_auth_credentials() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_auth_credentials() IS 'Trigger, once a statement: records what was changed in auth.credentials; written by audit.rows_record().';

CREATE FUNCTION audit.record_auth_devices() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'auth.devices', 'insert',
            jsonb_build_object('token_hash', encode(sha256(convert_to(n.token_hash::text, 'UTF8')), 'hex')),
            jsonb_build_object('token_hash', case when n.token_hash is not null then '(secret)' end, 'user_id', n.user_id)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'auth.devices', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('token_hash', encode(sha256(convert_to(n.token_hash::text, 'UTF8')), 'hex')) as key,
            case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', o.user_id) else '{}' end as before,
            case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', n.user_id) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.token_hash = o.token_hash
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.token_hash = o.token_hash
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'auth.devices', 'update', r.key, r.before, r.after
        from (
            select case when o.token_hash is null then jsonb_build_object('token_hash', encode(sha256(convert_to(n.token_hash::text, 'UTF8')), 'hex')) else jsonb_build_object('token_hash', encode(sha256(convert_to(o.token_hash::text, 'UTF8')), 'hex')) end as key,
            case when n.token_hash is null then jsonb_build_object('token_hash', case when o.token_hash is not null then '(secret)' end, 'user_id', o.user_id) when o.token_hash is not null then case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', o.user_id) else '{}' end end as before,
            case when o.token_hash is null then jsonb_build_object('token_hash', case when n.token_hash is not null then '(secret)' end, 'user_id', n.user_id) when n.token_hash is not null then case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', n.user_id) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.token_hash = o.token_hash
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'auth.devices', 'delete',
            jsonb_build_object('token_hash', encode(sha256(convert_to(o.token_hash::text, 'UTF8')), 'hex')),
            jsonb_build_object('token_hash', case when o.token_hash is not null then '(secret)' end, 'user_id', o.user_id)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'auth.devices', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_auth_devices() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_auth_devices() IS 'Trigger, once a statement: records what was changed in auth.devices; written by audit.rows_record().';

CREATE FUNCTION audit.record_auth_refresh_tokens() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'auth.refresh_tokens', 'insert',
            jsonb_build_object('token_hash', encode(sha256(convert_to(n.token_hash::text, 'UTF8')), 'hex')),
            jsonb_build_object('token_hash', case when n.token_hash is not null then '(secret)' end, 'session_id', n.session_id, 'created_at', n.created_at, 'expires_at', n.expires_at, 'used_at', n.used_at)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'auth.refresh_tokens', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('token_hash', encode(sha256(convert_to(n.token_hash::text, 'UTF8')), 'hex')) as key,
            case when o.session_id is distinct from n.session_id then jsonb_build_object('session_id', o.session_id) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', o.created_at) else '{}' end
            || case when o.expires_at is distinct from n.expires_at then jsonb_build_object('expires_at', o.expires_at) else '{}' end
            || case when o.used_at is distinct from n.used_at then jsonb_build_object('used_at', o.used_at) else '{}' end as before,
            case when o.session_id is distinct from n.session_id then jsonb_build_object('session_id', n.session_id) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', n.created_at) else '{}' end
            || case when o.expires_at is distinct from n.expires_at then jsonb_build_object('expires_at', n.expires_at) else '{}' end
            || case when o.used_at is distinct from n.used_at then jsonb_build_object('used_at', n.used_at) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.token_hash = o.token_hash
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.token_hash = o.token_hash
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'auth.refresh_tokens', 'update', r.key, r.before, r.after
        from (
            select case when o.token_hash is null then jsonb_build_object('token_hash', encode(sha256(convert_to(n.token_hash::text, 'UTF8')), 'hex')) else jsonb_build_object('token_hash', encode(sha256(convert_to(o.token_hash::text, 'UTF8')), 'hex')) end as key,
            case when n.token_hash is null then jsonb_build_object('token_hash', case when o.token_hash is not null then '(secret)' end, 'session_id', o.session_id, 'created_at', o.created_at, 'expires_at', o.expires_at, 'used_at', o.used_at) when o.token_hash is not null then case when o.session_id is distinct from n.session_id then jsonb_build_object('session_id', o.session_id) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', o.created_at) else '{}' end
            || case when o.expires_at is distinct from n.expires_at then jsonb_build_object('expires_at', o.expires_at) else '{}' end
            || case when o.used_at is distinct from n.used_at then jsonb_build_object('used_at', o.used_at) else '{}' end end as before,
            case when o.token_hash is null then jsonb_build_object('token_hash', case when n.token_hash is not null then '(secret)' end, 'session_id', n.session_id, 'created_at', n.created_at, 'expires_at', n.expires_at, 'used_at', n.used_at) when n.token_hash is not null then case when o.session_id is distinct from n.session_id then jsonb_build_object('session_id', n.session_id) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', n.created_at) else '{}' end
            || case when o.expires_at is distinct from n.expires_at then jsonb_build_object('expires_at', n.expires_at) else '{}' end
            || case when o.used_at is distinct from n.used_at then jsonb_build_object('used_at', n.used_at) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.token_hash = o.token_hash
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'auth.refresh_tokens', 'delete',
            jsonb_build_object('token_hash', encode(sha256(convert_to(o.token_hash::text, 'UTF8')), 'hex')),
            jsonb_build_object('token_hash', case when o.token_hash is not null then '(secret)' end, 'session_id', o.session_id, 'created_at', o.created_at, 'expires_at', o.expires_at, 'used_at', o.used_at)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'auth.refresh_tokens', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_auth_refresh_tokens() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_auth_refresh_tokens() IS 'Trigger, once a statement: records what was changed in auth.refresh_tokens; written by audit.rows_record().';

CREATE FUNCTION audit.record_auth_sessions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'auth.sessions', 'insert',
            jsonb_build_object('id', n.id),
            jsonb_build_object('id', n.id, 'user_id', n.user_id, 'role', n.role, 'agent', n.agent, 'created_at', n.created_at, 'expires_at', n.expires_at, 'ended_at', n.ended_at)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'auth.sessions', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('id', n.id) as key,
            case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', o.user_id) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', o.role) else '{}' end
            || case when o.agent is distinct from n.agent then jsonb_build_object('agent', o.agent) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', o.created_at) else '{}' end
            || case when o.expires_at is distinct from n.expires_at then jsonb_build_object('expires_at', o.expires_at) else '{}' end
            || case when o.ended_at is distinct from n.ended_at then jsonb_build_object('ended_at', o.ended_at) else '{}' end as before,
            case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', n.user_id) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', n.role) else '{}' end
            || case when o.agent is distinct from n.agent then jsonb_build_object('agent', n.agent) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', n.created_at) else '{}' end
            || case when o.expires_at is distinct from n.expires_at then jsonb_build_object('expires_at', n.expires_at) else '{}' end
            || case when o.ended_at is distinct from n.ended_at then jsonb_build_object('ended_at', n.ended_at) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'auth.sessions', 'update', r.key, r.before, r.after
        from (
            select case when o.id is null then jsonb_build_object('id', n.id) else jsonb_build_object('id', o.id) end as key,
            case when n.id is null then jsonb_build_object('id', o.id, 'user_id', o.user_id, 'role', o.role, 'agent', o.agent, 'created_at', o.created_at, 'expires_at', o.expires_at, 'ended_at', o.ended_at) when o.id is not null then case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', o.user_id) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', o.role) else '{}' end
            || case when o.agent is distinct from n.agent then jsonb_build_object('agent', o.agent) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', o.created_at) else '{}' end
            || case when o.expires_at is distinct from n.expires_at then jsonb_build_object('expires_at', o.expires_at) else '{}' end
            || case when o.ended_at is distinct from n.ended_at then jsonb_build_object('ended_at', o.ended_at) else '{}' end end as before,
            case when o.id is null then jsonb_build_object('id', n.id, 'user_id', n.user_id, 'role', n.role, 'agent', n.agent, 'created_at', n.created_at, 'expires_at', n.expires_at, 'ended_at', n.ended_at) when n.id is not null then case when o.user_id is distinct from n.user_id then jsonb_build_object('user_id', n.user_id) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', n.role) else '{}' end
            || case when o.agent is distinct from n.agent then jsonb_build_object('agent', n.agent) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', n.created_at) else '{}' end
            || case when o.expires_at is distinct from n.expires_at then jsonb_build_object('expires_at', n.expires_at) else '{}' end
            || case when o.ended_at is distinct from n.ended_at then jsonb_build_object('ended_at', n.ended_at) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.id = o.id
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'auth.sessions', 'delete',
            jsonb_build_object('id', o.id),
            jsonb_build_object('id', o.id, 'user_id', o.user_id, 'role', o.role, 'agent', o.agent, 'created_at', o.created_at, 'expires_at', o.expires_at, 'ended_at', o.ended_at)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'auth.sessions', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_auth_sessions() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_auth_sessions() IS 'Trigger, once a statement: records what was changed in auth.sessions; written by audit.rows_record().';

CREATE FUNCTION audit.record_penstock_jobs() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'penstock.jobs', 'insert',
            jsonb_build_object('name', n.name),
            jsonb_build_object('name', n.name, 'statement', n.statement, 'every', n.every, 'role', n.role, 'timeout', n.timeout)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'penstock.jobs', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('name', n.name) as key,
            case when o.statement is distinct from n.statement then jsonb_build_object('statement', o.statement) else '{}' end
            || case when row(o.every)::record *<> row(n.every)::record then jsonb_build_object('every', o.every) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', o.role) else '{}' end
            || case when row(o.timeout)::record *<> row(n.timeout)::record then jsonb_build_object('timeout', o.timeout) else '{}' end as before,
            case when o.statement is distinct from n.statement then jsonb_build_object('statement', n.statement) else '{}' end
            || case when row(o.every)::record *<> row(n.every)::record then jsonb_build_object('every', n.every) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', n.role) else '{}' end
            || case when row(o.timeout)::record *<> row(n.timeout)::record then jsonb_build_object('timeout', n.timeout) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.name = o.name
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.name = o.name
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'penstock.jobs', 'update', r.key, r.before, r.after
        from (
            select case when o.name is null then jsonb_build_object('name', n.name) else jsonb_build_object('name', o.name) end as key,
            case when n.name is null then jsonb_build_object('name', o.name, 'statement', o.statement, 'every', o.every, 'role', o.role, 'timeout', o.timeout) when o.name is not null then case when o.statement is distinct from n.statement then jsonb_build_object('statement', o.statement) else '{}' end
            || case when row(o.every)::record *<> row(n.every)::record then jsonb_build_object('every', o.every) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', o.role) else '{}' end
            || case when row(o.timeout)::record *<> row(n.timeout)::record then jsonb_build_object('timeout', o.timeout) else '{}' end end as before,
            case when o.name is null then jsonb_build_object('name', n.name, 'statement', n.statement, 'every', n.every, 'role', n.role, 'timeout', n.timeout) when n.name is not null then case when o.statement is distinct from n.statement then jsonb_build_object('statement', n.statement) else '{}' end
            || case when row(o.every)::record *<> row(n.every)::record then jsonb_build_object('every', n.every) else '{}' end
            || case when o.role is distinct from n.role then jsonb_build_object('role', n.role) else '{}' end
            || case when row(o.timeout)::record *<> row(n.timeout)::record then jsonb_build_object('timeout', n.timeout) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.name = o.name
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'penstock.jobs', 'delete',
            jsonb_build_object('name', o.name),
            jsonb_build_object('name', o.name, 'statement', o.statement, 'every', o.every, 'role', o.role, 'timeout', o.timeout)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'penstock.jobs', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_penstock_jobs() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_penstock_jobs() IS 'Trigger, once a statement: records what was changed in penstock.jobs; written by audit.rows_record().';

CREATE FUNCTION audit.record_penstock_webhooks() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, 'penstock.webhooks', 'insert',
            jsonb_build_object('id', n.id),
            jsonb_build_object('id', n.id, 'url', n.url, 'topics', n.topics, 'secret', case when n.secret is not null then '(secret)' end, 'created_at', n.created_at, 'ended_at', n.ended_at, 'ended_because', n.ended_because)
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'penstock.webhooks', 'update', r.key, r.before, r.after
        from (
            select jsonb_build_object('id', n.id) as key,
            case when o.url is distinct from n.url then jsonb_build_object('url', o.url) else '{}' end
            || case when o.topics is distinct from n.topics then jsonb_build_object('topics', o.topics) else '{}' end
            || case when o.secret is distinct from n.secret then jsonb_build_object('secret', case when o.secret is not null then '(secret)' end) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', o.created_at) else '{}' end
            || case when o.ended_at is distinct from n.ended_at then jsonb_build_object('ended_at', o.ended_at) else '{}' end
            || case when o.ended_because is distinct from n.ended_because then jsonb_build_object('ended_because', o.ended_because) else '{}' end as before,
            case when o.url is distinct from n.url then jsonb_build_object('url', n.url) else '{}' end
            || case when o.topics is distinct from n.topics then jsonb_build_object('topics', n.topics) else '{}' end
            || case when o.secret is distinct from n.secret then jsonb_build_object('secret', case when n.secret is not null then '(secret)' end) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', n.created_at) else '{}' end
            || case when o.ended_at is distinct from n.ended_at then jsonb_build_object('ended_at', n.ended_at) else '{}' end
            || case when o.ended_because is distinct from n.ended_because then jsonb_build_object('ended_because', n.ended_because) else '{}' end as after
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where n.id = o.id
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, 'penstock.webhooks', 'update', r.key, r.before, r.after
        from (
            select case when o.id is null then jsonb_build_object('id', n.id) else jsonb_build_object('id', o.id) end as key,
            case when n.id is null then jsonb_build_object('id', o.id, 'url', o.url, 'topics', o.topics, 'secret', case when o.secret is not null then '(secret)' end, 'created_at', o.created_at, 'ended_at', o.ended_at, 'ended_because', o.ended_because) when o.id is not null then case when o.url is distinct from n.url then jsonb_build_object('url', o.url) else '{}' end
            || case when o.topics is distinct from n.topics then jsonb_build_object('topics', o.topics) else '{}' end
            || case when o.secret is distinct from n.secret then jsonb_build_object('secret', case when o.secret is not null then '(secret)' end) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', o.created_at) else '{}' end
            || case when o.ended_at is distinct from n.ended_at then jsonb_build_object('ended_at', o.ended_at) else '{}' end
            || case when o.ended_because is distinct from n.ended_because then jsonb_build_object('ended_because', o.ended_because) else '{}' end end as before,
            case when o.id is null then jsonb_build_object('id', n.id, 'url', n.url, 'topics', n.topics, 'secret', case when n.secret is not null then '(secret)' end, 'created_at', n.created_at, 'ended_at', n.ended_at, 'ended_because', n.ended_because) when n.id is not null then case when o.url is distinct from n.url then jsonb_build_object('url', n.url) else '{}' end
            || case when o.topics is distinct from n.topics then jsonb_build_object('topics', n.topics) else '{}' end
            || case when o.secret is distinct from n.secret then jsonb_build_object('secret', case when n.secret is not null then '(secret)' end) else '{}' end
            || case when o.created_at is distinct from n.created_at then jsonb_build_object('created_at', n.created_at) else '{}' end
            || case when o.ended_at is distinct from n.ended_at then jsonb_build_object('ended_at', n.ended_at) else '{}' end
            || case when o.ended_because is distinct from n.ended_because then jsonb_build_object('ended_because', n.ended_because) else '{}' end end as after
            from new_rows as n
            full join old_rows as o on n.id = o.id
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, 'penstock.webhooks', 'delete',
            jsonb_build_object('id', o.id),
            jsonb_build_object('id', o.id, 'url', o.url, 'topics', o.topics, 'secret', case when o.secret is not null then '(secret)' end, 'created_at', o.created_at, 'ended_at', o.ended_at, 'ended_because', o.ended_because)
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, 'penstock.webhooks', 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$$;

ALTER FUNCTION audit.record_penstock_webhooks() OWNER TO penstock_auditor;

COMMENT ON FUNCTION audit.record_penstock_webhooks() IS 'Trigger, once a statement: records what was changed in penstock.webhooks; written by audit.rows_record().';

CREATE PROCEDURE audit.rows_forget(IN "table" regclass)
    LANGUAGE plpgsql
    AS $$
declare
    v_table text;
    v_function text;
begin
    select
        n.nspname || '.' || c.relname,
        ('record_' || n.nspname || '_' || c.relname)::name
    into v_table, v_function
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.oid = rows_forget."table";

    if to_regprocedure(format('audit.%I()', v_function)) is not null then
        execute format('drop function audit.%I() cascade', v_function);  -- and its triggers
    end if;

    delete from audit.tables as t
    where t.table_name = v_table;
end
$$;

ALTER PROCEDURE audit.rows_forget(IN "table" regclass) OWNER TO penstock_owner;

COMMENT ON PROCEDURE audit.rows_forget(IN "table" regclass) IS 'Ends the record of a table, or takes back why there is none. What was recorded stays.';

CREATE PROCEDURE audit.rows_record(IN "table" regclass, IN ignored text[] DEFAULT '{}'::text[], IN secret text[] DEFAULT '{}'::text[])
    LANGUAGE plpgsql
    AS $_$
declare
    v_table text;
    v_function text;
    v_wrong text;
    v_columns text[];
    v_secret text[];
    v_row text;
    v_changed text;
    v_key text;
    v_same_key text;
    v_first_key text;
begin
    select n.nspname || '.' || c.relname, format('%I', ('record_' || n.nspname || '_' || c.relname)::name)
    into v_table, v_function
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.oid = rows_record."table";

    select s.name
    into v_wrong
    from unnest(rows_record.ignored || rows_record.secret) as s (name)
    left join pg_catalog.pg_attribute as a
        on a.attrelid = rows_record."table" and a.attname = s.name and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_index as i
        on i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey)
    where a.attname is null
        or (i.indrelid is not null and s.name = any (rows_record.ignored))
    limit 1;

    if v_wrong is not null then
        raise exception '"%" is no column of % that could be treated so.', v_wrong, v_table
            using hint = 'Columns of the primary key can''t be ignored.';
    end if;

    -- Pieces of code in which %1$s stands for the row, which is o for the old one and n for the new.
    with recursive types as (
        select a.attnum, a.atttypid as type
        from pg_catalog.pg_attribute as a
        where a.attrelid = rows_record."table" and a.attnum > 0 and not a.attisdropped
        union all
        select t.attnum, d.typbasetype
        from types as t
        join pg_catalog.pg_type as d on d.oid = t.type
        where d.typtype = 'd'
    ),
    columns as (
        select
            a.attnum,
            a.attname::text as name,
            replace(quote_ident(a.attname), '%', '%%') as ident,
            replace(quote_literal(a.attname), '%', '%%') as label,
            a.attname = any (rows_record.secret)
                or bool_or(t.type = 'api.password'::regtype) as is_secret,
            a.attname = any (rows_record.ignored) as is_ignored,
            -- Whether what is equal is also the same: 1.0 and 1.00 are not.
            coalesce(l.collisdeterministic, true) and bool_or(exists (
                select
                from pg_catalog.pg_opclass as o
                join pg_catalog.pg_am as m on m.oid = o.opcmethod and m.amname = 'btree'
                join pg_catalog.pg_amproc as p
                    on p.amprocfamily = o.opcfamily and p.amproclefttype = o.opcintype and p.amprocnum = 4
                where o.opcdefault
                    and o.opcintype = case y.typtype when 'e' then 'anyenum'::regtype else t.type end
            )) as is_plain,
            array_position(i.indkey::smallint[], a.attnum) as key_place
        from types as t
        join pg_catalog.pg_type as y on y.oid = t.type
        join pg_catalog.pg_attribute as a on a.attrelid = rows_record."table" and a.attnum = t.attnum
        left join pg_catalog.pg_collation as l on l.oid = a.attcollation
        left join pg_catalog.pg_index as i on i.indrelid = a.attrelid and i.indisprimary
        group by a.attnum, a.attname, l.collisdeterministic, i.indkey
    ),
    code as (
        select
            c.*,
            c.label || ', ' || case
                when c.is_secret then 'case when %1$s.' || c.ident || ' is not null then ''(secret)'' end'
                else '%1$s.' || c.ident
            end as pair,
            case
                when c.is_plain then 'o.' || c.ident || ' is distinct from n.' || c.ident
                else 'row(o.' || c.ident || ')::record *<> row(n.' || c.ident || ')::record'
            end as differs
        from columns as c
    )
    select
        array_agg(c.name order by c.name),
        coalesce(array_agg(c.name order by c.name) filter (where c.is_secret), '{}'),
        -- A function takes a hundred arguments.
        (
            select string_agg('jsonb_build_object(' || p.pairs || ')', e'\n            || ' order by p.part)
            from (
                select w.part, string_agg(w.pair, ', ' order by w.attnum) as pairs
                from (
                    select k.attnum, k.pair, row_number() over (order by k.attnum) / 50 as part
                    from code as k
                    where not k.is_ignored
                ) as w
                group by w.part
            ) as p
        ),
        coalesce(string_agg(
            'case when ' || c.differs || ' then jsonb_build_object(' || c.pair || ') else ''{}'' end',
            e'\n            || ' order by c.attnum
        ) filter (where not c.is_ignored and (c.key_place is null or not c.is_plain)), '''{}''::jsonb'),
        'jsonb_build_object(' || string_agg(
            case
                when c.is_secret
                    then c.label || ', encode(sha256(convert_to(%1$s.' || c.ident || '::text, ''UTF8'')), ''hex'')'
                else c.pair
            end,
            ', ' order by c.key_place
        ) filter (where c.key_place is not null) || ')',
        string_agg(format('n.%1$I = o.%1$I', c.name), ' and ' order by c.key_place)
            filter (where c.key_place is not null),
        (array_agg(format('%I', c.name) order by c.key_place) filter (where c.key_place is not null))[1]
    into v_columns, v_secret, v_row, v_changed, v_key, v_same_key, v_first_key
    from code as c;

    if v_key is null then
        raise exception '% has no primary key.', v_table
            using hint = 'Without one nobody could tell which row was changed.';
    end if;

    -- dynamic_sql: what %s takes over was made of %I, quote_ident() and quote_literal() above.
    execute format(
        $function$
create or replace function audit.%1$s()
    returns trigger
    security definer
    set search_path = ''
    language plpgsql
as $body$
begin
    if tg_op = 'INSERT' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, after)
        select w.*, %2$L, 'insert',
            %3$s,
            %4$s
        from new_rows as n
        cross join audit.caller() as w;
    elsif tg_op = 'UPDATE' then
        -- One row, as nearly always, needs no join. A plan is made once for a session: a join that
        -- was planned for one row would compare each of many with each.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, %2$L, 'update', r.key, r.before, r.after
        from (
            select %3$s as key,
            %5$s as before,
            %6$s as after
            from new_rows as n
            cross join old_rows as o
            where %7$s
                and not exists (select from new_rows offset 1)
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before <> '{}';

        if found then
            return null;
        end if;

        -- Nor has one more to say that stays as it was, under its key.
        if exists (
            select
            from new_rows as n
            cross join old_rows as o
            where %7$s
                and not exists (select from new_rows offset 1)
        ) then
            return null;
        end if;

        -- A full join can't be a nested loop, and a row whose key was changed went and came.
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before, after)
        select w.*, %2$L, 'update', r.key, r.before, r.after
        from (
            select case when o.%8$s is null then %3$s else %9$s end as key,
            case when n.%8$s is null then %10$s when o.%8$s is not null then %5$s end as before,
            case when o.%8$s is null then %4$s when n.%8$s is not null then %6$s end as after
            from new_rows as n
            full join old_rows as o on %7$s
            offset 0
        ) as r
        cross join audit.caller() as w
        where r.before is distinct from '{}';
    elsif tg_op = 'DELETE' then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, key, before)
        select w.*, %2$L, 'delete',
            %9$s,
            %10$s
        from old_rows as o
        cross join audit.caller() as w;
    else
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation)
        select w.*, %2$L, 'truncate'
        from audit.caller() as w;
    end if;

    return null;
end
$body$;

comment on function audit.%1$s() is
    'Trigger, once a statement: records what was changed in %11$s; written by audit.rows_record().';

grant create on schema audit to penstock_auditor;
alter function audit.%1$s() owner to penstock_auditor;
revoke create on schema audit from penstock_auditor;

create or replace trigger audit_insert after insert on %11$s
    referencing new table as new_rows
    for each statement execute function audit.%1$s();
create or replace trigger audit_update after update on %11$s
    referencing old table as old_rows new table as new_rows
    for each statement execute function audit.%1$s();
create or replace trigger audit_delete after delete on %11$s
    referencing old table as old_rows
    for each statement execute function audit.%1$s();
create or replace trigger audit_truncate after truncate on %11$s
    for each statement execute function audit.%1$s();
        $function$,
        v_function, v_table,
        format(v_key, 'n'),
        format(v_row, 'n'),
        format(v_changed, 'o'),
        format(v_changed, 'n'),
        v_same_key,
        v_first_key,
        format(v_key, 'o'),
        format(v_row, 'o'),
        rows_record."table"
    );

    insert into audit.tables (table_name, columns, ignored, secret)
    values (v_table, v_columns, rows_record.ignored, v_secret)
    on conflict (table_name) do update
    set columns = excluded.columns, ignored = excluded.ignored, secret = excluded.secret, reason = null;
end
$_$;

ALTER PROCEDURE audit.rows_record(IN "table" regclass, IN ignored text[], IN secret text[]) OWNER TO penstock_owner;

COMMENT ON PROCEDURE audit.rows_record(IN "table" regclass, IN ignored text[], IN secret text[]) IS 'Lets every change of a table''s rows, by whomever, be recorded in audit.changes: but for the columns that are ignored, and with nothing of the secret ones but that they changed. What is of type api.password is secret by itself.';

CREATE PROCEDURE audit.rows_skip(IN "table" regclass, IN reason text)
    LANGUAGE plpgsql
    AS $$
begin
    call audit.rows_forget(rows_skip."table");

    insert into audit.tables (table_name, reason)
    select n.nspname || '.' || c.relname, rows_skip.reason
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.oid = rows_skip."table";
end
$$;

ALTER PROCEDURE audit.rows_skip(IN "table" regclass, IN reason text) OWNER TO penstock_owner;

COMMENT ON PROCEDURE audit.rows_skip(IN "table" regclass, IN reason text) IS 'Says why a table''s changes are not recorded: because the database keeps it by itself, from what is.';

CREATE FUNCTION auth.api_key_find(key_hash bytea) RETURNS TABLE(key_id uuid, user_id bigint, role text, quota integer, seconds_left double precision)
    LANGUAGE sql STABLE ROWS 1
    AS $$
    -- No key can do more than its user can now.
    select k.id, k.user_id, k.role::text, k.quota, extract(epoch from k.expires_at - now())
    from auth.api_keys as k
    join app.users as u on u.id = k.user_id
    where k.key_hash = api_key_find.key_hash
        and k.revoked_at is null
        and (k.expires_at > now()) is not false
        and u.is_active
        and k.role <= u.role
$$;

ALTER FUNCTION auth.api_key_find(key_hash bytea) OWNER TO penstock_owner;

COMMENT ON FUNCTION auth.api_key_find(key_hash bytea) IS '
For whom a key calls, as what, how many requests a day, and for how many seconds more.
No row when it has been revoked or has expired, or never was.
';

CREATE FUNCTION auth.attempt_return(user_id bigint, attempt timestamp with time zone) RETURNS void
    LANGUAGE sql
    AS $$
    update auth.login_attempts as a
    set recent = array_remove(a.recent, attempt_return.attempt)
    from app.users as u
    where u.id = attempt_return.user_id
        and a.account = sha256(convert_to(lower(u.email), 'UTF8'))
        and attempt_return.attempt = any (a.recent)
$$;

ALTER FUNCTION auth.attempt_return(user_id bigint, attempt timestamp with time zone) OWNER TO penstock_owner;

COMMENT ON FUNCTION auth.attempt_return(user_id bigint, attempt timestamp with time zone) IS 'Gives back the try of who knew the password; those of others stay counted.';

CREATE FUNCTION auth.attempt_take(account bytea, device bytea) RETURNS TABLE(attempt timestamp with time zone, wait_seconds integer)
    LANGUAGE plpgsql ROWS 1
    AS $$
declare
    c_window constant interval := '15 minutes';
    c_most constant integer := 10;
    v_now constant timestamptz := clock_timestamp();
    v_recent timestamptz[];
begin
    -- Two who come at once wait for each other here, so that both are counted.
    insert into auth.login_attempts as a (account, device, recent)
    values (attempt_take.account, attempt_take.device, array[]::timestamptz[])
    on conflict on constraint login_attempts_pkey do update set recent = a.recent
    returning array(select t.at from unnest(a.recent) as t (at) where t.at > v_now - c_window order by t.at)
    into v_recent;

    if cardinality(v_recent) >= c_most then
        wait_seconds := 1 + extract(epoch from v_recent[1] + c_window - v_now)::integer;
        return next;
        return;
    end if;

    update auth.login_attempts as a
    set recent = v_recent || v_now
    where a.account = attempt_take.account
        and a.device = attempt_take.device;

    -- Each takes a few of the past with it, so that the table stays as small as the window.
    delete from auth.login_attempts as a
    where a.ctid = any (array(
        select old.ctid
        from auth.login_attempts as old
        where old.recent[cardinality(old.recent)] < v_now - c_window
        limit 2
        for update skip locked
    ));

    attempt := v_now;
    return next;
end
$$;

ALTER FUNCTION auth.attempt_take(account bytea, device bytea) OWNER TO penstock_owner;

COMMENT ON FUNCTION auth.attempt_take(account bytea, device bytea) IS '
Takes one of ten tries in any fifteen minutes to guess the password of an account.
When it was taken, to give it back by once the password was right; or for how many seconds there is none.
';

CREATE FUNCTION auth.caller_is(user_id bigint, session_id uuid) RETURNS void
    LANGUAGE sql
    AS $$
    select set_config(
        'request.jwt.claims',
        json_build_object('sub', caller_is.user_id::text, 'sid', caller_is.session_id)::text,
        true
    )
$$;

ALTER FUNCTION auth.caller_is(user_id bigint, session_id uuid) OWNER TO penstock_owner;

COMMENT ON FUNCTION auth.caller_is(user_id bigint, session_id uuid) IS 'Whoever has just proved who they are calls from here on: the record of changes names them.';

CREATE FUNCTION auth.login_begin(email text, device bytea DEFAULT NULL::bytea) RETURNS TABLE(user_id bigint, role text, password_hash text, is_active boolean, attempt timestamp with time zone, wait_seconds integer)
    LANGUAGE plpgsql ROWS 1
    AS $$
declare
    v_device bytea := '';
begin
    select u.id, u.role::text, c.password_hash::text, u.is_active
    into login_begin.user_id, login_begin.role, login_begin.password_hash, login_begin.is_active
    from app.users as u
    join auth.credentials as c on c.user_id = u.id
    where lower(u.email) = lower(login_begin.email);

    -- A device counts for whoever has logged in there, and for nobody else.
    select d.token_hash
    into v_device
    from auth.devices as d
    where d.token_hash = login_begin.device
        and d.user_id = login_begin.user_id;

    select t.attempt, t.wait_seconds
    into login_begin.attempt, login_begin.wait_seconds
    from auth.attempt_take(
        sha256(convert_to(lower(login_begin.email), 'UTF8')), coalesce(v_device, '')
    ) as t;

    return next;
end
$$;

ALTER FUNCTION auth.login_begin(email text, device bytea) OWNER TO penstock_owner;

COMMENT ON FUNCTION auth.login_begin(email text, device bytea) IS '
Who logs in with an e-mail address, and the hash to compare the password with, if one of the tries is left.
Nobody''s is null, and so is that of who can''t log in (an imported customer). With wait_seconds, nothing may be compared.
';

CREATE FUNCTION auth.password_begin(user_id bigint, session_id uuid) RETURNS TABLE(password_hash text, attempt timestamp with time zone, wait_seconds integer)
    LANGUAGE plpgsql ROWS 1
    AS $$
declare
    v_account bytea;
begin
    select c.password_hash::text, sha256(convert_to(lower(u.email), 'UTF8'))
    into password_begin.password_hash, v_account
    from app.users as u
    join auth.credentials as c on c.user_id = u.id
    where u.id = password_begin.user_id
        and u.is_active;

    if not found then
        return;
    end if;

    -- Who is logged in has tries of their own: guesses from elsewhere don't keep them from it.
    select t.attempt, t.wait_seconds
    into password_begin.attempt, password_begin.wait_seconds
    from auth.attempt_take(v_account, sha256(uuid_send(password_begin.session_id))) as t;

    return next;
end
$$;

ALTER FUNCTION auth.password_begin(user_id bigint, session_id uuid) OWNER TO penstock_owner;

COMMENT ON FUNCTION auth.password_begin(user_id bigint, session_id uuid) IS '
The hash to compare the old password of a user with, who wants to choose another.
With wait_seconds, nothing may be compared. No row for who has no password.
';

CREATE FUNCTION auth.password_change(user_id bigint, session_id uuid, password_hash api.password, attempt timestamp with time zone, device_hash bytea DEFAULT NULL::bytea) RETURNS void
    LANGUAGE sql
    AS $$
    select auth.caller_is(password_change.user_id, password_change.session_id);

    update auth.credentials as c
    set password_hash = password_change.password_hash,
        changed_at = now()
    where c.user_id = password_change.user_id;

    -- Whoever knew the old one is out: here stays alone who has just proved to know it.
    update auth.sessions as s
    set ended_at = now()
    where s.user_id = password_change.user_id
        and s.id <> password_change.session_id
        and s.ended_at is null;

    delete from auth.devices as d
    where d.user_id = password_change.user_id
        and d.token_hash is distinct from password_change.device_hash;

    select auth.attempt_return(password_change.user_id, password_change.attempt);
$$;

ALTER FUNCTION auth.password_change(user_id bigint, session_id uuid, password_hash api.password, attempt timestamp with time zone, device_hash bytea) OWNER TO penstock_owner;

COMMENT ON FUNCTION auth.password_change(user_id bigint, session_id uuid, password_hash api.password, attempt timestamp with time zone, device_hash bytea) IS 'Gives a user another password, ends all sessions of theirs but this one, and forgets all devices but the one that is here.';

CREATE FUNCTION auth.password_rehash(user_id bigint, password_hash api.password) RETURNS void
    LANGUAGE sql
    AS $$
    select auth.caller_is(password_rehash.user_id, null);

    -- The same password under a better hash: changed_at stays.
    update auth.credentials as c
    set password_hash = password_rehash.password_hash
    where c.user_id = password_rehash.user_id
$$;

ALTER FUNCTION auth.password_rehash(user_id bigint, password_hash api.password) OWNER TO penstock_owner;

COMMENT ON FUNCTION auth.password_rehash(user_id bigint, password_hash api.password) IS 'Stores a better hash of the password that a user has just logged in with.';

CREATE FUNCTION auth.session_end(session_id uuid DEFAULT NULL::uuid, refresh_hash bytea DEFAULT NULL::bytea) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    v_session_id uuid;
    v_user_id bigint;
begin
    select s.id, s.user_id
    into v_session_id, v_user_id
    from auth.sessions as s
    where s.ended_at is null
        and s.id = coalesce(
            session_end.session_id,
            (
                select t.session_id
                from auth.refresh_tokens as t
                where t.token_hash = session_end.refresh_hash
            )
        );

    if not found then
        return;
    end if;

    perform auth.caller_is(v_user_id, v_session_id);

    update auth.sessions as s
    set ended_at = now()
    where s.id = v_session_id
        and s.ended_at is null;
end
$$;

ALTER FUNCTION auth.session_end(session_id uuid, refresh_hash bytea) OWNER TO penstock_owner;

COMMENT ON FUNCTION auth.session_end(session_id uuid, refresh_hash bytea) IS 'Ends a session, by its id or by a refresh token of it, used or not: whoever has one may end it.';

CREATE FUNCTION auth.session_find(id uuid) RETURNS TABLE(session_id uuid, user_id bigint, role text)
    LANGUAGE sql STABLE ROWS 1
    AS $$
    -- The user is asked too: a session must not outlive a change that ran without triggers, or
    -- one whose transaction could not see it yet.
    select s.id, s.user_id, s.role::text
    from auth.sessions as s
    join app.users as u on u.id = s.user_id
    where s.id = session_find.id
        and s.ended_at is null
        and s.expires_at > now()
        and u.is_active
        and u.role = s.role
$$;

ALTER FUNCTION auth.session_find(id uuid) OWNER TO penstock_owner;

COMMENT ON FUNCTION auth.session_find(id uuid) IS '
Whose session it is, and with what role its tokens are good.
No row when it has ended, or never was.
';

CREATE FUNCTION auth.session_prune(before timestamp with time zone) RETURNS bigint
    LANGUAGE sql
    AS $$
    with pruned as (
        delete from auth.sessions as s
        where s.created_at < session_prune.before
        returning s.id
    )
    select count(*) from pruned
$$;

ALTER FUNCTION auth.session_prune(before timestamp with time zone) OWNER TO penstock_owner;

COMMENT ON FUNCTION auth.session_prune(before timestamp with time zone) IS '
Deletes the sessions that began before a moment, and says how many.
Those that had not ended have ended then: whoever used them logs in again.
';

CREATE FUNCTION auth.session_refresh(refresh_hash bytea, next_hash bytea, came timestamp with time zone DEFAULT clock_timestamp()) RETURNS TABLE(outcome text, session_id uuid, user_id bigint, role text, expires_at timestamp with time zone)
    LANGUAGE plpgsql ROWS 1
    AS $$
#variable_conflict use_column
declare
    v_was_unused boolean;
    v_used_at timestamptz;
begin
    select t.session_id, t.used_at is null
    into session_refresh.session_id, v_was_unused
    from auth.refresh_tokens as t
    where t.token_hash = session_refresh.refresh_hash;

    -- All that happens to a session happens one after another.
    select s.user_id, u.role::text
    into session_refresh.user_id, session_refresh.role
    from auth.sessions as s
    join app.users as u on u.id = s.user_id
    where s.id = session_refresh.session_id
        and s.ended_at is null
        and s.expires_at > now()
        and u.is_active
        and u.role = s.role
    for update of s;

    if not found then
        outcome := 'ended';
        return next;
        return;
    end if;

    perform auth.caller_is(session_refresh.user_id, session_refresh.session_id);

    update auth.refresh_tokens as t
    set used_at = clock_timestamp()
    where t.token_hash = session_refresh.refresh_hash
        and t.used_at is null
        and t.expires_at > now();

    if found then
        insert into auth.refresh_tokens as t (token_hash, session_id)
        values (session_refresh.next_hash, session_refresh.session_id)
        returning t.expires_at
        into session_refresh.expires_at;

        outcome := 'refreshed';
        return next;
        return;
    end if;

    select t.used_at
    into v_used_at
    from auth.refresh_tokens as t
    where t.token_hash = session_refresh.refresh_hash;

    -- What came before the token was changed came from one who could not know of it. What comes
    -- after has kept an old token, or stolen one, and which of the two nobody can tell.
    outcome := case
        when v_used_at is null then 'ended'
        when v_was_unused or session_refresh.came <= v_used_at then 'overtaken'
        else 'replayed'
    end;

    if outcome = 'replayed' then
        update auth.sessions as s
        set ended_at = now()
        where s.id = session_refresh.session_id;
    end if;

    return next;
end
$$;

ALTER FUNCTION auth.session_refresh(refresh_hash bytea, next_hash bytea, came timestamp with time zone) OWNER TO penstock_owner;

COMMENT ON FUNCTION auth.session_refresh(refresh_hash bytea, next_hash bytea, came timestamp with time zone) IS '
Changes a refresh token for the next one; a token that was changed before ends its session, with all tokens of it.
The outcome is refreshed, ended (also what never was), overtaken by another request that came with the same token, or replayed. `came` is when the request did, by this server''s clock.
';

CREATE FUNCTION auth.session_start(user_id bigint, refresh_hash bytea, device_hash bytea, agent text, attempt timestamp with time zone) RETURNS TABLE(session_id uuid, role text, expires_at timestamp with time zone)
    LANGUAGE plpgsql ROWS 1
    AS $$
#variable_conflict use_column
begin
    perform auth.caller_is(session_start.user_id, null);

    -- A change of the role waits for this lock, or this waits for the change: either the change
    -- finds the session and ends it, or the session has the new role.
    with who as (
        select u.id, u.role
        from app.users as u
        where u.id = session_start.user_id
            and u.is_active
        for share
    )
    insert into auth.sessions as s (user_id, role, agent)
    select w.id, w.role, left(session_start.agent, 200)
    from who as w
    returning s.id, s.role::text
    into session_start.session_id, session_start.role;

    if not found then
        return;
    end if;

    perform auth.caller_is(session_start.user_id, session_start.session_id);

    insert into auth.refresh_tokens as t (token_hash, session_id)
    values (session_start.refresh_hash, session_start.session_id)
    returning t.expires_at
    into session_start.expires_at;

    insert into auth.devices as d (token_hash, user_id)
    values (session_start.device_hash, session_start.user_id)
    on conflict (token_hash) do update
    set used_at = now()
    where d.user_id = excluded.user_id;

    delete from auth.devices as d
    where d.token_hash in (
        select old.token_hash
        from auth.devices as old
        where old.user_id = session_start.user_id
        order by old.used_at desc
        offset 20
    );

    perform auth.attempt_return(session_start.user_id, session_start.attempt);

    return next;
end
$$;

ALTER FUNCTION auth.session_start(user_id bigint, refresh_hash bytea, device_hash bytea, agent text, attempt timestamp with time zone) OWNER TO penstock_owner;

COMMENT ON FUNCTION auth.session_start(user_id bigint, refresh_hash bytea, device_hash bytea, agent text, attempt timestamp with time zone) IS '
Begins the session of a user who has just proved who they are, and says what role they have now.
Its first refresh token, and the device as one that the user is known by, come as SHA-256. No row when they may not log in any more.
';

CREATE FUNCTION auth.users_end_sessions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    update auth.sessions as s
    set ended_at = now()
    where s.user_id = new.id
        and s.ended_at is null;

    -- Keys do no more than their user: all are looked up again.
    perform penstock.touch('api_key:*');

    -- In a snapshot of its beginning, a transaction does not see who has logged in since. All
    -- sessions are looked up again, by a role that is no longer the user's.
    if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        perform penstock.touch('session:*');
    end if;

    return null;
end
$$;

ALTER FUNCTION auth.users_end_sessions() OWNER TO gatekeeper;

COMMENT ON FUNCTION auth.users_end_sessions() IS 'Trigger: users whose role changes, or who are deactivated, must log in again.';

CREATE FUNCTION penstock.deliveries_done(event_ids bigint[], sinks text[]) RETURNS void
    LANGUAGE sql
    AS $$
    -- Whoever else has taken it meanwhile delivers it once more; that it was delivered stays true.
    update penstock.deliveries as d
    set due_at = null,
        dead_at = null,
        delivered_at = clock_timestamp(),
        error = null
    from unnest(deliveries_done.event_ids, deliveries_done.sinks) as done (event_id, sink)
    where d.event_id = done.event_id
        and d.sink = done.sink
        and d.delivered_at is null
$$;

ALTER FUNCTION penstock.deliveries_done(event_ids bigint[], sinks text[]) OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.deliveries_done(event_ids bigint[], sinks text[]) IS 'Notes that these were delivered.';

CREATE FUNCTION penstock.deliveries_take("limit" integer, lease interval, skipped text[] DEFAULT '{}'::text[]) RETURNS TABLE(event_id bigint, sink text, attempt integer, message uuid, at timestamp with time zone, topic text, payload text, url text, secret text)
    LANGUAGE sql
    AS $$
    with due as (
        select d.event_id, d.sink
        from penstock.deliveries as d
        where d.due_at <= clock_timestamp()
            and d.sink <> all (deliveries_take.skipped)
            and (
                d.key is null
                or not exists (
                    select
                    from penstock.deliveries as before
                    where before.sink = d.sink
                        and before.key = d.key
                        and before.event_id < d.event_id
                        and before.due_at is not null
                )
            )
        order by d.due_at
        limit deliveries_take."limit"
        for update of d skip locked
    ),
    taken as (
        update penstock.deliveries as d
        set attempts = d.attempts + 1,
            due_at = clock_timestamp() + deliveries_take.lease
        from due
        where d.event_id = due.event_id
            and d.sink = due.sink
        returning d.event_id, d.sink, d.attempts
    )
    select t.event_id, t.sink, t.attempts, e.message, e.at, e.topic, e.payload::text, w.url, w.secret
    from taken as t
    join penstock.events as e on e.id = t.event_id
    left join penstock.webhooks as w on 'webhook:' || w.id = t.sink and w.ended_at is null
    order by t.event_id
$$;

ALTER FUNCTION penstock.deliveries_take("limit" integer, lease interval, skipped text[]) OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.deliveries_take("limit" integer, lease interval, skipped text[]) IS 'Takes deliveries that are due, but for those to the skipped sinks: for as long as the lease, then others may. None is taken while an earlier one with its key and sink is not delivered yet.';

CREATE FUNCTION penstock.delivery_fail(event_id bigint, sink text, attempt integer, error text, pause interval DEFAULT NULL::interval) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    v_key text;
    v_due_at constant timestamptz := clock_timestamp() + delivery_fail.pause;
begin
    -- Unless another has taken it since: then what counts is what comes of that.
    update penstock.deliveries as d
    set due_at = v_due_at,
        dead_at = case when v_due_at is null then clock_timestamp() end,
        error = left(delivery_fail.error, 1000)
    where d.event_id = delivery_fail.event_id
        and d.sink = delivery_fail.sink
        and d.attempts = delivery_fail.attempt
        and d.due_at is not null
    returning d.key into v_key;

    -- Those behind it can't be taken before it: no worker need look at them until then.
    if v_key is not null and v_due_at is not null then
        update penstock.deliveries as d
        set due_at = v_due_at
        where (d.event_id, d.sink) in (
            select behind.event_id, behind.sink
            from penstock.deliveries as behind
            where behind.sink = delivery_fail.sink
                and behind.key = v_key
                and behind.event_id > delivery_fail.event_id
                and behind.due_at < v_due_at
            order by behind.event_id
            limit 1000
            for update skip locked
        );
    end if;
end
$$;

ALTER FUNCTION penstock.delivery_fail(event_id bigint, sink text, attempt integer, error text, pause interval) OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.delivery_fail(event_id bigint, sink text, attempt integer, error text, pause interval) IS 'Notes that an attempt failed, and why: it is tried again after the pause, or given up where there is none.';

CREATE FUNCTION penstock.delivery_retry(sink text DEFAULT NULL::text, event_id bigint DEFAULT NULL::bigint) RETURNS bigint
    LANGUAGE sql
    AS $$
    with again as (
        update penstock.deliveries as d
        set dead_at = null,
            due_at = clock_timestamp(),
            attempts = 0
        where d.dead_at is not null
            and d.sink = coalesce(delivery_retry.sink, d.sink)
            and d.event_id = coalesce(delivery_retry.event_id, d.event_id)
        returning d.event_id
    )
    select count(*) from again
$$;

ALTER FUNCTION penstock.delivery_retry(sink text, event_id bigint) OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.delivery_retry(sink text, event_id bigint) IS 'Has what was given up tried again: all of it, that of a sink, or one; how many. Those behind it with the same key may have been delivered by now.';

CREATE FUNCTION penstock.dynamic_sql_faults(function oid) RETURNS SETOF text
    LANGUAGE sql STABLE
    AS $_$
    with source as (
        select
            penstock.source_skeleton(p.prosrc) as code,
            array(
                select p.proargnames[a.nth]
                from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality as a (type, nth)
                where a.type::regtype::text ~ '^(reg\w+|oid|smallint|integer|bigint|boolean|uuid|date)$'
            ) as arguments
        from pg_catalog.pg_proc as p
        where p.oid = dynamic_sql_faults.function
    ),
    harmless as (
        select s.arguments || array(
            select d.name[1]
            from regexp_matches(
                s.code,
                '(\w+)\s+(?:constant\s+)?(?:reg\w+|oid|smallint|integer|int|bigint|boolean|uuid|date)\s*(?:;|:=|\mnot\M)',
                'gi'
            ) as d (name)
        ) as names
        from source as s
    ),
    executed as (
        select
            btrim(regexp_replace(
                regexp_replace(e.statement, '^.*?\mexecute\M', '', 'i'),
                '\m(using|into|loop)\M.*', '', 'i'
            ), e' \n\t') as expression
        from source as s
        cross join lateral regexp_split_to_table(s.code, ';') as e (statement)
        where e.statement ~* '\mexecute\M(?!\s+(function|procedure|on)\M)'
    )
    select e.expression
    from executed as e
    cross join harmless as h
    cross join source as s
    where not penstock.dynamic_sql_quoted(e.expression, h.names)
        -- A variable is what is assigned to it, each time.
        and not (
            e.expression ~ '^\w+$'
            and coalesce((
                select bool_and(penstock.dynamic_sql_quoted(a.value[1], h.names || e.expression))
                from regexp_matches(
                    s.code, '\m' || e.expression || '\M[^;:=()|]*(?::=|\mdefault\M)([^;]*)', 'gi'
                ) as a (value)
            ), false)
            and s.code !~* ('\minto\M[^;]*\m' || e.expression || '\M')
        )
$_$;

ALTER FUNCTION penstock.dynamic_sql_faults(function oid) OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.dynamic_sql_faults(function oid) IS 'What a plpgsql function executes that may hold a value nobody has quoted.';

CREATE FUNCTION penstock.dynamic_sql_quoted(expression text, harmless text[]) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    AS $_$
declare
    -- A value of one of these types is no SQL, whatever it holds.
    v_cast constant text :=
        '::(reg\w+|oid|smallint|integer|int[248]?|bigint|boolean|uuid|date)(\[\])?$';
    v_left text := dynamic_sql_quoted.expression;
    v_call text[];
    v_quoted boolean;
begin
    loop
        v_call := regexp_match(v_left, '((?:\w+\.)*\w+)?\s*\(([^()]*)\)');
        exit when v_call is null;

        if v_call[1] ~* '\mquote_(ident|literal|nullable)$' then
            v_quoted := true;
        elsif v_call[1] ~* '\mformat$' and v_call[2] ~ '^\s*''[^'']*''' then
            -- %I and %L quote; what %s takes over must be harmless. Without a number it is the
            -- argument after the one before.
            select coalesce(
                bool_and(penstock.dynamic_sql_quoted(a.arguments[1 + p.place], dynamic_sql_quoted.harmless)), true
            )
            into v_quoted
            from string_to_array(v_call[2], ',') as a (arguments)
            cross join lateral (
                select coalesce(m.spec[1]::integer, m.nth::integer) as place, m.spec[2] as kind
                from regexp_matches(a.arguments[1], '%(?:(\d+)\$)?-?\d*([sIL])', 'g') with ordinality as m (spec, nth)
            ) as p
            where p.kind = 's';
        else
            -- Any other function makes of what is quoted something quoted: string_agg, coalesce.
            select bool_and(penstock.dynamic_sql_quoted(a.argument, dynamic_sql_quoted.harmless))
            into v_quoted
            from string_to_table(v_call[2], ',') as a (argument)
            where lower(v_call[1]) is distinct from 'filter';
        end if;

        v_left := regexp_replace(
            v_left,
            '((?:\w+\.)*\w+)?\s*\(([^()]*)\)',
            case
                when lower(v_call[1]) = 'filter' then ''
                when v_quoted is not false then ' '''' '
                else ' unquoted '
            end
        );
    end loop;

    -- Of a CASE its values count, not its conditions.
    v_left := regexp_replace(v_left, '\mcase\M.*?\m(then|else)\M|\mwhen\M.*?\mthen\M|\melse\M', '||', 'gi');
    v_left := regexp_replace(v_left, '\mend\M', '', 'gi');

    return coalesce(bool_and(
        p.part ~ '^(''[^'']*''|\d+|)$'
        or p.part ~* v_cast
        or coalesce((regexp_match(p.part, '^(?:\w+\.)?"?(\w+)"?$'))[1] = any (dynamic_sql_quoted.harmless), false)
    ), false)
    from (
        select btrim(
            regexp_replace(t.part, '^\s*select\M\s*(distinct\M)?|\m(from|order\s+by)\M.*', '', 'gi'),
            e' \n\t'
        ) as part
        from regexp_split_to_table(v_left, '\|\|') as t (part)
    ) as p;
end
$_$;

ALTER FUNCTION penstock.dynamic_sql_quoted(expression text, harmless text[]) OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.dynamic_sql_quoted(expression text, harmless text[]) IS 'Whether an expression in a skeleton is made of literals, of what quote_ident, quote_literal and format''s %I and %L quote, and of values that can''t be SQL: casts to reg…, numbers, or these names.';

CREATE FUNCTION penstock.emit(topic text, payload jsonb, key text DEFAULT NULL::text, subject text DEFAULT NULL::text, role name DEFAULT NULL::name) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_id bigint;
begin
    insert into penstock.events as e (topic, payload, key, subject, role)
    values (emit.topic, emit.payload, emit.key, emit.subject, emit.role)
    returning e.id into v_id;

    if emit.topic = 'mail' then
        insert into penstock.deliveries (event_id, sink, key)
        values (v_id, 'mail', emit.key);

        return v_id;
    end if;

    insert into penstock.deliveries (event_id, sink, key)
    select v_id, 'webhook:' || w.id, emit.key
    from penstock.webhooks as w
    where w.ended_at is null
        and (
            w.topics = emit.topic
            or (right(w.topics, 1) = '*' and starts_with(emit.topic, rtrim(w.topics, '*')))
        );

    -- Whoever may see it is looked up again, by the API processes that hold their streams.
    perform penstock.touch(
        variadic array_remove(array['events', 'events_of:' || emit.subject, 'events_for:' || emit.role], null)
    );

    return v_id;
end
$$;

ALTER FUNCTION penstock.emit(topic text, payload jsonb, key text, subject text, role name) OWNER TO penstock_agent;

COMMENT ON FUNCTION penstock.emit(topic text, payload jsonb, key text, subject text, role name) IS 'Says that something has happened, once this transaction is committed; the event''s number. It goes to every webhook whose topics fit (and, of the topic mail, by mail), those with the same key one after another; and it is shown to the caller with this subject, and to those of this role.';

CREATE FUNCTION penstock.events_after(after penstock.event_place, "limit" integer, topics text DEFAULT NULL::text) RETURNS TABLE(id text, event text, data jsonb)
    LANGUAGE plpgsql STABLE ROWS 100
    AS $$
declare
    v_horizon constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
    v_xid constant xid8 := split_part(events_after.after, '-', 1)::xid8;
    v_id constant bigint := split_part(events_after.after, '-', 2);
    v_subject constant text := request.claims() ->> 'sub';
    v_role constant name := request.role();
    v_rows bigint := 0;
begin
    if v_xid > v_horizon then
        raise exception using
            errcode = 'PT410',
            constraint = 'event_place_is_known',
            message = 'This place is not one of this database''s: begin again without it.';
    end if;

    if events_after.topics is not null then
        return query
        select e.xid || '-' || e.id, e.topic, e.payload
        from penstock.events as e
        where (e.xid, e.id) > (v_xid, v_id)
            and e.xid < v_horizon
            and (
                e.topic = events_after.topics
                or (right(events_after.topics, 1) = '*' and starts_with(e.topic, rtrim(events_after.topics, '*')))
            )
        order by e.xid, e.id
        limit events_after."limit";
    elsif v_xid is not null then
        -- Each by the index of its own, however much there is of others'.
        return query
        select e.xid || '-' || e.id, e.topic, e.payload
        from (
            (
                select s.xid, s.id, s.topic, s.payload
                from penstock.events as s
                where s.subject = v_subject
                    and (s.xid, s.id) > (v_xid, v_id)
                    and s.xid < v_horizon
                order by s.xid, s.id
                limit events_after."limit"
            )
            union all
            (
                select r.xid, r.id, r.topic, r.payload
                from penstock.events as r
                where r.role = v_role
                    and r.subject is distinct from v_subject
                    and (r.xid, r.id) > (v_xid, v_id)
                    and r.xid < v_horizon
                order by r.xid, r.id
                limit events_after."limit"
            )
        ) as e
        order by e.xid, e.id
        limit events_after."limit";
    end if;

    get diagnostics v_rows = row_count;

    -- That there is no more, and up to where: the next call need not look at that again.
    if v_rows < events_after."limit" or v_xid is null then
        return query select v_horizon || '-0', null::text, null::jsonb;
    end if;
end
$$;

ALTER FUNCTION penstock.events_after(after penstock.event_place, "limit" integer, topics text) OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.events_after(after penstock.event_place, "limit" integer, topics text) IS 'The events after a place, as the caller may see them: those of the caller and of their role, or those of some topics. Where there are no more, a last row without data says up to where that is; so it does without a place, for a stream that begins now.';

CREATE FUNCTION penstock.events_prune(before timestamp with time zone, dead_before timestamp with time zone) RETURNS bigint
    LANGUAGE sql
    AS $$
    with gone as (
        delete from penstock.events as e
        where e.id = any (array(
            select old.id
            from penstock.events as old
            where old.at < events_prune.before
                and not exists (
                    select
                    from penstock.deliveries as d
                    where d.event_id = old.id
                        and (d.due_at is not null or d.dead_at >= events_prune.dead_before)
                )
            limit 20000
        ))
        returning e.id
    )
    select count(*) from gone
$$;

ALTER FUNCTION penstock.events_prune(before timestamp with time zone, dead_before timestamp with time zone) OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.events_prune(before timestamp with time zone, dead_before timestamp with time zone) IS 'Clears away up to 20,000 events from before a moment, with their deliveries: but none that must be delivered yet, nor one that was given up after the second moment; how many.';

CREATE FUNCTION penstock.idempotency_begin(route text, key text, wait_ms integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_id constant uuid := penstock.idempotency_id(idempotency_begin.route, idempotency_begin.key);
    v_lock constant bigint := hashtextextended(v_id::text, 0);
begin
    if not pg_try_advisory_xact_lock(v_lock) then
        declare
            v_timeout constant text := current_setting('lock_timeout');
        begin
            perform set_config('lock_timeout', greatest(idempotency_begin.wait_ms, 1)::text, true);
            perform pg_advisory_xact_lock(v_lock);
            perform set_config('lock_timeout', v_timeout, true);
        exception
            when lock_not_available then
                raise exception using
                    errcode = 'PK002',
                    message = 'Another request with this key is still being answered.';
        end;
    end if;

    -- In a statement of its own, which sees what was committed while we waited.
    if exists (select from penstock.idempotency_keys as k where k.id = v_id) then
        raise exception using
            errcode = 'PK001',
            message = 'A request with this key was answered already.';
    end if;
end
$$;

ALTER FUNCTION penstock.idempotency_begin(route text, key text, wait_ms integer) OWNER TO penstock_agent;

COMMENT ON FUNCTION penstock.idempotency_begin(route text, key text, wait_ms integer) IS 'Lets a request with a key go on, and others with the same key of the same caller wait for the end of its transaction, for so many milliseconds. Raises PK001 where the key was answered already, see penstock.idempotency_find, and PK002 after that wait.';

CREATE FUNCTION penstock.idempotency_find(route text, key text) RETURNS TABLE(request text, status integer, headers text, body text, touched text)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
    SET search_path TO ''
    AS $$
    select
        k.request::text,
        k.status,
        k.headers,
        k.body,
        -- As penstock.touch leaves it: whoever made the change may have been killed before it
        -- could tell the caches.
        (
            select array_to_json(array[k.xid::text] || array_agg(tag.name))::text
            from penstock.touches as t
            cross join lateral unnest(t.tags) as tag (name)
            where t.xid = k.xid
            having count(*) > 0
        )
    from penstock.idempotency_keys as k
    where k.id = penstock.idempotency_id(idempotency_find.route, idempotency_find.key)
$$;

ALTER FUNCTION penstock.idempotency_find(route text, key text) OWNER TO penstock_agent;

COMMENT ON FUNCTION penstock.idempotency_find(route text, key text) IS 'What the caller was answered to a request with this key, and no row where they were not. `touched` is a JSON array of the transaction and the tags that it touched, or null.';

CREATE FUNCTION penstock.idempotency_id(route text, key text) RETURNS uuid
    LANGUAGE sql STABLE
    AS $$
    -- The subject comes last: it is the only part that may hold a line break, so no two lists of
    -- them look the same.
    select encode(substring(sha256(convert_to(
        concat_ws(
            e'\n',
            request.role(), idempotency_id.route, idempotency_id.key, request.claims() ->> 'sub'
        ),
        'UTF8'
    )) for 16), 'hex')::uuid
$$;

ALTER FUNCTION penstock.idempotency_id(route text, key text) OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.idempotency_id(route text, key text) IS 'What a key is known by: it counts for the caller at hand and this route alone. Callers without a token are one caller.';

CREATE FUNCTION penstock.idempotency_keep(route text, key text, request uuid, status integer, body text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    insert into penstock.idempotency_keys (id, route, request, status, headers, body)
    values (
        penstock.idempotency_id(idempotency_keep.route, idempotency_keep.key),
        idempotency_keep.route,
        idempotency_keep.request,
        coalesce(nullif(current_setting('response.status', true), '')::integer, idempotency_keep.status),
        nullif(current_setting('response.headers', true), ''),
        idempotency_keep.body
    );
end
$$;

ALTER FUNCTION penstock.idempotency_keep(route text, key text, request uuid, status integer, body text) OWNER TO penstock_agent;

COMMENT ON FUNCTION penstock.idempotency_keep(route text, key text, request uuid, status integer, body text) IS 'Keeps the answer to a request with a key, in the transaction that did what was asked. `request` is a digest of the arguments; a response.status that the function has set goes before `status`.';

CREATE FUNCTION penstock.idempotency_prune() RETURNS bigint
    LANGUAGE sql
    AS $$
    with gone as (
        delete from penstock.idempotency_keys as k
        where k.kept_at < now() - interval '24 hours'
        returning k.id
    )
    select count(*) from gone
$$;

ALTER FUNCTION penstock.idempotency_prune() OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.idempotency_prune() IS 'Clears away answers that were kept for a day; how many. Their keys are as good as new.';

CREATE PROCEDURE penstock.job_forget(IN name text)
    LANGUAGE sql
    AS $$
    delete from penstock.jobs as j
    where j.name = job_forget.name
$$;

ALTER PROCEDURE penstock.job_forget(IN name text) OWNER TO penstock_owner;

COMMENT ON PROCEDURE penstock.job_forget(IN name text) IS 'Ends a job: it is done no more.';

CREATE PROCEDURE penstock.job_schedule(IN name text, IN statement text, IN every interval, IN role name DEFAULT 'penstock_agent'::name, IN timeout interval DEFAULT '00:10:00'::interval)
    LANGUAGE sql
    AS $$
    insert into penstock.jobs (name, statement, every, role, timeout)
    values (job_schedule.name, job_schedule.statement, job_schedule.every, job_schedule.role, job_schedule.timeout)
    on conflict on constraint jobs_pkey do update
    set statement = excluded.statement,
        every = excluded.every,
        role = excluded.role,
        timeout = excluded.timeout,
        due_at = least(jobs.due_at, now() + excluded.every)
$$;

ALTER PROCEDURE penstock.job_schedule(IN name text, IN statement text, IN every interval, IN role name, IN timeout interval) OWNER TO penstock_owner;

COMMENT ON PROCEDURE penstock.job_schedule(IN name text, IN statement text, IN every interval, IN role name, IN timeout interval) IS 'Has workers do a statement again and again, as this role; one at a time. Called again, it changes the job.';

CREATE FUNCTION penstock.long_call_advance(call_id uuid, done bigint) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    update penstock.long_calls as c
    set done = least(long_call_advance.done, c.lines)
    where c.id = long_call_advance.call_id
        and c.state = 'running'
        and c.role = request.role()
        and c.subject = request.claims() ->> 'sub'
$$;

ALTER FUNCTION penstock.long_call_advance(call_id uuid, done bigint) OWNER TO penstock_agent;

COMMENT ON FUNCTION penstock.long_call_advance(call_id uuid, done bigint) IS 'Says how many lines a call of the caller''s is through with; nothing where it has ended. In a transaction of its own, or nobody would see it before the end.';

CREATE FUNCTION penstock.long_call_begin(call_id uuid, request text, lines bigint) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    insert into penstock.long_calls (id, role, subject, request, lines)
    values (
        long_call_begin.call_id,
        request.role(),
        request.claims() ->> 'sub',
        long_call_begin.request,
        long_call_begin.lines
    );

    return long_call_begin.call_id;
end
$$;

ALTER FUNCTION penstock.long_call_begin(call_id uuid, request text, lines bigint) OWNER TO penstock_agent;

COMMENT ON FUNCTION penstock.long_call_begin(call_id uuid, request text, lines bigint) IS 'Notes that a call of the caller''s goes on after its answer; its id. Whoever does it must hold the lock of that id before, see penstock.long_call_find.';

CREATE FUNCTION penstock.long_call_end(call_id uuid, status integer, body json) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    update penstock.long_calls as c
    set state = 'done',
        done = c.lines,
        status = long_call_end.status,
        body = long_call_end.body,
        ended_at = clock_timestamp()
    where c.id = long_call_end.call_id
        and c.state = 'running'
        and c.role = request.role()
        and c.subject = request.claims() ->> 'sub'
        -- Without its lock others were told that it is lost, and then it must not be committed.
        and exists (
            select
            from pg_catalog.pg_locks as l
            where l.locktype = 'advisory'
                and l.pid = pg_backend_pid()
                and l.mode = 'ExclusiveLock'
                and l.granted
                and l.database = (select d.oid from pg_catalog.pg_database as d where d.datname = current_database())
                and (l.classid::bigint << 32) | l.objid::bigint
                    = hashtextextended('penstock.long_call:' || c.id, 0)
        );

    if not found then
        raise exception using
            errcode = 'PK003',
            message = 'This call is not running any more: nothing of it may be kept.';
    end if;
end
$$;

ALTER FUNCTION penstock.long_call_end(call_id uuid, status integer, body json) OWNER TO penstock_agent;

COMMENT ON FUNCTION penstock.long_call_end(call_id uuid, status integer, body json) IS 'Says what a call of the caller''s came to: the last statement of its own transaction, so that it is done exactly if that is committed. Raises PK003 where it has ended, or its lock is not held.';

CREATE FUNCTION penstock.long_call_fail(call_id uuid, status integer, body json) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    update penstock.long_calls as c
    set state = 'failed',
        status = long_call_fail.status,
        body = long_call_fail.body,
        ended_at = clock_timestamp()
    where c.id = long_call_fail.call_id
        and c.state = 'running'
        and c.role = request.role()
        and c.subject = request.claims() ->> 'sub';
end
$$;

ALTER FUNCTION penstock.long_call_fail(call_id uuid, status integer, body json) OWNER TO penstock_agent;

COMMENT ON FUNCTION penstock.long_call_fail(call_id uuid, status integer, body json) IS 'Says why a call of the caller''s failed, after its transaction was rolled back; nothing where it has ended.';

CREATE TABLE penstock.long_calls (
    id uuid NOT NULL,
    role name NOT NULL,
    subject text NOT NULL,
    request text NOT NULL,
    lines bigint NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    status integer,
    body json,
    begun_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT long_calls_end_is_whole CHECK ((((state = 'running'::text) = (ended_at IS NULL)) AND ((state = 'running'::text) = (status IS NULL)))),
    CONSTRAINT long_calls_state_is_known CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text])))
);

ALTER TABLE ONLY penstock.long_calls FORCE ROW LEVEL SECURITY;

ALTER TABLE penstock.long_calls OWNER TO penstock_owner;

COMMENT ON TABLE penstock.long_calls IS 'Calls that were answered with 202 and went on: long imports. Whoever does one holds an advisory lock until its outcome is here; read them by penstock.long_call_find().';

COMMENT ON COLUMN penstock.long_calls.id IS 'What the call is known by: random, made by the API.';

COMMENT ON COLUMN penstock.long_calls.role IS 'The role of whoever made the call.';

COMMENT ON COLUMN penstock.long_calls.subject IS 'The subject of whoever made the call.';

COMMENT ON COLUMN penstock.long_calls.request IS 'What was called: POST /products/bulk.';

COMMENT ON COLUMN penstock.long_calls.lines IS 'How many lines were sent.';

COMMENT ON COLUMN penstock.long_calls.done IS 'How many of them the call is through with. Until it has ended this is nothing that was kept.';

COMMENT ON COLUMN penstock.long_calls.state IS 'running, done (written by the call''s own transaction, so it was committed) or failed.';

COMMENT ON COLUMN penstock.long_calls.status IS 'The HTTP status of the answer; null until there is one.';

COMMENT ON COLUMN penstock.long_calls.body IS 'The answer: what the function said, or a problem.';

COMMENT ON COLUMN penstock.long_calls.begun_at IS 'When all had arrived.';

COMMENT ON COLUMN penstock.long_calls.ended_at IS 'When it was done, or had failed.';

COMMENT ON CONSTRAINT long_calls_end_is_whole ON penstock.long_calls IS 'A call that has ended has a status and a time, and one that runs has neither.';

COMMENT ON CONSTRAINT long_calls_state_is_known ON penstock.long_calls IS 'A call is running, done or failed.';

CREATE FUNCTION penstock.long_call_find(call_id uuid) RETURNS SETOF penstock.long_calls
    LANGUAGE plpgsql ROWS 1
    AS $$
declare
    v_is_free constant boolean := pg_try_advisory_xact_lock_shared(
        hashtextextended('penstock.long_call:' || long_call_find.call_id, 0)
    );
    v_call penstock.long_calls;
begin
    select c.* into v_call
    from penstock.long_calls as c
    where c.id = long_call_find.call_id;

    if not found then
        return;
    end if;

    if v_is_free and v_call.state = 'running' then
        v_call.state := 'failed';
        v_call.status := 503;
        v_call.body := json_build_object(
            'type', '/problems/call-lost',
            'title', 'Service Unavailable',
            'status', 503,
            'detail', 'The server that did this is gone, and nothing of it was kept: send it again.'
        );
    end if;

    return next v_call;
end
$$;

ALTER FUNCTION penstock.long_call_find(call_id uuid) OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.long_call_find(call_id uuid) IS 'A long call that the caller may see, as it is now. One that says it is running is failed where nobody holds its lock: its server is gone, and its transaction was rolled back.';

CREATE FUNCTION penstock.long_calls_prune() RETURNS bigint
    LANGUAGE sql
    AS $$
    with gone as (
        delete from penstock.long_calls as c
        where c.begun_at < now() - interval '7 days'
        returning c.id
    )
    select count(*) from gone
$$;

ALTER FUNCTION penstock.long_calls_prune() OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.long_calls_prune() IS 'Clears away long calls that began seven days ago; how many. One that still runs then is not committed.';

CREATE FUNCTION penstock.rate_prune() RETURNS bigint
    LANGUAGE sql
    AS $$
    with gone as (
        delete from penstock.rate_limits as r
        where r.key = any (array(
            select old.key
            from penstock.rate_limits as old
            where old.whole_at < clock_timestamp()
            limit 20000
            for update skip locked  -- somebody is being counted there
        ))
        returning r.key
    )
    select count(*) from gone
$$;

ALTER FUNCTION penstock.rate_prune() OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.rate_prune() IS 'Clears away counts whose quota is whole again, as of those who never called; how many.';

CREATE FUNCTION penstock.rate_take(keys uuid[], quotas integer[], seconds integer[]) RETURNS TABLE(admitted boolean, remaining double precision)
    LANGUAGE plpgsql
    AS $$
declare
    v_now timestamptz;
begin
    -- Locks the rows, in one order, lest two calls wait for each other.
    insert into penstock.rate_limits as r (key, whole_at)
    select k.key, '-infinity'
    from unnest(rate_take.keys) as k (key)
    order by k.key
    on conflict (key) do update set whole_at = r.whole_at;

    v_now := clock_timestamp();  -- now() was before whatever we waited for

    return query
    with asked as materialized (
        select
            a.place,
            a.key,
            make_interval(secs => a.seconds::double precision / a.quota) as step,
            -- A clock that was set back must not lock anybody out for longer than a unit.
            least(greatest(r.whole_at, v_now), v_now + make_interval(secs => a.seconds)) as whole_at,
            a.quota - extract(epoch from greatest(r.whole_at, v_now) - v_now)::double precision
            * a.quota / a.seconds as remaining
        from unnest(rate_take.keys, rate_take.quotas, rate_take.seconds)
            with ordinality as a (key, quota, seconds, place)
        join penstock.rate_limits as r on r.key = a.key
    ),
    verdict as materialized (
        -- A millionth, for sums of fractions may lack that of a whole call.
        select bool_and(a.remaining + 0.000001 >= 1) as admitted from asked as a
    ),
    taken as (
        update penstock.rate_limits as r
        set whole_at = a.whole_at + a.step
        from asked as a
        cross join verdict as v
        where v.admitted and r.key = a.key
    )
    select v.admitted, greatest(a.remaining - v.admitted::integer, 0)
    from asked as a
    cross join verdict as v
    order by a.place;
end
$$;

ALTER FUNCTION penstock.rate_take(keys uuid[], quotas integer[], seconds integer[]) OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.rate_take(keys uuid[], quotas integer[], seconds integer[]) IS 'Counts a call under several keys, each with a quota of calls in so many seconds: under all of them, or under none if one has no call left. A row for each key in their order: whether the call is admitted, and how many remain; a part of a call says how far the next is.';

CREATE PROCEDURE penstock.rows_tag(IN "table" regclass, VARIADIC tags text[])
    LANGUAGE plpgsql
    AS $_$
declare
    v_name text;
    v_wrong text;
    v_of_row text;
    v_of_old text;
    v_rekeyed text;
    v_of_any text;
    v_of_all text;
begin
    select t.tag
    into v_wrong
    from unnest(rows_tag.tags) as t (tag)
    left join pg_catalog.pg_attribute as a
        on a.attrelid = rows_tag."table"
        and a.attname = substring(t.tag from '\{(.*)\}')
        and a.attnum > 0
    where t.tag !~ '^\w+(:\{\w+\})?$'
        or (t.tag ~ '\{' and a.attname is null)
    limit 1;

    if v_wrong is not null then
        raise exception '"%" is no tag for %.', v_wrong, rows_tag."table"
            using hint = 'A tag is a name, as products, or a name with a column, as product:{id}.';
    end if;

    select format('%I', 'touch_' || n.nspname || '_' || c.relname)
    into v_name
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.oid = rows_tag."table";

    -- A tag without a column is touched once, those with one for each row.
    select
        string_agg(format('%L || r.%I', t.kind, t.col), ', ') filter (where t.col is not null),
        string_agg(format('%L || old.%I', t.kind, t.col), ', ') filter (where t.col is not null),
        string_agg(format('old.%1$I is distinct from new.%1$I', t.col), ' or ') filter (where t.col is not null),
        coalesce(string_agg(quote_literal(t.kind), ', ') filter (where t.col is null), ''),
        string_agg(quote_literal(case when t.col is null then t.kind else t.kind || '*' end), ', ')
    into v_of_row, v_of_old, v_rekeyed, v_of_any, v_of_all
    from (
        select split_part(s.tag, '{', 1) as kind, substring(s.tag from '\{(.*)\}') as col
        from unnest(rows_tag.tags) as s (tag)
    ) as t;

    v_of_row := coalesce(
        case when v_of_row ~ ', ' then 'unnest(array[' || v_of_row || '])' else v_of_row end,
        quote_literal(rows_tag.tags[1])
    );

    -- dynamic_sql: what %s takes over was made of %I, %L and quote_literal above.
    execute format(
        $function$
create or replace function penstock.%1$s()
    returns trigger
    security definer
    set search_path = ''
    language plpgsql
as $body$
declare
    v_tags text[];
begin
    if tg_op = 'TRUNCATE' then
        perform penstock.touch(%4$s);
        return null;
    elsif tg_level = 'ROW' then
        perform penstock.touch(%7$s);
        return null;
    end if;

    -- What most transactions touch first is all: one statement, where touch() takes four.
    if nullif(current_setting('penstock.touched', true), '') is null then
        insert into penstock.touches (tags)
        select array[%3$s]::text[] || r.tags
        from (select array(select %2$s from changed as r limit %6$s) as tags) as r
        where cardinality(r.tags) between 1 and %8$s
        returning set_config('penstock.touched', (xid::text || tags)::text, true) into v_tags;

        if found then
            return null;
        end if;
    end if;

    v_tags := array(select %2$s from changed as r limit %6$s);

    if v_tags <> '{}' then
        perform penstock.touch(variadic array[%3$s]::text[] || v_tags);
    end if;

    return null;
end
$body$;

comment on function penstock.%1$s() is
    'Trigger, once a statement: touches what was changed in %5$s; written by penstock.rows_tag().';

grant create on schema penstock to penstock_agent;
alter function penstock.%1$s() owner to penstock_agent;
revoke create on schema penstock from penstock_agent;

create or replace trigger penstock_insert after insert on %5$s
    referencing new table as changed
    for each statement execute function penstock.%1$s();
create or replace trigger penstock_update after update on %5$s
    referencing new table as changed
    for each statement execute function penstock.%1$s();
create or replace trigger penstock_delete after delete on %5$s
    referencing old table as changed
    for each statement execute function penstock.%1$s();
create or replace trigger penstock_truncate after truncate on %5$s
    for each statement execute function penstock.%1$s();
        $function$,
        v_name, v_of_row, v_of_any, v_of_all, rows_tag."table",
        case when v_rekeyed is null then 1 else 101 end,  -- one row more than are named one by one
        coalesce(v_of_old, 'null'),
        100 - cardinality(rows_tag.tags)
    );

    -- What a row was is told apart: hardly an update changes a key, and both tables of rows cost
    -- more than one.
    if v_rekeyed is not null then
        execute format(
            'create or replace trigger penstock_rekey after update on %s
                for each row when (%s) execute function penstock.%s()',
            rows_tag."table", v_rekeyed, v_name
        );
    elsif exists (
        select
        from pg_catalog.pg_trigger as g
        where g.tgrelid = rows_tag."table" and g.tgname = 'penstock_rekey'
    ) then
        execute format('drop trigger penstock_rekey on %s', rows_tag."table");
    end if;
end
$_$;

ALTER PROCEDURE penstock.rows_tag(IN "table" regclass, VARIADIC tags text[]) OWNER TO penstock_owner;

COMMENT ON PROCEDURE penstock.rows_tag(IN "table" regclass, VARIADIC tags text[]) IS 'Lets every change of a table''s rows, by whomever, touch these tags: products, or product:{id} for each row.';

CREATE FUNCTION penstock.settle() RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    set constraints all immediate;
end
$$;

ALTER FUNCTION penstock.settle() OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.settle() IS 'Runs the triggers that were put off to the end of the transaction: what they touch is known after it.';

CREATE FUNCTION penstock.source_skeleton(source text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    select coalesce(string_agg(
        case
            when t.token ~ '^(--|/\*)' then ' '
            when t.token ~ '^[''$].' then '''' || array_to_string(array(
                select s.spec[1]
                from regexp_matches(t.token, '(%(?:\d+\$)?-?\d*[sIL])', 'g') as s (spec)
            ), '') || ''''
            else t.token
        end,
        '' order by t.nth
    ), '')
    from (
        -- Literals first, so that no comment begins in one, and then comments, so that no literal
        -- begins in one. What is left comes in as long pieces as may be.
        select m.token[1] as token, m.nth
        from regexp_matches(
            source_skeleton.source,
            '('
                '''(?:[^'']|'''')*'''
                '|\$\$(?:[^$]|\$[^$])*\$\$'
                '|\$([A-Za-z_]\w*)\$(?:[^$]|\$(?![A-Za-z_]\w*\$)|\$body\$)*\$\2\$'
                '|--[^\n]*'
                '|/\*(?:[^*]|\*+[^*/])*\*+/'
                '|[^''$/-]+'
                '|.'
            ')',
            'g'
        ) with ordinality as m (token, nth)
    ) as t
$_$;

ALTER FUNCTION penstock.source_skeleton(source text) OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.source_skeleton(source text) IS 'A function''s source without comments, and of its string literals only what format() would fill in: ''%I%s''. What is searched for there is code.';

CREATE FUNCTION penstock.touch(VARIADIC tags text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    -- The transaction comes first, lest what a session has set by hand is taken for touched.
    v_xid constant text := pg_current_xact_id()::text;
    v_known text[] := nullif(current_setting('penstock.touched', true), '');
    v_fresh text[] := touch.tags;
begin
    if v_known[1] is distinct from v_xid then
        v_known := array[v_xid];
    end if;

    -- Beyond a hundred, only which kinds of thing: product:7 becomes product:*.
    if cardinality(v_known) + cardinality(v_fresh) > 101 then
        v_fresh := array(select distinct regexp_replace(t.tag, ':.*', ':*') from unnest(v_fresh) as t (tag));
    end if;

    if v_fresh <@ v_known[2:] then
        return;
    end if;

    insert into penstock.touches (tags) values (v_fresh);
    v_known := set_config('penstock.touched', (v_known || v_fresh)::text, true);
end
$$;

ALTER FUNCTION penstock.touch(VARIADIC tags text[]) OWNER TO penstock_agent;

COMMENT ON FUNCTION penstock.touch(VARIADIC tags text[]) IS 'Says what this transaction changes: once it is committed, no cached answer with one of these tags counts any more. product:* stands for every product:…, and * for everything.';

CREATE FUNCTION penstock.touch_app_order_lines() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_tags text[];
begin
    if tg_op = 'TRUNCATE' then
        perform penstock.touch('order_lines', 'order:*');
        return null;
    elsif tg_level = 'ROW' then
        perform penstock.touch('order:' || old.order_id);
        return null;
    end if;

    -- What most transactions touch first is all: one statement, where touch() takes four.
    if nullif(current_setting('penstock.touched', true), '') is null then
        insert into penstock.touches (tags)
        select array['order_lines']::text[] || r.tags
        from (select array(select 'order:' || r.order_id from changed as r limit 101) as tags) as r
        where cardinality(r.tags) between 1 and 98
        returning set_config('penstock.touched', (xid::text || tags)::text, true) into v_tags;

        if found then
            return null;
        end if;
    end if;

    v_tags := array(select 'order:' || r.order_id from changed as r limit 101);

    if v_tags <> '{}' then
        perform penstock.touch(variadic array['order_lines']::text[] || v_tags);
    end if;

    return null;
end
$$;

ALTER FUNCTION penstock.touch_app_order_lines() OWNER TO penstock_agent;

COMMENT ON FUNCTION penstock.touch_app_order_lines() IS 'Trigger, once a statement: touches what was changed in app.order_lines; written by penstock.rows_tag().';

CREATE FUNCTION penstock.touch_app_orders() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_tags text[];
begin
    if tg_op = 'TRUNCATE' then
        perform penstock.touch('orders', 'order:*');
        return null;
    elsif tg_level = 'ROW' then
        perform penstock.touch('order:' || old.id);
        return null;
    end if;

    -- What most transactions touch first is all: one statement, where touch() takes four.
    if nullif(current_setting('penstock.touched', true), '') is null then
        insert into penstock.touches (tags)
        select array['orders']::text[] || r.tags
        from (select array(select 'order:' || r.id from changed as r limit 101) as tags) as r
        where cardinality(r.tags) between 1 and 98
        returning set_config('penstock.touched', (xid::text || tags)::text, true) into v_tags;

        if found then
            return null;
        end if;
    end if;

    v_tags := array(select 'order:' || r.id from changed as r limit 101);

    if v_tags <> '{}' then
        perform penstock.touch(variadic array['orders']::text[] || v_tags);
    end if;

    return null;
end
$$;

ALTER FUNCTION penstock.touch_app_orders() OWNER TO penstock_agent;

COMMENT ON FUNCTION penstock.touch_app_orders() IS 'Trigger, once a statement: touches what was changed in app.orders; written by penstock.rows_tag().';

CREATE FUNCTION penstock.touch_app_products() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_tags text[];
begin
    if tg_op = 'TRUNCATE' then
        perform penstock.touch('products', 'product:*');
        return null;
    elsif tg_level = 'ROW' then
        perform penstock.touch('product:' || old.id);
        return null;
    end if;

    -- What most transactions touch first is all: one statement, where touch() takes four.
    if nullif(current_setting('penstock.touched', true), '') is null then
        insert into penstock.touches (tags)
        select array['products']::text[] || r.tags
        from (select array(select 'product:' || r.id from changed as r limit 101) as tags) as r
        where cardinality(r.tags) between 1 and 98
        returning set_config('penstock.touched', (xid::text || tags)::text, true) into v_tags;

        if found then
            return null;
        end if;
    end if;

    v_tags := array(select 'product:' || r.id from changed as r limit 101);

    if v_tags <> '{}' then
        perform penstock.touch(variadic array['products']::text[] || v_tags);
    end if;

    return null;
end
$$;

ALTER FUNCTION penstock.touch_app_products() OWNER TO penstock_agent;

COMMENT ON FUNCTION penstock.touch_app_products() IS 'Trigger, once a statement: touches what was changed in app.products; written by penstock.rows_tag().';

CREATE FUNCTION penstock.touch_auth_api_keys() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_tags text[];
begin
    if tg_op = 'TRUNCATE' then
        perform penstock.touch('api_key:*');
        return null;
    elsif tg_level = 'ROW' then
        perform penstock.touch('api_key:' || old.id);
        return null;
    end if;

    -- What most transactions touch first is all: one statement, where touch() takes four.
    if nullif(current_setting('penstock.touched', true), '') is null then
        insert into penstock.touches (tags)
        select array[]::text[] || r.tags
        from (select array(select 'api_key:' || r.id from changed as r limit 101) as tags) as r
        where cardinality(r.tags) between 1 and 99
        returning set_config('penstock.touched', (xid::text || tags)::text, true) into v_tags;

        if found then
            return null;
        end if;
    end if;

    v_tags := array(select 'api_key:' || r.id from changed as r limit 101);

    if v_tags <> '{}' then
        perform penstock.touch(variadic array[]::text[] || v_tags);
    end if;

    return null;
end
$$;

ALTER FUNCTION penstock.touch_auth_api_keys() OWNER TO penstock_agent;

COMMENT ON FUNCTION penstock.touch_auth_api_keys() IS 'Trigger, once a statement: touches what was changed in auth.api_keys; written by penstock.rows_tag().';

CREATE FUNCTION penstock.touch_auth_sessions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_tags text[];
begin
    if tg_op = 'TRUNCATE' then
        perform penstock.touch('session:*');
        return null;
    elsif tg_level = 'ROW' then
        perform penstock.touch('session:' || old.id);
        return null;
    end if;

    -- What most transactions touch first is all: one statement, where touch() takes four.
    if nullif(current_setting('penstock.touched', true), '') is null then
        insert into penstock.touches (tags)
        select array[]::text[] || r.tags
        from (select array(select 'session:' || r.id from changed as r limit 101) as tags) as r
        where cardinality(r.tags) between 1 and 99
        returning set_config('penstock.touched', (xid::text || tags)::text, true) into v_tags;

        if found then
            return null;
        end if;
    end if;

    v_tags := array(select 'session:' || r.id from changed as r limit 101);

    if v_tags <> '{}' then
        perform penstock.touch(variadic array[]::text[] || v_tags);
    end if;

    return null;
end
$$;

ALTER FUNCTION penstock.touch_auth_sessions() OWNER TO penstock_agent;

COMMENT ON FUNCTION penstock.touch_auth_sessions() IS 'Trigger, once a statement: touches what was changed in auth.sessions; written by penstock.rows_tag().';

CREATE FUNCTION penstock.webhook_end(sink text, because text) RETURNS void
    LANGUAGE sql
    AS $$
    update penstock.webhooks as w
    set ended_at = clock_timestamp(),
        ended_because = webhook_end.because
    where 'webhook:' || w.id = webhook_end.sink
        and w.ended_at is null;

    update penstock.deliveries as d
    set due_at = null,
        dead_at = clock_timestamp(),
        error = webhook_end.because
    where d.sink = webhook_end.sink
        and d.due_at is not null
$$;

ALTER FUNCTION penstock.webhook_end(sink text, because text) OWNER TO penstock_owner;

COMMENT ON FUNCTION penstock.webhook_end(sink text, because text) IS 'Ends a subscription: it is told no more, and what it has not been told is given up.';

CREATE FUNCTION request.claims() RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    -- After a transaction a setting that was local to it reads '', not null.
    select nullif(current_setting('request.jwt.claims', true), '')::jsonb
$$;

ALTER FUNCTION request.claims() OWNER TO penstock_owner;

COMMENT ON FUNCTION request.claims() IS 'The verified claims of the caller''s token, or null for a caller without one.';

CREATE FUNCTION request.role() RETURNS name
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    -- The setting and not current_user, which inside a security definer function is the
    -- function's owner; and not a claim, which is only what a token says.
    select coalesce(nullif(current_setting('role'), 'none')::name, session_user)
$$;

ALTER FUNCTION request.role() OWNER TO penstock_owner;

COMMENT ON FUNCTION request.role() IS 'The role the request runs as, also inside security definer functions.';

CREATE FUNCTION request.user_id() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
    -- A subject that is no number is not a user: null, which no policy matches.
    select substring(request.claims() ->> 'sub' from '^[0-9]{1,18}$')::bigint
$_$;

ALTER FUNCTION request.user_id() OWNER TO penstock_owner;

COMMENT ON FUNCTION request.user_id() IS 'The user who is calling, or null. In a policy write (select request.user_id()): once a statement, not once a row.';

CREATE TABLE app.analysts (
    login name NOT NULL,
    countries app.country[],
    CONSTRAINT analysts_countries_some CHECK (((cardinality(countries) > 0) AND (array_position(countries, (NULL::text)::app.country) IS NULL)))
);

ALTER TABLE ONLY app.analysts FORCE ROW LEVEL SECURITY;

ALTER TABLE app.analysts OWNER TO penstock_owner;

COMMENT ON TABLE app.analysts IS 'Who sees what in the report views: a row for each database login of an analyst. Without one a login sees nothing.';

COMMENT ON COLUMN app.analysts.login IS 'The login role (session_user). It also needs the role reporter: grant reporter to …';

COMMENT ON COLUMN app.analysts.countries IS 'The countries whose orders the analyst sees; null for all.';

COMMENT ON CONSTRAINT analysts_countries_some ON app.analysts IS 'An analyst sees at least one country, or, with null, all of them.';

CREATE TABLE app.users (
    id bigint NOT NULL,
    email app.email NOT NULL,
    username app.username NOT NULL,
    full_name app.full_name,
    role app.user_role DEFAULT 'member'::app.user_role NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY app.users FORCE ROW LEVEL SECURITY;

ALTER TABLE app.users OWNER TO penstock_owner;

COMMENT ON TABLE app.users IS 'Who has an account, and the customers that the retail import brought.';

COMMENT ON COLUMN app.users.id IS 'The user''s number.';

COMMENT ON COLUMN app.users.email IS 'The address the user logs in with; unique without regard to case.';

COMMENT ON COLUMN app.users.username IS 'The name others know the user by; unique without regard to case.';

COMMENT ON COLUMN app.users.full_name IS 'The user''s full name, if they gave it.';

COMMENT ON COLUMN app.users.role IS 'What the user may do.';

COMMENT ON COLUMN app.users.is_active IS 'Whether the user may log in and buy.';

COMMENT ON COLUMN app.users.created_at IS 'When the user registered.';

COMMENT ON COLUMN app.users.updated_at IS 'When the user was last changed.';

CREATE VIEW app.authors AS
 SELECT u.id,
    u.username,
    u.is_active
   FROM app.users u;

ALTER TABLE app.authors OWNER TO penstock_clerk;

COMMENT ON VIEW app.authors IS 'What everybody may know of a user, to put a name to a post. It has everybody: a list of authors names only those who have published.';

COMMENT ON COLUMN app.authors.id IS 'The user''s number.';

COMMENT ON COLUMN app.authors.username IS 'The name others know the user by.';

COMMENT ON COLUMN app.authors.is_active IS 'Whether the user''s account is active.';

CREATE TABLE app.import_rejects (
    import_id bigint NOT NULL,
    line bigint NOT NULL,
    reason app.reject_reason NOT NULL,
    problem text,
    raw text
);

ALTER TABLE ONLY app.import_rejects FORCE ROW LEVEL SECURITY;

ALTER TABLE app.import_rejects OWNER TO penstock_owner;

COMMENT ON TABLE app.import_rejects IS 'The lines that imports rejected, as they came.';

COMMENT ON COLUMN app.import_rejects.import_id IS 'The import.';

COMMENT ON COLUMN app.import_rejects.line IS 'The line''s number in the file.';

COMMENT ON COLUMN app.import_rejects.reason IS 'Why the line was rejected.';

COMMENT ON COLUMN app.import_rejects.problem IS 'Why the line could not be split into fields, if that is the reason.';

COMMENT ON COLUMN app.import_rejects.raw IS 'The line as it stood in the file.';

CREATE TABLE app.imports (
    id bigint NOT NULL,
    made_by bigint,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    lines integer NOT NULL,
    loaded integer NOT NULL,
    unchanged integer NOT NULL,
    rejected integer NOT NULL,
    revenue numeric(18,2) NOT NULL,
    new_customers integer NOT NULL,
    new_products integer NOT NULL,
    new_orders integer NOT NULL,
    CONSTRAINT imports_lines_add_up CHECK ((lines = ((loaded + unchanged) + rejected)))
);

ALTER TABLE ONLY app.imports FORCE ROW LEVEL SECURITY;

ALTER TABLE app.imports OWNER TO penstock_owner;

COMMENT ON TABLE app.imports IS 'What each import of a retail file did. Entered once, never changed.';

COMMENT ON COLUMN app.imports.id IS 'The import''s number.';

COMMENT ON COLUMN app.imports.made_by IS 'Who made the import; null once they are gone.';

COMMENT ON COLUMN app.imports.made_at IS 'When the import was made.';

COMMENT ON COLUMN app.imports.lines IS 'How many lines the file had.';

COMMENT ON COLUMN app.imports.loaded IS 'How many lines were new, and became order lines.';

COMMENT ON COLUMN app.imports.unchanged IS 'How many lines were there already.';

COMMENT ON COLUMN app.imports.rejected IS 'How many lines were rejected.';

COMMENT ON COLUMN app.imports.revenue IS 'The sum of quantity times price over the loaded lines.';

COMMENT ON COLUMN app.imports.new_customers IS 'How many customers became users.';

COMMENT ON COLUMN app.imports.new_products IS 'How many stock codes became products.';

COMMENT ON COLUMN app.imports.new_orders IS 'How many invoices became orders.';

COMMENT ON CONSTRAINT imports_lines_add_up ON app.imports IS 'Every line is either loaded, unchanged or rejected.';

ALTER TABLE app.imports ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.imports_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE app.order_lines (
    order_id bigint NOT NULL,
    line_no integer NOT NULL,
    product_id bigint NOT NULL,
    quantity app.quantity NOT NULL,
    unit_price app.money NOT NULL
);

ALTER TABLE ONLY app.order_lines FORCE ROW LEVEL SECURITY;

ALTER TABLE app.order_lines OWNER TO penstock_owner;

COMMENT ON TABLE app.order_lines IS 'What each order consists of.';

COMMENT ON COLUMN app.order_lines.order_id IS 'The order.';

COMMENT ON COLUMN app.order_lines.line_no IS 'The line''s place in the order, from 1.';

COMMENT ON COLUMN app.order_lines.product_id IS 'The product.';

COMMENT ON COLUMN app.order_lines.quantity IS 'How many pieces.';

COMMENT ON COLUMN app.order_lines.unit_price IS 'What a piece cost when it was ordered.';

CREATE TABLE app.order_transitions (
    from_status app.order_status NOT NULL,
    to_status app.order_status NOT NULL
);

ALTER TABLE ONLY app.order_transitions FORCE ROW LEVEL SECURITY;

ALTER TABLE app.order_transitions OWNER TO penstock_owner;

COMMENT ON TABLE app.order_transitions IS 'The ways an order may go: a row for each change of status that is allowed.';

COMMENT ON COLUMN app.order_transitions.from_status IS 'Where the order stands.';

COMMENT ON COLUMN app.order_transitions.to_status IS 'Where it may go from there.';

CREATE TABLE app.orders (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    status app.order_status DEFAULT 'placed'::app.order_status NOT NULL,
    country app.country NOT NULL,
    total app.money NOT NULL,
    placed_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    source_invoice text
);

ALTER TABLE ONLY app.orders FORCE ROW LEVEL SECURITY;

ALTER TABLE app.orders OWNER TO penstock_owner;

COMMENT ON TABLE app.orders IS 'What customers ordered. Lines never change once they are in, so the total is kept here.';

COMMENT ON COLUMN app.orders.id IS 'The order''s number.';

COMMENT ON COLUMN app.orders.user_id IS 'Who ordered.';

COMMENT ON COLUMN app.orders.status IS 'Where the order stands.';

COMMENT ON COLUMN app.orders.country IS 'The country the order goes to.';

COMMENT ON COLUMN app.orders.total IS 'The sum of quantity times unit price over the order''s lines.';

COMMENT ON COLUMN app.orders.placed_at IS 'When the order was placed.';

COMMENT ON COLUMN app.orders.updated_at IS 'When the order was last changed.';

COMMENT ON COLUMN app.orders.source_invoice IS 'The invoice number of an imported order, which is history and never moves stock; null for the shop''s own.';

ALTER TABLE app.orders ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.orders_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE app.posts (
    id bigint NOT NULL,
    author_id bigint NOT NULL,
    title app.title NOT NULL,
    body app.body NOT NULL,
    published_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY app.posts FORCE ROW LEVEL SECURITY;

ALTER TABLE app.posts OWNER TO penstock_owner;

COMMENT ON TABLE app.posts IS 'What users write.';

COMMENT ON COLUMN app.posts.id IS 'The post''s number.';

COMMENT ON COLUMN app.posts.author_id IS 'Who wrote the post; it goes when they go.';

COMMENT ON COLUMN app.posts.title IS 'The title of the post.';

COMMENT ON COLUMN app.posts.body IS 'The text of the post.';

COMMENT ON COLUMN app.posts.published_at IS 'When the post was published; null while it is a draft.';

COMMENT ON COLUMN app.posts.created_at IS 'When the post was begun.';

COMMENT ON COLUMN app.posts.updated_at IS 'When the post was last changed.';

ALTER TABLE app.posts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.posts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE app.products (
    id bigint NOT NULL,
    sku app.sku NOT NULL,
    name app.product_name NOT NULL,
    description app.description DEFAULT ''::text NOT NULL,
    price app.money NOT NULL,
    stock app.stock DEFAULT 0 NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    search tsvector GENERATED ALWAYS AS (((setweight(to_tsvector('english'::regconfig, (name)::text), 'A'::"char") || setweight(to_tsvector('simple'::regconfig, (sku)::text), 'A'::"char")) || setweight(to_tsvector('english'::regconfig, (description)::text), 'B'::"char"))) STORED NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY app.products FORCE ROW LEVEL SECURITY;

ALTER TABLE app.products OWNER TO penstock_owner;

COMMENT ON TABLE app.products IS 'What the shop sells.';

COMMENT ON COLUMN app.products.id IS 'The product''s number.';

COMMENT ON COLUMN app.products.sku IS 'The code by which the trade knows the product.';

COMMENT ON COLUMN app.products.name IS 'What the product is called.';

COMMENT ON COLUMN app.products.description IS 'What there is to say about the product.';

COMMENT ON COLUMN app.products.price IS 'What one piece costs today.';

COMMENT ON COLUMN app.products.stock IS 'How many pieces are there to sell.';

COMMENT ON COLUMN app.products.is_active IS 'Whether the product is for sale.';

COMMENT ON COLUMN app.products.version IS 'Counts the changes: a client sends it back to show which state it has seen.';

COMMENT ON COLUMN app.products.search IS 'The words of name, SKU and description, for the search.';

COMMENT ON COLUMN app.products.created_at IS 'When the product was entered.';

COMMENT ON COLUMN app.products.updated_at IS 'When the product was last changed.';

CREATE VIEW app.product_labels AS
 SELECT p.id,
    p.sku,
    p.name
   FROM app.products p;

ALTER TABLE app.product_labels OWNER TO penstock_clerk;

COMMENT ON VIEW app.product_labels IS 'What a product is called, so that an order can name it when it is no longer for sale.';

COMMENT ON COLUMN app.product_labels.id IS 'The product''s number.';

COMMENT ON COLUMN app.product_labels.sku IS 'The code by which the trade knows the product.';

COMMENT ON COLUMN app.product_labels.name IS 'What the product is called.';

ALTER TABLE app.products ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.products_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE app.sales_blocks (
    product_id bigint NOT NULL,
    block date NOT NULL,
    units bigint NOT NULL,
    revenue numeric NOT NULL,
    ceiling numeric NOT NULL,
    CONSTRAINT sales_blocks_below_ceiling CHECK ((revenue <= ceiling))
)
WITH (fillfactor='80');

ALTER TABLE ONLY app.sales_blocks FORCE ROW LEVEL SECURITY;

ALTER TABLE app.sales_blocks OWNER TO penstock_owner;

COMMENT ON TABLE app.sales_blocks IS 'Roll-up: app.sales_products in blocks of 16 days. In each block the best products come first in an index, which tells app.sales_top where to look.';

COMMENT ON COLUMN app.sales_blocks.product_id IS 'The product.';

COMMENT ON COLUMN app.sales_blocks.block IS 'The first day of the block, as app.sales_block tells it.';

COMMENT ON COLUMN app.sales_blocks.units IS 'How many pieces were ordered, without cancelled orders.';

COMMENT ON COLUMN app.sales_blocks.revenue IS 'The sum of quantity times unit price.';

COMMENT ON COLUMN app.sales_blocks.ceiling IS 'What the revenue is at most. It has some room, so that the index seldom changes when the revenue does.';

COMMENT ON CONSTRAINT sales_blocks_below_ceiling ON app.sales_blocks IS 'A product''s revenue is never above its ceiling.';

CREATE TABLE app.sales_countries (
    day date NOT NULL,
    country app.country NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    revenue numeric NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY app.sales_countries FORCE ROW LEVEL SECURITY;

ALTER TABLE app.sales_countries OWNER TO penstock_owner;

COMMENT ON TABLE app.sales_countries IS 'Roll-up: sales by day and country. Add app.sales_pending; rows without orders mean nothing.';

COMMENT ON COLUMN app.sales_countries.day IS 'The day, in UTC.';

COMMENT ON COLUMN app.sales_countries.country IS 'The country.';

COMMENT ON COLUMN app.sales_countries.orders IS 'How many orders with at least one line, without cancelled ones.';

COMMENT ON COLUMN app.sales_countries.units IS 'How many pieces they hold.';

COMMENT ON COLUMN app.sales_countries.revenue IS 'The sum of quantity times unit price.';

CREATE TABLE app.sales_customers (
    user_id bigint NOT NULL,
    ordered_on date NOT NULL,
    bought_on date
);

ALTER TABLE ONLY app.sales_customers FORCE ROW LEVEL SECURITY;

ALTER TABLE app.sales_customers OWNER TO penstock_owner;

COMMENT ON TABLE app.sales_customers IS 'Roll-up: when each customer began. For those in app.sales_customers_pending that holds instead.';

COMMENT ON COLUMN app.sales_customers.user_id IS 'The customer.';

COMMENT ON COLUMN app.sales_customers.ordered_on IS 'The day, in UTC, of their first order that was not cancelled.';

COMMENT ON COLUMN app.sales_customers.bought_on IS 'The same of their first order that has lines; null if none has.';

CREATE TABLE app.sales_line_changes (
    order_id bigint NOT NULL,
    product_id bigint NOT NULL,
    lines integer NOT NULL,
    units integer NOT NULL,
    revenue numeric NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');

ALTER TABLE ONLY app.sales_line_changes FORCE ROW LEVEL SECURITY;

ALTER TABLE app.sales_line_changes OWNER TO penstock_owner;

COMMENT ON TABLE app.sales_line_changes IS 'Order lines that came or went since the roll-ups were last brought up to date.';

COMMENT ON COLUMN app.sales_line_changes.order_id IS 'The order.';

COMMENT ON COLUMN app.sales_line_changes.product_id IS 'The product.';

COMMENT ON COLUMN app.sales_line_changes.lines IS '1 for a line that came, -1 for one that went.';

COMMENT ON COLUMN app.sales_line_changes.units IS 'The pieces it brought or took away.';

COMMENT ON COLUMN app.sales_line_changes.revenue IS 'The quantity times the unit price that it brought or took away.';

CREATE TABLE app.sales_moves (
    id bigint NOT NULL,
    order_id bigint NOT NULL,
    user_id bigint NOT NULL,
    side integer NOT NULL,
    day date,
    country app.country NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');

ALTER TABLE ONLY app.sales_moves FORCE ROW LEVEL SECURITY;

ALTER TABLE app.sales_moves OWNER TO penstock_owner;

COMMENT ON TABLE app.sales_moves IS 'Orders that came, changed or went since the roll-ups were last brought up to date. One that changed went and came anew.';

COMMENT ON COLUMN app.sales_moves.id IS 'Counts up. Of two moves of one order the earlier has the lower one: its row was locked.';

COMMENT ON COLUMN app.sales_moves.order_id IS 'The order, which may be gone by now.';

COMMENT ON COLUMN app.sales_moves.user_id IS 'Whose order it is, or was.';

COMMENT ON COLUMN app.sales_moves.side IS '1 for an order that came, -1 for one that went.';

COMMENT ON COLUMN app.sales_moves.day IS 'The day on which it counts, or counted; null if it counts nowhere, being cancelled.';

COMMENT ON COLUMN app.sales_moves.country IS 'The country it counts for, or counted for.';

CREATE VIEW app.sales_customers_pending AS
 SELECT u.user_id,
    ordered.day AS ordered_on,
    bought.day AS bought_on
   FROM ((( SELECT m.user_id
           FROM (app.sales_moves m
             LEFT JOIN app.sales_customers c ON ((c.user_id = m.user_id)))
          GROUP BY m.user_id, c.bought_on
         HAVING ((c.bought_on IS NULL) OR bool_or(((m.side = '-1'::integer) AND (m.day IS NOT NULL))) OR (min(m.day) < c.bought_on))
        UNION
         SELECT o.user_id
           FROM (( SELECT c_1.order_id
                   FROM app.sales_line_changes c_1
                EXCEPT
                 SELECT m.order_id
                   FROM app.sales_moves m) c
             CROSS JOIN LATERAL ( SELECT o_1.user_id
                   FROM app.orders o_1
                  WHERE (o_1.id = c.order_id)
                 OFFSET 0) o)) u
     LEFT JOIN LATERAL ( SELECT ((o.placed_at AT TIME ZONE 'UTC'::text))::date AS day
           FROM app.orders o
          WHERE ((o.user_id = u.user_id) AND (o.status <> 'cancelled'::app.order_status))
          ORDER BY o.placed_at, o.id
         LIMIT 1) ordered ON (true))
     LEFT JOIN LATERAL ( SELECT ((o.placed_at AT TIME ZONE 'UTC'::text))::date AS day
           FROM app.orders o
          WHERE ((o.user_id = u.user_id) AND (o.status <> 'cancelled'::app.order_status) AND ( SELECT true
                   FROM app.order_lines l
                  WHERE (l.order_id = o.id)
                 LIMIT 1))
          ORDER BY o.placed_at, o.id
         LIMIT 1) bought ON (true));

ALTER TABLE app.sales_customers_pending OWNER TO penstock_clerk;

COMMENT ON VIEW app.sales_customers_pending IS 'When those customers began for whom app.sales_customers may not hold, because their orders changed since it was last brought up to date.';

COMMENT ON COLUMN app.sales_customers_pending.user_id IS 'The customer.';

COMMENT ON COLUMN app.sales_customers_pending.ordered_on IS 'The day, in UTC, of their first order that was not cancelled; null if there is none.';

COMMENT ON COLUMN app.sales_customers_pending.bought_on IS 'The same of their first order that has lines.';

CREATE TABLE app.sales_days (
    day date NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    revenue numeric NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE ONLY app.sales_days FORCE ROW LEVEL SECURITY;

ALTER TABLE app.sales_days OWNER TO penstock_owner;

COMMENT ON TABLE app.sales_days IS 'Roll-up: sales by day. Add app.sales_pending; rows without orders mean nothing.';

COMMENT ON COLUMN app.sales_days.day IS 'The day, in UTC.';

COMMENT ON COLUMN app.sales_days.orders IS 'How many orders with at least one line, without cancelled ones.';

COMMENT ON COLUMN app.sales_days.units IS 'How many pieces they hold.';

COMMENT ON COLUMN app.sales_days.revenue IS 'The sum of quantity times unit price.';

ALTER TABLE app.sales_moves ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.sales_moves_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW app.sales_pending AS
 WITH touched AS (
         SELECT COALESCE(m.order_id, c.order_id) AS order_id,
            m.moves[1] AS first,
            m.moves[cardinality(m.moves)] AS last,
            c.changes
           FROM (( SELECT m_1.order_id,
                    array_agg(m_1.* ORDER BY m_1.id) AS moves
                   FROM app.sales_moves m_1
                  GROUP BY m_1.order_id) m
             FULL JOIN ( SELECT c_1.order_id,
                    array_agg(c_1.*) AS changes
                   FROM app.sales_line_changes c_1
                  GROUP BY c_1.order_id) c ON ((c.order_id = m.order_id)))
        ), places AS MATERIALIZED (
         SELECT t.order_id,
            ((t.first IS NOT NULL) AND ((t.first).side = 1)) AS is_new,
                CASE
                    WHEN (t.first IS NULL) THEN o.day
                    WHEN ((t.first).side = '-1'::integer) THEN (t.first).day
                    ELSE NULL::date
                END AS day_then,
            COALESCE((t.first).country, o.country) AS country_then,
                CASE
                    WHEN (t.first IS NULL) THEN o.day
                    WHEN ((t.last).side = 1) THEN (t.last).day
                    ELSE NULL::date
                END AS day_now,
            COALESCE((t.last).country, o.country) AS country_now,
            t.changes
           FROM (touched t
             LEFT JOIN LATERAL ( SELECT app.sales_day(o_1.status, o_1.placed_at) AS day,
                    o_1.country
                   FROM app.orders o_1
                  WHERE ((o_1.id = t.order_id) AND (t.first IS NULL))
                 OFFSET 0) o ON (true))
        ), sides AS (
         SELECT p.order_id,
            1 AS side,
            p.day_now AS day,
            p.country_now AS country
           FROM places p
          WHERE ((p.day_now IS NOT NULL) AND (NOT p.is_new))
        UNION ALL
         SELECT p.order_id,
            '-1'::integer,
            p.day_then,
            p.country_then
           FROM places p
          WHERE (p.day_then IS NOT NULL)
        )
 SELECT p.order_id,
    1 AS side,
    p.day_now AS day,
    p.country_now AS country,
    c.product_id,
    c.lines,
    c.units,
    c.revenue
   FROM (places p
     CROSS JOIN LATERAL unnest(p.changes) c(order_id, product_id, lines, units, revenue))
  WHERE ((p.day_now IS NOT NULL) AND p.is_new)
UNION ALL
 SELECT s.order_id,
    s.side,
    s.day,
    s.country,
    l.product_id,
    l.lines,
    l.units,
    l.revenue
   FROM (sides s
     CROSS JOIN LATERAL ( SELECT l_1.product_id,
            1 AS lines,
            (l_1.quantity)::integer AS units,
            ((l_1.quantity)::numeric * (l_1.unit_price)::numeric) AS revenue
           FROM app.order_lines l_1
          WHERE (l_1.order_id = s.order_id)
         OFFSET 0) l)
UNION ALL
 SELECT p.order_id,
    '-1'::integer AS side,
    p.day_then AS day,
    p.country_then AS country,
    c.product_id,
    (- c.lines) AS lines,
    (- c.units) AS units,
    (- c.revenue) AS revenue
   FROM (places p
     CROSS JOIN LATERAL unnest(p.changes) c(order_id, product_id, lines, units, revenue))
  WHERE (p.day_then IS NOT NULL);

ALTER TABLE app.sales_pending OWNER TO penstock_clerk;

COMMENT ON VIEW app.sales_pending IS 'What the roll-ups lack: the lines of the orders that changed, as they are now (side 1) and as the roll-ups hold them (side -1).';

COMMENT ON COLUMN app.sales_pending.order_id IS 'The order.';

COMMENT ON COLUMN app.sales_pending.side IS '1 for what is to be added to the roll-ups, -1 for what is to be taken off.';

COMMENT ON COLUMN app.sales_pending.day IS 'The day on which the order counts on this side, in UTC.';

COMMENT ON COLUMN app.sales_pending.country IS 'The country it counts for on this side.';

COMMENT ON COLUMN app.sales_pending.product_id IS 'The product.';

COMMENT ON COLUMN app.sales_pending.lines IS 'How many lines. The order has lines on this side if the sum of these is not 0.';

COMMENT ON COLUMN app.sales_pending.units IS 'How many pieces.';

COMMENT ON COLUMN app.sales_pending.revenue IS 'The quantity times the unit price.';

ALTER TABLE app.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE audit.changes (
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    id bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    login text NOT NULL,
    role text NOT NULL,
    subject text,
    session text,
    method text,
    path text,
    table_name text NOT NULL,
    operation audit.operation NOT NULL,
    key jsonb,
    before jsonb,
    after jsonb
);

ALTER TABLE ONLY audit.changes FORCE ROW LEVEL SECURITY;

ALTER TABLE audit.changes OWNER TO penstock_owner;

COMMENT ON TABLE audit.changes IS 'A row for each row that was inserted, updated or deleted, and for each TRUNCATE. Appended to by triggers; neither updated nor deleted, but by audit.changes_prune().';

COMMENT ON COLUMN audit.changes.at IS 'When it was changed, by the clock; not when the transaction began.';

COMMENT ON COLUMN audit.changes.id IS 'The order of changes, of those made at the same moment too.';

COMMENT ON COLUMN audit.changes.xid IS 'The transaction: all that was changed with it has the same.';

COMMENT ON COLUMN audit.changes.login IS 'Who had logged in to the database (session_user), which nobody can pretend.';

COMMENT ON COLUMN audit.changes.role IS 'The role in force, also inside security definer functions.';

COMMENT ON COLUMN audit.changes.subject IS 'Whom the caller''s token names (sub). Null for all but the API''s login: others could write there what they like.';

COMMENT ON COLUMN audit.changes.session IS 'The session that the token belongs to (sid), likewise.';

COMMENT ON COLUMN audit.changes.method IS 'The method of the request, likewise.';

COMMENT ON COLUMN audit.changes.path IS 'The path of the request, without its query, likewise.';

COMMENT ON COLUMN audit.changes.table_name IS 'The table, with its schema: app.products.';

COMMENT ON COLUMN audit.changes.operation IS 'What was done.';

COMMENT ON COLUMN audit.changes.key IS 'The row''s primary key, {"id": 7}; null for what has no row. A secret in it is told by its SHA-256.';

COMMENT ON COLUMN audit.changes.before IS 'Of an update the columns that differ, of a delete the whole row, as they were. A secret is "(secret)".';

COMMENT ON COLUMN audit.changes.after IS 'Of an update the columns that differ, of an insert the whole row, as they are. A secret is "(secret)".';

ALTER TABLE audit.changes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW audit.history WITH (security_invoker='true') AS
 SELECT c.at,
    c.id,
    c.xid,
    c.login,
    c.role,
    c.subject,
    ((c.method || ' '::text) || c.path) AS request,
    c.table_name,
    c.operation,
    c.key,
    k.name AS column_name,
    (c.before -> k.name) AS before,
    (c.after -> k.name) AS after
   FROM (audit.changes c
     LEFT JOIN LATERAL ( SELECT b.name
           FROM jsonb_object_keys(c.before) b(name)
        UNION
         SELECT a.name
           FROM jsonb_object_keys(c.after) a(name)) k ON (true));

ALTER TABLE audit.history OWNER TO penstock_owner;

COMMENT ON VIEW audit.history IS 'What was changed, a row for each column: for DBAs, who ask what became of one row or one column. `where table_name = ''app.products'' and key = ''{"id": 7}'' order by at, id`';

COMMENT ON COLUMN audit.history.at IS 'When it was changed.';

COMMENT ON COLUMN audit.history.id IS 'The order of changes.';

COMMENT ON COLUMN audit.history.xid IS 'The transaction.';

COMMENT ON COLUMN audit.history.login IS 'Who had logged in to the database.';

COMMENT ON COLUMN audit.history.role IS 'The role in force.';

COMMENT ON COLUMN audit.history.subject IS 'Whom the caller''s token named, if the API made the change.';

COMMENT ON COLUMN audit.history.request IS 'Method and path of the request, if the API made the change.';

COMMENT ON COLUMN audit.history.table_name IS 'The table, with its schema.';

COMMENT ON COLUMN audit.history.operation IS 'What was done.';

COMMENT ON COLUMN audit.history.key IS 'The row''s primary key.';

COMMENT ON COLUMN audit.history.column_name IS 'The column; null for TRUNCATE, which names no rows.';

COMMENT ON COLUMN audit.history.before IS 'What it was; SQL''s null where there was no row.';

COMMENT ON COLUMN audit.history.after IS 'What it is; SQL''s null where there is no row any more.';

CREATE TABLE audit.tables (
    table_name text NOT NULL,
    columns text[],
    ignored text[] DEFAULT '{}'::text[] NOT NULL,
    secret text[] DEFAULT '{}'::text[] NOT NULL,
    reason text,
    CONSTRAINT tables_recorded_or_not CHECK (((columns IS NULL) <> (reason IS NULL)))
);

ALTER TABLE ONLY audit.tables FORCE ROW LEVEL SECURITY;

ALTER TABLE audit.tables OWNER TO penstock_owner;

COMMENT ON TABLE audit.tables IS 'Which tables are recorded, and why others aren''t: kept by audit.rows_record() and audit.rows_skip().';

COMMENT ON COLUMN audit.tables.table_name IS 'The table, with its schema.';

COMMENT ON COLUMN audit.tables.columns IS 'The columns that the table had when it was asked to be recorded; null if it isn''t.';

COMMENT ON COLUMN audit.tables.ignored IS 'Those that are left out; an update of nothing else is not recorded.';

COMMENT ON COLUMN audit.tables.secret IS 'Those of which is recorded only that they changed.';

COMMENT ON COLUMN audit.tables.reason IS 'Why the table is not recorded.';

COMMENT ON CONSTRAINT tables_recorded_or_not ON audit.tables IS 'A table is recorded, or there is a reason why not.';

CREATE TABLE auth.api_keys (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id bigint NOT NULL,
    name text NOT NULL,
    role app.user_role NOT NULL,
    key_hash bytea NOT NULL,
    quota integer,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_keys_key_hash_is_sha256 CHECK ((length(key_hash) = 32)),
    CONSTRAINT api_keys_name_length CHECK (((length(name) >= 1) AND (length(name) <= 100))),
    CONSTRAINT api_keys_quota_positive CHECK ((quota > 0))
);

ALTER TABLE ONLY auth.api_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.api_keys OWNER TO penstock_owner;

COMMENT ON TABLE auth.api_keys IS 'Keys by which a service calls for a user, as long as they are not revoked.';

COMMENT ON COLUMN auth.api_keys.id IS 'The key''s number, in its claims as key.';

COMMENT ON COLUMN auth.api_keys.user_id IS 'For whom it calls.';

COMMENT ON COLUMN auth.api_keys.name IS 'What it is for.';

COMMENT ON COLUMN auth.api_keys.role IS 'What it may do: never more than its user.';

COMMENT ON COLUMN auth.api_keys.key_hash IS 'The SHA-256 of the key, which itself is kept nowhere.';

COMMENT ON COLUMN auth.api_keys.quota IS 'How many requests a day it may make; null for any number.';

COMMENT ON COLUMN auth.api_keys.created_at IS 'When it was issued.';

COMMENT ON COLUMN auth.api_keys.expires_at IS 'Until when it is good; null for ever.';

COMMENT ON COLUMN auth.api_keys.revoked_at IS 'When it was called back.';

COMMENT ON CONSTRAINT api_keys_key_hash_is_sha256 ON auth.api_keys IS 'A key is kept as its SHA-256 alone.';

COMMENT ON CONSTRAINT api_keys_name_length ON auth.api_keys IS 'A key''s name has 1 to 100 characters.';

COMMENT ON CONSTRAINT api_keys_quota_positive ON auth.api_keys IS 'A quota is a number of requests above 0.';

CREATE TABLE auth.credentials (
    user_id bigint NOT NULL,
    password_hash api.password NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY auth.credentials FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.credentials OWNER TO penstock_owner;

COMMENT ON TABLE auth.credentials IS 'How users prove who they are; a user without a row here can''t log in.';

COMMENT ON COLUMN auth.credentials.user_id IS 'Whose credentials these are.';

COMMENT ON COLUMN auth.credentials.password_hash IS 'The hash of the user''s password.';

COMMENT ON COLUMN auth.credentials.changed_at IS 'When the user chose the password.';

CREATE TABLE auth.devices (
    token_hash bytea NOT NULL,
    user_id bigint NOT NULL,
    used_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT devices_token_hash_is_sha256 CHECK ((length(token_hash) = 32))
);

ALTER TABLE ONLY auth.devices FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.devices OWNER TO penstock_owner;

COMMENT ON TABLE auth.devices IS 'From where a user has logged in before: guesses by others don''t lock them out there.';

COMMENT ON COLUMN auth.devices.token_hash IS 'The SHA-256 of what the device was given to be known by.';

COMMENT ON COLUMN auth.devices.user_id IS 'Who logged in there.';

COMMENT ON COLUMN auth.devices.used_at IS 'When they last did.';

COMMENT ON CONSTRAINT devices_token_hash_is_sha256 ON auth.devices IS 'A token is kept as its SHA-256 alone.';

CREATE TABLE auth.login_attempts (
    account bytea NOT NULL,
    device bytea DEFAULT '\x'::bytea NOT NULL,
    recent timestamp with time zone[] NOT NULL
);

ALTER TABLE ONLY auth.login_attempts FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.login_attempts OWNER TO penstock_owner;

COMMENT ON TABLE auth.login_attempts IS 'When passwords were tried lately, of accounts there are and of those there aren''t: nobody shall tell them apart.';

COMMENT ON COLUMN auth.login_attempts.account IS 'The SHA-256 of the e-mail address in lower case: who guesses leaves no addresses here.';

COMMENT ON COLUMN auth.login_attempts.device IS 'The device or session that the account knows, or nothing for all others together.';

COMMENT ON COLUMN auth.login_attempts.recent IS 'When: the last ten at most.';

CREATE TABLE auth.refresh_tokens (
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone DEFAULT (now() + '14 days'::interval) NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT refresh_tokens_token_hash_is_sha256 CHECK ((length(token_hash) = 32))
);

ALTER TABLE ONLY auth.refresh_tokens FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.refresh_tokens OWNER TO penstock_owner;

COMMENT ON TABLE auth.refresh_tokens IS 'What keeps a session going: each token is good once, for the next one. All of a session are kept, so that one used twice is known.';

COMMENT ON COLUMN auth.refresh_tokens.token_hash IS 'The SHA-256 of the token, which itself is kept nowhere.';

COMMENT ON COLUMN auth.refresh_tokens.session_id IS 'The session that it keeps going.';

COMMENT ON COLUMN auth.refresh_tokens.created_at IS 'When it was handed out.';

COMMENT ON COLUMN auth.refresh_tokens.expires_at IS 'Until when it is good.';

COMMENT ON COLUMN auth.refresh_tokens.used_at IS 'When it was changed for the next one.';

COMMENT ON CONSTRAINT refresh_tokens_token_hash_is_sha256 ON auth.refresh_tokens IS 'A token is kept as its SHA-256 alone.';

CREATE TABLE auth.sessions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id bigint NOT NULL,
    role app.user_role NOT NULL,
    agent text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone DEFAULT (now() + '90 days'::interval) NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT sessions_agent_length CHECK ((length(agent) <= 200))
);

ALTER TABLE ONLY auth.sessions FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.sessions OWNER TO penstock_owner;

COMMENT ON TABLE auth.sessions IS 'What a login begins: the tokens that name a session are good for as long as it has not ended.';

COMMENT ON COLUMN auth.sessions.id IS 'The session''s number, in its tokens as sid.';

COMMENT ON COLUMN auth.sessions.user_id IS 'Who logged in.';

COMMENT ON COLUMN auth.sessions.role IS 'What the user was when they logged in, and what the tokens say.';

COMMENT ON COLUMN auth.sessions.agent IS 'With what the user logged in, as it called itself.';

COMMENT ON COLUMN auth.sessions.created_at IS 'When the user logged in.';

COMMENT ON COLUMN auth.sessions.expires_at IS 'When the user must log in again, however often the session was refreshed.';

COMMENT ON COLUMN auth.sessions.ended_at IS 'When it ended: null as long as its tokens are good.';

COMMENT ON CONSTRAINT sessions_agent_length ON auth.sessions IS 'An agent''s name has at most 200 characters.';

CREATE TABLE penstock.deliveries (
    event_id bigint NOT NULL,
    sink text NOT NULL,
    key text,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp(),
    delivered_at timestamp with time zone,
    dead_at timestamp with time zone,
    error text,
    CONSTRAINT deliveries_stands_somewhere CHECK ((num_nonnulls(due_at, delivered_at, dead_at) = 1))
)
WITH (autovacuum_vacuum_scale_factor='0.02');

ALTER TABLE ONLY penstock.deliveries FORCE ROW LEVEL SECURITY;

ALTER TABLE penstock.deliveries OWNER TO penstock_owner;

COMMENT ON TABLE penstock.deliveries IS 'What must be delivered where, and what came of it: a row for each event and sink, with attempts of its own.';

COMMENT ON COLUMN penstock.deliveries.event_id IS 'The event.';

COMMENT ON COLUMN penstock.deliveries.sink IS 'Where it goes: mail, or webhook:<id>.';

COMMENT ON COLUMN penstock.deliveries.key IS 'The event''s key: those with the same key and sink go one after another.';

COMMENT ON COLUMN penstock.deliveries.attempts IS 'How often it was tried.';

COMMENT ON COLUMN penstock.deliveries.due_at IS 'From when on a worker may take it. While one is at it: until when it has to be done, or another may.';

COMMENT ON COLUMN penstock.deliveries.delivered_at IS 'When it was delivered.';

COMMENT ON COLUMN penstock.deliveries.dead_at IS 'When it was given up; penstock.delivery_retry() has it tried again.';

COMMENT ON COLUMN penstock.deliveries.error IS 'What went wrong the last time.';

COMMENT ON CONSTRAINT deliveries_stands_somewhere ON penstock.deliveries IS 'A delivery is due, delivered or dead.';

CREATE TABLE penstock.events (
    id bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    message uuid DEFAULT gen_random_uuid() NOT NULL,
    topic text NOT NULL,
    payload jsonb NOT NULL,
    key text,
    subject text,
    role name,
    CONSTRAINT events_mail_is_complete CHECK (((topic <> 'mail'::text) OR (((jsonb_typeof((payload -> 'to'::text)) = ANY (ARRAY['string'::text, 'array'::text])) AND (jsonb_typeof((payload -> 'subject'::text)) = 'string'::text) AND (jsonb_typeof((payload -> 'text'::text)) = 'string'::text) AND (COALESCE(jsonb_typeof((payload -> 'html'::text)), 'string'::text) = ANY (ARRAY['string'::text, 'null'::text]))) IS TRUE))),
    CONSTRAINT events_mail_subject_is_one_line CHECK (((topic <> 'mail'::text) OR ((payload ->> 'subject'::text) !~ '[[:cntrl:]]'::text))),
    CONSTRAINT events_topic_is_one CHECK ((topic ~ '^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$'::text))
);

ALTER TABLE ONLY penstock.events FORCE ROW LEVEL SECURITY;

ALTER TABLE penstock.events OWNER TO penstock_owner;

COMMENT ON TABLE penstock.events IS 'What has happened: written by penstock.emit() in the transaction that makes it happen.';

COMMENT ON COLUMN penstock.events.id IS 'The event''s number. Of two transactions of which one waited for the other, the later one''s is higher.';

COMMENT ON COLUMN penstock.events.xid IS 'The transaction. One with a lower number may be committed later, so readers wait for those that still run.';

COMMENT ON COLUMN penstock.events.at IS 'When it was said.';

COMMENT ON COLUMN penstock.events.message IS 'By which receivers know it: every attempt carries it, so what comes twice is known by it.';

COMMENT ON COLUMN penstock.events.topic IS 'What kind of thing it is: order.paid.';

COMMENT ON COLUMN penstock.events.payload IS 'What there is to say of it.';

COMMENT ON COLUMN penstock.events.key IS 'Deliveries with the same key keep their order; null for no order.';

COMMENT ON COLUMN penstock.events.subject IS 'The caller who may see it, as the subject of their tokens; null for none.';

COMMENT ON COLUMN penstock.events.role IS 'The role of which all callers may see it; null for none.';

COMMENT ON CONSTRAINT events_mail_is_complete ON penstock.events IS 'A mail has "to" (an address or several), "subject" and "text", and maybe "html".';

COMMENT ON CONSTRAINT events_mail_subject_is_one_line ON penstock.events IS 'The subject of a mail is one line.';

COMMENT ON CONSTRAINT events_topic_is_one ON penstock.events IS 'A topic is made of small letters, digits and underscores, in parts with a dot between: order.paid.';

CREATE VIEW penstock.dead_letters WITH (security_invoker='true') AS
 SELECT d.event_id,
    d.sink,
    d.key,
    e.topic,
    e.payload,
    e.at,
    d.dead_at,
    d.attempts,
    d.error
   FROM (penstock.deliveries d
     JOIN penstock.events e ON ((e.id = d.event_id)))
  WHERE (d.dead_at IS NOT NULL);

ALTER TABLE penstock.dead_letters OWNER TO penstock_owner;

COMMENT ON VIEW penstock.dead_letters IS 'What was given up: select penstock.delivery_retry(sink, event_id) has it tried again.';

COMMENT ON COLUMN penstock.dead_letters.event_id IS 'The event.';

COMMENT ON COLUMN penstock.dead_letters.sink IS 'Where it did not get to.';

COMMENT ON COLUMN penstock.dead_letters.key IS 'Those with the same key and sink keep their order, but do not wait for a dead one.';

COMMENT ON COLUMN penstock.dead_letters.topic IS 'What kind of event it is.';

COMMENT ON COLUMN penstock.dead_letters.payload IS 'What it says.';

COMMENT ON COLUMN penstock.dead_letters.at IS 'When it was said.';

COMMENT ON COLUMN penstock.dead_letters.dead_at IS 'When it was given up.';

COMMENT ON COLUMN penstock.dead_letters.attempts IS 'After how many attempts.';

COMMENT ON COLUMN penstock.dead_letters.error IS 'What went wrong the last time.';

ALTER TABLE penstock.events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME penstock.events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE penstock.idempotency_keys (
    id uuid NOT NULL,
    route text NOT NULL,
    request uuid NOT NULL,
    status integer NOT NULL,
    headers text,
    body text,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    kept_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY penstock.idempotency_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE penstock.idempotency_keys OWNER TO penstock_owner;

COMMENT ON TABLE penstock.idempotency_keys IS 'Answers to requests that came with an Idempotency-Key, each kept by the transaction that did what was asked; gone after a day.';

COMMENT ON COLUMN penstock.idempotency_keys.id IS 'A digest of role, route, key and user, see penstock.idempotency_id: nobody gets what was another''s.';

COMMENT ON COLUMN penstock.idempotency_keys.route IS 'What was called: POST /orders.';

COMMENT ON COLUMN penstock.idempotency_keys.request IS 'A digest of the arguments, by which another request with the same key is told from a repetition.';

COMMENT ON COLUMN penstock.idempotency_keys.status IS 'The HTTP status of the answer.';

COMMENT ON COLUMN penstock.idempotency_keys.headers IS 'What the function had set as response.headers, or null.';

COMMENT ON COLUMN penstock.idempotency_keys.body IS 'The JSON of the answer; null where it has none.';

COMMENT ON COLUMN penstock.idempotency_keys.xid IS 'The transaction: what it touched is in penstock.touches for a minute.';

COMMENT ON COLUMN penstock.idempotency_keys.kept_at IS 'When it was answered.';

CREATE UNLOGGED TABLE penstock.incarnation (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    one boolean DEFAULT true NOT NULL,
    CONSTRAINT incarnation_one CHECK (one)
);

ALTER TABLE ONLY penstock.incarnation FORCE ROW LEVEL SECURITY;

ALTER TABLE penstock.incarnation OWNER TO penstock_owner;

COMMENT ON TABLE penstock.incarnation IS 'What this life of the database is called by the caches; made by the first API process that finds none.';

COMMENT ON COLUMN penstock.incarnation.id IS 'A new one in each life.';

COMMENT ON COLUMN penstock.incarnation.one IS 'There is one row.';

COMMENT ON CONSTRAINT incarnation_one ON penstock.incarnation IS 'There is one row.';

CREATE TABLE penstock.jobs (
    name text NOT NULL,
    statement text NOT NULL,
    every interval NOT NULL,
    role name DEFAULT 'penstock_agent'::name NOT NULL,
    timeout interval DEFAULT '00:10:00'::interval NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    last_run_at timestamp with time zone,
    last_seconds double precision,
    last_error text,
    CONSTRAINT jobs_every_is_a_while CHECK ((every >= '00:00:01'::interval)),
    CONSTRAINT jobs_timeout_is_a_while CHECK (((timeout >= '00:00:01'::interval) AND (timeout <= '1 day'::interval)))
);

ALTER TABLE ONLY penstock.jobs FORCE ROW LEVEL SECURITY;

ALTER TABLE penstock.jobs OWNER TO penstock_owner;

COMMENT ON TABLE penstock.jobs IS 'What workers do again and again: kept by penstock.job_schedule() and penstock.job_forget().';

COMMENT ON COLUMN penstock.jobs.name IS 'The job''s name.';

COMMENT ON COLUMN penstock.jobs.statement IS 'What is done: one statement, in a transaction of its own.';

COMMENT ON COLUMN penstock.jobs.every IS 'How long after its begin it is done again.';

COMMENT ON COLUMN penstock.jobs.role IS 'The role that does it; one that the API''s login may become.';

COMMENT ON COLUMN penstock.jobs.timeout IS 'How long it may take.';

COMMENT ON COLUMN penstock.jobs.due_at IS 'When it is done next.';

COMMENT ON COLUMN penstock.jobs.last_run_at IS 'When it was done last, well or not.';

COMMENT ON COLUMN penstock.jobs.last_seconds IS 'How many seconds that took.';

COMMENT ON COLUMN penstock.jobs.last_error IS 'What went wrong then; null if nothing did.';

COMMENT ON CONSTRAINT jobs_every_is_a_while ON penstock.jobs IS 'A job is done every second at most.';

COMMENT ON CONSTRAINT jobs_timeout_is_a_while ON penstock.jobs IS 'A job takes a second to a day.';

CREATE VIEW penstock.lint_audit AS
 WITH tables AS (
         SELECT (((n.nspname)::text || '.'::text) || (c.relname)::text) AS name,
            ( SELECT count(*) AS count
                   FROM ((pg_trigger g
                     JOIN pg_proc p ON ((p.oid = g.tgfoid)))
                     JOIN pg_namespace s ON ((s.oid = p.pronamespace)))
                  WHERE ((g.tgrelid = c.oid) AND (g.tgname = ANY (ARRAY['audit_insert'::name, 'audit_update'::name, 'audit_delete'::name, 'audit_truncate'::name])) AND (g.tgenabled = ANY (ARRAY['O'::"char", 'A'::"char"])) AND (s.nspname = 'audit'::name) AND (p.proname = (((('record_'::text || (n.nspname)::text) || '_'::text) || (c.relname)::text))::name) AND (pg_get_userbyid(p.proowner) = 'penstock_auditor'::name))) AS triggers,
            ( SELECT array_agg((a.attname)::text ORDER BY ((a.attname)::text)) AS array_agg
                   FROM pg_attribute a
                  WHERE ((a.attrelid = c.oid) AND (a.attnum > 0) AND (NOT a.attisdropped))) AS columns
           FROM (pg_class c
             JOIN pg_namespace n ON ((n.oid = c.relnamespace)))
          WHERE ((c.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])) AND (NOT c.relispartition) AND (pg_get_userbyid(n.nspowner) = 'penstock_owner'::name) AND (n.nspname <> ALL (ARRAY['penstock'::name, 'audit'::name, 'sqitch'::name])))
        )
 SELECT 'audited'::text AS rule,
    t.name AS object,
    'Nobody said whether its changes are recorded: call audit.rows_record(…), or audit.rows_skip(…, ''why not'').'::text AS message
   FROM tables t
  WHERE (NOT (EXISTS ( SELECT
           FROM audit.tables a
          WHERE (a.table_name = t.name))))
UNION ALL
 SELECT 'audit_fires'::text AS rule,
    t.name AS object,
    'Its changes should be recorded, but a trigger of the four is gone or disabled: call audit.rows_record(…) again.'::text AS message
   FROM (tables t
     JOIN audit.tables a ON ((a.table_name = t.name)))
  WHERE ((a.reason IS NULL) AND (t.triggers <> 4))
UNION ALL
 SELECT 'audit_columns'::text AS rule,
    t.name AS object,
    'Columns came or went since audit.rows_record(…) was called for it: call it again, with secrets named.'::text AS message
   FROM (tables t
     JOIN audit.tables a ON ((a.table_name = t.name)))
  WHERE (a.columns <> t.columns);

ALTER TABLE penstock.lint_audit OWNER TO penstock_auditor;

COMMENT ON VIEW penstock.lint_audit IS 'Tables whose changes are not recorded as they should be.';

COMMENT ON COLUMN penstock.lint_audit.rule IS 'The rule''s name.';

COMMENT ON COLUMN penstock.lint_audit.object IS 'What breaks it.';

COMMENT ON COLUMN penstock.lint_audit.message IS 'Why, and how to mend it.';

CREATE VIEW penstock.lint_comments AS
 WITH rooms AS (
         SELECT n.oid,
            n.nspname
           FROM pg_namespace n
          WHERE ((pg_get_userbyid(n.nspowner) = 'penstock_owner'::name) AND (n.nspname <> 'sqitch'::name))
        ), objects AS (
         SELECT 'pg_namespace'::regclass AS classoid,
            r.oid AS objoid,
            0 AS objsubid,
            (r.nspname)::text AS name
           FROM rooms r
        UNION ALL
         SELECT 'pg_class'::regclass AS regclass,
            c.oid,
            0,
            ((c.oid)::regclass)::text AS oid
           FROM (pg_class c
             JOIN rooms r ON ((r.oid = c.relnamespace)))
          WHERE (c.relkind = ANY (ARRAY['r'::"char", 'p'::"char", 'v'::"char", 'm'::"char"]))
        UNION ALL
         SELECT 'pg_class'::regclass AS regclass,
            c.oid,
            a.attnum,
            (((c.oid)::regclass || '.'::text) || (a.attname)::text)
           FROM ((pg_class c
             JOIN rooms r ON ((r.oid = c.relnamespace)))
             JOIN pg_attribute a ON ((a.attrelid = c.oid)))
          WHERE ((c.relkind = ANY (ARRAY['r'::"char", 'p'::"char", 'v'::"char", 'm'::"char", 'c'::"char"])) AND (a.attnum > 0) AND (NOT a.attisdropped))
        UNION ALL
         SELECT 'pg_proc'::regclass AS regclass,
            p.oid,
            0,
            ((p.oid)::regprocedure)::text AS oid
           FROM (pg_proc p
             JOIN rooms r ON ((r.oid = p.pronamespace)))
        UNION ALL
         SELECT 'pg_type'::regclass AS regclass,
            t.oid,
            0,
            ((t.oid)::regtype)::text AS oid
           FROM ((pg_type t
             JOIN rooms r ON ((r.oid = t.typnamespace)))
             LEFT JOIN pg_class c ON ((c.oid = t.typrelid)))
          WHERE ((t.typtype = ANY (ARRAY['d'::"char", 'e'::"char"])) OR (c.relkind = 'c'::"char"))
        UNION ALL
         SELECT 'pg_constraint'::regclass AS regclass,
            k.oid,
            0,
            (k.conname)::text AS conname
           FROM (pg_constraint k
             JOIN rooms r ON ((r.oid = k.connamespace)))
          WHERE (k.contype = 'c'::"char")
        )
 SELECT 'commented'::text AS rule,
    o.name AS object,
    'It has no comment: comments are the manual, and what clients and analysts read.'::text AS message
   FROM (objects o
     LEFT JOIN pg_description d USING (classoid, objoid, objsubid))
  WHERE (d.description IS NULL);

ALTER TABLE penstock.lint_comments OWNER TO penstock_owner;

COMMENT ON VIEW penstock.lint_comments IS 'Objects without a comment.';

COMMENT ON COLUMN penstock.lint_comments.rule IS 'The rule''s name.';

COMMENT ON COLUMN penstock.lint_comments.object IS 'What breaks it.';

COMMENT ON COLUMN penstock.lint_comments.message IS 'Why, and how to mend it.';

CREATE VIEW penstock.routes AS
 SELECT line.parts[1] AS method,
    line.parts[2] AS path,
    (p.oid)::regprocedure AS function,
        CASE p.provolatile
            WHEN 'v'::"char" THEN 'volatile'::text
            WHEN 's'::"char" THEN 'stable'::text
            ELSE 'immutable'::text
        END AS volatility,
    ARRAY( SELECT r.rolname
           FROM pg_roles r
          WHERE ((r.rolname = ANY (ARRAY['anon'::name, 'member'::name, 'staff'::name, 'admin'::name])) AND has_function_privilege(r.oid, p.oid, 'execute'::text))
          ORDER BY r.rolname) AS roles
   FROM (pg_proc p
     CROSS JOIN LATERAL regexp_match(obj_description(p.oid, 'pg_proc'::name), '^[ \t]*HTTP[ \t]+([A-Z]+)[ \t]+(/\S*)[ \t]*$'::text, 'n'::text) line(parts))
  WHERE ((p.pronamespace = ('api'::regnamespace)::oid) AND (line.parts IS NOT NULL));

ALTER TABLE penstock.routes OWNER TO penstock_owner;

COMMENT ON VIEW penstock.routes IS 'The endpoints: each function in api whose comment has an HTTP line.';

COMMENT ON COLUMN penstock.routes.method IS 'The HTTP method.';

COMMENT ON COLUMN penstock.routes.path IS 'The path below the API''s prefix, with {argument} in braces.';

COMMENT ON COLUMN penstock.routes.function IS 'The function that answers.';

COMMENT ON COLUMN penstock.routes.volatility IS 'Stable and immutable functions run read-only.';

COMMENT ON COLUMN penstock.routes.roles IS 'The roles that may call it: those that hold EXECUTE.';

CREATE VIEW penstock.lint_endpoints AS
 WITH functions AS (
         SELECT p.oid,
            ((p.oid)::regprocedure)::text AS name,
            n.nspname,
            (obj_description(p.oid, 'pg_proc'::name) ~ '(^|\n)[ \t]*HTTP[ \t]+[A-Z]+[ \t]+/'::text) AS is_route
           FROM (pg_proc p
             JOIN pg_namespace n ON ((n.oid = p.pronamespace)))
          WHERE ((pg_get_userbyid(n.nspowner) = 'penstock_owner'::name) AND (n.nspname <> 'sqitch'::name))
        )
 SELECT 'endpoint_route'::text AS rule,
    f.name AS object,
    'It lives in api, but answers to no path: write HTTP METHOD /path in its comment, or move it to the domain''s schema.'::text AS message
   FROM functions f
  WHERE ((f.nspname = 'api'::name) AND (NOT (EXISTS ( SELECT
           FROM penstock.routes r
          WHERE ((r.function)::oid = f.oid)))))
UNION ALL
 SELECT 'endpoint_schema'::text AS rule,
    f.name AS object,
    'Its comment has an HTTP line, but it is not in api, so it is not served: move it there, or take the line out.'::text AS message
   FROM functions f
  WHERE ((f.nspname <> 'api'::name) AND f.is_route)
UNION ALL
 SELECT 'endpoint_roles'::text AS rule,
    (r.function)::text AS object,
    format('It answers to %s %s, but nobody may call it: grant execute on function … to …'::text, r.method, r.path) AS message
   FROM penstock.routes r
  WHERE (r.roles = '{}'::name[])
UNION ALL
 SELECT 'endpoint_function'::text AS rule,
    ((c.oid)::regclass)::text AS object,
    'Its comment has an HTTP line, but only functions are served: write one that reads it.'::text AS message
   FROM (pg_class c
     JOIN pg_namespace n ON ((n.oid = c.relnamespace)))
  WHERE ((c.relkind = ANY (ARRAY['r'::"char", 'p'::"char", 'v'::"char", 'm'::"char"])) AND (pg_get_userbyid(n.nspowner) = 'penstock_owner'::name) AND (n.nspname <> 'sqitch'::name) AND (obj_description(c.oid, 'pg_class'::name) ~ '(^|\n)[ \t]*HTTP[ \t]+[A-Z]+[ \t]+/'::text));

ALTER TABLE penstock.lint_endpoints OWNER TO penstock_owner;

COMMENT ON VIEW penstock.lint_endpoints IS 'Functions and comments that look like endpoints and are none.';

COMMENT ON COLUMN penstock.lint_endpoints.rule IS 'The rule''s name.';

COMMENT ON COLUMN penstock.lint_endpoints.object IS 'What breaks it.';

COMMENT ON COLUMN penstock.lint_endpoints.message IS 'Why, and how to mend it.';

CREATE VIEW penstock.lint_functions AS
 WITH functions AS (
         SELECT p.oid,
            ((p.oid)::regprocedure)::text AS name,
            p.proowner,
            p.proacl,
            p.proconfig,
            p.prosecdef,
            p.prosrc,
            l.lanname,
            COALESCE(pg_get_function_sqlbody(p.oid), penstock.source_skeleton(p.prosrc)) AS code
           FROM ((pg_proc p
             JOIN pg_namespace n ON ((n.oid = p.pronamespace)))
             JOIN pg_language l ON ((l.oid = p.prolang)))
          WHERE ((pg_get_userbyid(n.nspowner) = 'penstock_owner'::name) AND (n.nspname <> 'sqitch'::name))
        )
 SELECT 'no_public_execute'::text AS rule,
    f.name AS object,
    'PUBLIC may execute it: revoke execute on function … from public.'::text AS message
   FROM (functions f
     CROSS JOIN LATERAL aclexplode(COALESCE(f.proacl, acldefault('f'::"char", f.proowner))) a(grantor, grantee, privilege_type, is_grantable))
  WHERE (a.grantee = (0)::oid)
UNION ALL
 SELECT 'definer_search_path'::text AS rule,
    f.name AS object,
    'It is security definer without set search_path = '''': a caller''s pg_temp could hijack it.'::text AS message
   FROM functions f
  WHERE (f.prosecdef AND ('search_path=""'::text <> ALL (COALESCE(f.proconfig, '{}'::text[]))))
UNION ALL
 SELECT 'definer_owner'::text AS rule,
    f.name AS object,
    (('It is security definer and belongs to '::text || (r.rolname)::text) || ', whom no policy stops: hand it to a narrow role.'::text) AS message
   FROM (functions f
     JOIN pg_roles r ON ((r.oid = f.proowner)))
  WHERE (f.prosecdef AND ((r.rolname = 'penstock_owner'::name) OR r.rolsuper OR r.rolbypassrls))
UNION ALL
 SELECT 'session_state'::text AS rule,
    f.name AS object,
    'It changes the session (set_config(…, false), SET without LOCAL, a session advisory lock or LISTEN), which the next request on the connection would inherit: set_config(…, true), pg_advisory_xact_lock().'::text AS message
   FROM functions f
  WHERE ((f.code ~* 'set_config\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*,\s*(is_local\s*(=>|:=)\s*)?(false|''f\w*''::boolean)\s*\)'::text) OR (f.code ~* 'pg_(try_)?advisory_lock(_shared)?\s*\('::text) OR (f.code ~* '(^|;|\m(begin|then|else|loop)\M)\s*listen\s+"?\w'::text) OR (f.code ~* '(^|;|\m(begin|then|else|loop)\M)\s*set\s+(?!local\M|constraints\M|transaction\M)[\w."]+\s*(=|\mto\M|\w|'')'::text) OR (f.prosrc ~* '\mexecute\s+(format\s*\(\s*)?''\s*(listen\s|set\s+(?!local\M|constraints\M|transaction\M))'::text))
UNION ALL
 SELECT 'dynamic_sql'::text AS rule,
    f.name AS object,
    format('It executes a text that may hold a value nobody has quoted: %s. Use format() with %%I and %%L, quote_ident(), quote_literal(), or USING; if every part is quoted, say how in a comment: -- dynamic_sql: …'::text, "left"(regexp_replace(d.expression, '\s+'::text, ' '::text, 'g'::text), 80)) AS message
   FROM (functions f
     CROSS JOIN LATERAL penstock.dynamic_sql_faults(f.oid) d(expression))
  WHERE ((f.lanname = 'plpgsql'::name) AND (f.prosrc ~* '\mexecute\M'::text) AND (f.prosrc !~ '-- dynamic_sql: \w'::text));

ALTER TABLE penstock.lint_functions OWNER TO penstock_owner;

COMMENT ON VIEW penstock.lint_functions IS 'Functions that break the house''s rules on who may run what.';

COMMENT ON COLUMN penstock.lint_functions.rule IS 'The rule''s name.';

COMMENT ON COLUMN penstock.lint_functions.object IS 'What breaks it.';

COMMENT ON COLUMN penstock.lint_functions.message IS 'Why, and how to mend it.';

CREATE VIEW penstock.lint_policies AS
 WITH once AS (
         SELECT (((('\( SELECT (?:(?!\sFROM\s)[^()]|\('::text || repeat('(?:[^()]|\('::text, 5)) || '[^()]*'::text) || repeat('\))*'::text, 5)) || '\))*\)'::text) AS spelt
        ), policies AS (
         SELECT p.polrelid,
            (((p.polrelid)::regclass || ' '::text) || (p.polname)::text) AS name,
            p.polroles,
            p.polcmd,
            pg_get_expr(p.polqual, p.polrelid) AS shows,
            pg_get_expr(p.polwithcheck, p.polrelid) AS admits
           FROM ((pg_policy p
             JOIN pg_class c ON ((c.oid = p.polrelid)))
             JOIN pg_namespace n ON ((n.oid = c.relnamespace)))
          WHERE ((pg_get_userbyid(n.nspowner) = 'penstock_owner'::name) AND (n.nspname <> 'sqitch'::name))
        )
 SELECT 'caller_once'::text AS rule,
    p.name AS object,
    'It asks for the caller row by row, which costs ten times as much: write (select request.user_id()), never the bare call.'::text AS message
   FROM (policies p
     CROSS JOIN once)
  WHERE (regexp_replace(concat_ws(' '::text, p.shows, p.admits), once.spelt, ''::text, 'g'::text) ~ '\m(request\.\w+|current_setting)\('::text)
UNION ALL
 SELECT 'policy_roles'::text AS rule,
    p.name AS object,
    'It is for PUBLIC, so for every role there will ever be: name its roles with TO.'::text AS message
   FROM policies p
  WHERE ((0)::oid = ANY (p.polroles))
UNION ALL
 SELECT 'policy_indexed'::text AS rule,
    p.name AS object,
    format('It finds the caller''s rows by %1$I, which no index begins with: every statement reads the whole table. create index … on %2$s (%1$I).'::text, a.attname, (p.polrelid)::regclass) AS message
   FROM ((((policies p
     JOIN pg_attribute a ON ((a.attrelid = p.polrelid)))
     JOIN pg_class c ON ((c.oid = p.polrelid)))
     CROSS JOIN LATERAL ( SELECT format('(?<![\w.])(?:%s\.)?%s(?!\w)'::text, c.relname, regexp_replace(quote_ident((a.attname)::text), '(\W)'::text, '\\\1'::text, 'g'::text)) AS format) spelt(name))
     CROSS JOIN LATERAL ( SELECT format('(%s|SESSION_USER|CURRENT_USER)'::text, once.spelt) AS format
           FROM once) caller(name))
  WHERE ((a.attnum > 0) AND (NOT a.attisdropped) AND (p.polcmd <> 'a'::"char") AND (p.shows ~ format('%1$s(\)?::[\w ]+)? = \(?%2$s|%2$s(\)?::[\w ]+)? = \(?%1$s'::text, spelt.name, caller.name)) AND (NOT (EXISTS ( SELECT
           FROM pg_index i
          WHERE ((i.indrelid = p.polrelid) AND (i.indkey[0] = a.attnum) AND (i.indpred IS NULL) AND i.indisvalid)))));

ALTER TABLE penstock.lint_policies OWNER TO penstock_owner;

COMMENT ON VIEW penstock.lint_policies IS 'Policies that break the house''s rules: on how they ask for the caller, and for whom they are.';

COMMENT ON COLUMN penstock.lint_policies.rule IS 'The rule''s name.';

COMMENT ON COLUMN penstock.lint_policies.object IS 'What breaks it.';

COMMENT ON COLUMN penstock.lint_policies.message IS 'Why, and how to mend it.';

CREATE VIEW penstock.lint_roles AS
 WITH RECURSIVE roots AS (
         SELECT r.oid,
            r.rolname,
            (r.rolname <> ALL (ARRAY['penstock_owner'::name, 'penstock_deployer'::name])) AS serves
           FROM pg_roles r
          WHERE ((r.rolname = ANY (ARRAY['penstock_owner'::name, 'penstock_deployer'::name, 'authenticator'::name, 'reporter'::name])) OR (EXISTS ( SELECT
                   FROM pg_auth_members m
                  WHERE ((m.member = r.oid) AND (pg_get_userbyid(m.roleid) = 'reporter'::name)))))
        ), within_reach AS (
         SELECT r.oid,
            r.rolname AS root,
            r.serves
           FROM roots r
        UNION
         SELECT m.roleid,
            w.root,
            w.serves
           FROM (within_reach w
             JOIN pg_auth_members m ON ((m.member = w.oid)))
        )
 SELECT 'role_power'::text AS rule,
    (r.rolname)::text AS object,
    format('It %s, and no policy or grant stops it: alter role %I nosuperuser nobypassrls nocreaterole noreplication.'::text, concat_ws(' and '::text,
        CASE
            WHEN r.rolsuper THEN 'is a superuser'::text
            ELSE NULL::text
        END,
        CASE
            WHEN r.rolbypassrls THEN 'has BYPASSRLS'::text
            ELSE NULL::text
        END,
        CASE
            WHEN r.rolcreaterole THEN 'has CREATEROLE'::text
            ELSE NULL::text
        END,
        CASE
            WHEN r.rolreplication THEN 'has REPLICATION'::text
            ELSE NULL::text
        END), r.rolname) AS message
   FROM pg_roles r
  WHERE ((r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication) AND (EXISTS ( SELECT
           FROM within_reach w
          WHERE (w.oid = r.oid))))
UNION ALL
 SELECT 'role_reach'::text AS rule,
    (w.root)::text AS object,
    format('It may act as %s: revoke %I from it, or from what it belongs to.'::text,
        CASE
            WHEN (r.rolname = ANY (ARRAY['penstock_owner'::name, 'penstock_deployer'::name])) THEN ((r.rolname)::text || ', who owns every object'::text)
            ELSE ((r.rolname)::text || ', who reads or writes past every grant'::text)
        END, r.rolname) AS message
   FROM (within_reach w
     JOIN pg_roles r ON ((r.oid = w.oid)))
  WHERE ((r.rolname <> w.root) AND ((w.serves AND (r.rolname = ANY (ARRAY['penstock_owner'::name, 'penstock_deployer'::name]))) OR (r.rolname = ANY (ARRAY['pg_read_all_data'::name, 'pg_write_all_data'::name, 'pg_read_server_files'::name, 'pg_write_server_files'::name, 'pg_execute_server_program'::name]))))
UNION ALL
 SELECT 'role_inherits'::text AS rule,
    (r.rolname)::text AS object,
    'The API would have the rights of every role at once before it becomes one: alter role authenticator noinherit.'::text AS message
   FROM pg_roles r
  WHERE ((r.rolname = 'authenticator'::name) AND r.rolinherit)
UNION ALL
 SELECT 'default_privileges'::text AS rule,
    'penstock_owner'::text AS object,
    'PUBLIC may execute every function that it will make: alter default privileges for role penstock_owner revoke execute on functions from public.'::text AS message
  WHERE (NOT (EXISTS ( SELECT
           FROM pg_default_acl d
          WHERE ((pg_get_userbyid(d.defaclrole) = 'penstock_owner'::name) AND (d.defaclnamespace = (0)::oid) AND (d.defaclobjtype = 'f'::"char") AND (NOT (EXISTS ( SELECT
                   FROM aclexplode(d.defaclacl) a(grantor, grantee, privilege_type, is_grantable)
                  WHERE (a.grantee = (0)::oid))))))))
UNION ALL
 SELECT 'default_privileges'::text AS rule,
    (pg_get_userbyid(d.defaclrole))::text AS object,
    format('PUBLIC is given %s on what it will make in %s: alter default privileges … revoke … from public.'::text, a.privilege_type, COALESCE(n.nspname, 'every schema'::name)) AS message
   FROM ((pg_default_acl d
     LEFT JOIN pg_namespace n ON ((n.oid = d.defaclnamespace)))
     CROSS JOIN LATERAL aclexplode(d.defaclacl) a(grantor, grantee, privilege_type, is_grantable))
  WHERE ((a.grantee = (0)::oid) AND ((d.defaclnamespace <> (0)::oid) OR (d.defaclobjtype <> ALL ('{f,T}'::"char"[]))) AND (EXISTS ( SELECT
           FROM within_reach w
          WHERE (w.oid = d.defaclrole))))
UNION ALL
 SELECT 'no_public_schema'::text AS rule,
    (n.nspname)::text AS object,
    format('PUBLIC has %s on it: revoke all on schema %I from public.'::text, a.privilege_type, n.nspname) AS message
   FROM (pg_namespace n
     CROSS JOIN LATERAL aclexplode(n.nspacl) a(grantor, grantee, privilege_type, is_grantable))
  WHERE ((pg_get_userbyid(n.nspowner) = 'penstock_owner'::name) AND (n.nspname <> 'sqitch'::name) AND (a.grantee = (0)::oid));

ALTER TABLE penstock.lint_roles OWNER TO penstock_owner;

COMMENT ON VIEW penstock.lint_roles IS 'Roles that may do more than they should, and what PUBLIC is given beforehand.';

COMMENT ON COLUMN penstock.lint_roles.rule IS 'The rule''s name.';

COMMENT ON COLUMN penstock.lint_roles.object IS 'What breaks it.';

COMMENT ON COLUMN penstock.lint_roles.message IS 'Why, and how to mend it.';

CREATE VIEW penstock.lint_tables AS
 WITH tables AS (
         SELECT c.oid,
            ((c.oid)::regclass)::text AS name,
            c.relrowsecurity,
            c.relforcerowsecurity,
            c.relowner
           FROM (pg_class c
             JOIN pg_namespace n ON ((n.oid = c.relnamespace)))
          WHERE ((c.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])) AND (pg_get_userbyid(n.nspowner) = 'penstock_owner'::name) AND (n.nspname <> 'sqitch'::name))
        )
 SELECT 'rls_forced'::text AS rule,
    t.name AS object,
    'Row-level security is not enabled and forced: alter table … enable row level security, force row level security.'::text AS message
   FROM tables t
  WHERE (NOT (t.relrowsecurity AND t.relforcerowsecurity))
UNION ALL
 SELECT 'owner_policy'::text AS rule,
    t.name AS object,
    'The owner has no policy using (true) with check (true): its own migrations would see no rows.'::text AS message
   FROM tables t
  WHERE (NOT (EXISTS ( SELECT
           FROM pg_policy p
          WHERE ((p.polrelid = t.oid) AND (p.polcmd = '*'::"char") AND (t.relowner = ANY (p.polroles)) AND (pg_get_expr(p.polqual, p.polrelid) = 'true'::text) AND (pg_get_expr(p.polwithcheck, p.polrelid) = 'true'::text)))))
UNION ALL
 SELECT 'no_public_table'::text AS rule,
    ((c.oid)::regclass)::text AS object,
    'PUBLIC has a privilege on it, or on a column: revoke all on … from public.'::text AS message
   FROM (pg_class c
     JOIN pg_namespace n ON ((n.oid = c.relnamespace)))
  WHERE ((pg_get_userbyid(n.nspowner) = 'penstock_owner'::name) AND (n.nspname <> 'sqitch'::name) AND ((EXISTS ( SELECT
           FROM aclexplode(c.relacl) a(grantor, grantee, privilege_type, is_grantable)
          WHERE (a.grantee = (0)::oid))) OR (EXISTS ( SELECT
           FROM (pg_attribute t
             CROSS JOIN LATERAL aclexplode(t.attacl) a(grantor, grantee, privilege_type, is_grantable))
          WHERE ((t.attrelid = c.oid) AND (a.grantee = (0)::oid))))))
UNION ALL
 SELECT 'foreign_key_indexed'::text AS rule,
    t.name AS object,
    format('Foreign key %s has no index: a delete of what it points to reads the whole table. create index … on %s (%s).'::text, k.conname, t.name, ( SELECT string_agg(quote_ident((a.attname)::text), ', '::text ORDER BY (array_position(k.conkey, a.attnum))) AS string_agg
           FROM pg_attribute a
          WHERE ((a.attrelid = k.conrelid) AND (a.attnum = ANY (k.conkey))))) AS message
   FROM (tables t
     JOIN pg_constraint k ON ((k.conrelid = t.oid)))
  WHERE ((k.contype = 'f'::"char") AND (NOT (EXISTS ( SELECT
           FROM pg_index i
          WHERE ((i.indrelid = k.conrelid) AND (i.indpred IS NULL) AND i.indisvalid AND (((i.indkey)::smallint[])[0:(cardinality(k.conkey) - 1)] @> k.conkey))))));

ALTER TABLE penstock.lint_tables OWNER TO penstock_owner;

COMMENT ON VIEW penstock.lint_tables IS 'Tables that break the house''s rules on row-level security, on PUBLIC and on the indexes of foreign keys.';

COMMENT ON COLUMN penstock.lint_tables.rule IS 'The rule''s name.';

COMMENT ON COLUMN penstock.lint_tables.object IS 'What breaks it.';

COMMENT ON COLUMN penstock.lint_tables.message IS 'Why, and how to mend it.';

CREATE VIEW penstock.lint_views AS
 WITH views AS (
         SELECT c.oid,
            ((c.oid)::regclass)::text AS name,
            c.relkind,
            c.relacl,
            c.reloptions,
            r.rolname AS owner,
            ((r.rolname = 'penstock_owner'::name) OR r.rolsuper OR r.rolbypassrls) AS sees_everything
           FROM ((pg_class c
             JOIN pg_namespace n ON ((n.oid = c.relnamespace)))
             JOIN pg_roles r ON ((r.oid = c.relowner)))
          WHERE ((c.relkind = ANY (ARRAY['v'::"char", 'm'::"char"])) AND (pg_get_userbyid(n.nspowner) = 'penstock_owner'::name) AND (n.nspname <> 'sqitch'::name))
        )
 SELECT 'view_owner'::text AS rule,
    v.name AS object,
    format('It reads %s as %s, whom no policy hides a row from, for whoever reads it: alter view … set (security_invoker = true), or hand it to a narrow role with policies of its own, as report_owner.'::text, string_agg(DISTINCT ((t.oid)::regclass)::text, ', '::text), v.owner) AS message
   FROM (((views v
     JOIN pg_rewrite w ON ((w.ev_class = v.oid)))
     JOIN pg_depend d ON (((d.classid = ('pg_rewrite'::regclass)::oid) AND (d.objid = w.oid) AND (d.refclassid = ('pg_class'::regclass)::oid))))
     JOIN pg_class t ON ((t.oid = d.refobjid)))
  WHERE ((v.relkind = 'v'::"char") AND v.sees_everything AND (NOT COALESCE(( SELECT (o.option_value)::boolean AS option_value
           FROM pg_options_to_table(v.reloptions) o(option_name, option_value)
          WHERE (o.option_name = 'security_invoker'::text)), false)) AND (t.relkind = ANY (ARRAY['r'::"char", 'p'::"char", 'f'::"char", 'm'::"char"])) AND (t.relnamespace <> ALL (ARRAY[('pg_catalog'::regnamespace)::oid, ('information_schema'::regnamespace)::oid])))
  GROUP BY v.name, v.owner
UNION ALL
 SELECT 'view_kept'::text AS rule,
    v.name AS object,
    format('A materialised view knows no policies, so %s reads every row of it: revoke it, and let a view or function of a narrow role show what each may see.'::text,
        CASE
            WHEN (a.grantee = (0)::oid) THEN 'PUBLIC'::text
            ELSE (pg_get_userbyid(a.grantee))::text
        END) AS message
   FROM ((views v
     CROSS JOIN LATERAL aclexplode(v.relacl) a(grantor, grantee, privilege_type, is_grantable))
     LEFT JOIN pg_roles g ON ((g.oid = a.grantee)))
  WHERE ((v.relkind = 'm'::"char") AND (a.privilege_type = 'SELECT'::text) AND ((a.grantee = (0)::oid) OR g.rolcanlogin OR (g.rolname = ANY (ARRAY['anon'::name, 'member'::name, 'staff'::name, 'admin'::name, 'reporter'::name]))));

ALTER TABLE penstock.lint_views OWNER TO penstock_owner;

COMMENT ON VIEW penstock.lint_views IS 'Views that show more than their reader may see.';

COMMENT ON COLUMN penstock.lint_views.rule IS 'The rule''s name.';

COMMENT ON COLUMN penstock.lint_views.object IS 'What breaks it.';

COMMENT ON COLUMN penstock.lint_views.message IS 'Why, and how to mend it.';

CREATE VIEW penstock.lint AS
 SELECT l.rule,
    l.object,
    l.message
   FROM penstock.lint_tables l
UNION ALL
 SELECT l.rule,
    l.object,
    l.message
   FROM penstock.lint_policies l
UNION ALL
 SELECT l.rule,
    l.object,
    l.message
   FROM penstock.lint_views l
UNION ALL
 SELECT l.rule,
    l.object,
    l.message
   FROM penstock.lint_functions l
UNION ALL
 SELECT l.rule,
    l.object,
    l.message
   FROM penstock.lint_roles l
UNION ALL
 SELECT l.rule,
    l.object,
    l.message
   FROM penstock.lint_endpoints l
UNION ALL
 SELECT l.rule,
    l.object,
    l.message
   FROM penstock.lint_comments l
UNION ALL
 SELECT l.rule,
    l.object,
    l.message
   FROM penstock.lint_audit l;

ALTER TABLE penstock.lint OWNER TO penstock_owner;

COMMENT ON VIEW penstock.lint IS 'Everything that breaks the house''s rules; empty when all is well.';

COMMENT ON COLUMN penstock.lint.rule IS 'The rule''s name.';

COMMENT ON COLUMN penstock.lint.object IS 'What breaks it.';

COMMENT ON COLUMN penstock.lint.message IS 'Why, and how to mend it.';

CREATE UNLOGGED TABLE penstock.rate_limits (
    key uuid NOT NULL,
    whole_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='10000');

ALTER TABLE ONLY penstock.rate_limits FORCE ROW LEVEL SECURITY;

ALTER TABLE penstock.rate_limits OWNER TO penstock_owner;

COMMENT ON TABLE penstock.rate_limits IS 'How often routes with @rate were called lately, while Redis does not count it.';

COMMENT ON COLUMN penstock.rate_limits.key IS 'A digest of the route, its rate and the caller, so that no address stands here.';

COMMENT ON COLUMN penstock.rate_limits.whole_at IS 'When the quota will be whole again; each call that is admitted moves it on.';

CREATE UNLOGGED TABLE penstock.touches (
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    tags text[] NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='10000', vacuum_truncate=off);

ALTER TABLE ONLY penstock.touches FORCE ROW LEVEL SECURITY;

ALTER TABLE penstock.touches OWNER TO penstock_owner;

COMMENT ON TABLE penstock.touches IS 'What was changed lately, as tags: written with the change, read by every API process, gone after a minute.';

COMMENT ON COLUMN penstock.touches.xid IS 'The transaction. Others with a later number may be visible before it, so readers compare snapshots.';

COMMENT ON COLUMN penstock.touches.tags IS 'What it changed: products, product:7, product:* for many.';

CREATE TABLE penstock.webhooks (
    id bigint NOT NULL,
    url text NOT NULL,
    topics text NOT NULL,
    secret text DEFAULT ('whsec_'::text || encode(sha256((uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))), 'base64'::text)) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    ended_because text,
    CONSTRAINT webhooks_secret_is_one CHECK ((secret ~ '^whsec_[A-Za-z0-9+/]{32,88}={0,2}$'::text)),
    CONSTRAINT webhooks_topics_are_some CHECK ((topics ~ '^(\*|[a-z][a-z0-9_]*(\.[a-z0-9_]+)*(\.\*)?)$'::text)),
    CONSTRAINT webhooks_url_is_one CHECK (((url ~ '^https?://[^[:space:][:cntrl:]/?#@\\]+(/[!-~]*)?$'::text) AND (url !~ '#'::text)))
);

ALTER TABLE ONLY penstock.webhooks FORCE ROW LEVEL SECURITY;

ALTER TABLE penstock.webhooks OWNER TO penstock_owner;

COMMENT ON TABLE penstock.webhooks IS 'Who is told of events by HTTP. Each gets a delivery of every event whose topic fits, from when the row is there.';

COMMENT ON COLUMN penstock.webhooks.id IS 'The subscription''s number; its sink is webhook:<id>.';

COMMENT ON COLUMN penstock.webhooks.url IS 'Where events are posted to.';

COMMENT ON COLUMN penstock.webhooks.topics IS 'A topic, all that begin with one (order.*), or all (*). Mails are nobody''s.';

COMMENT ON COLUMN penstock.webhooks.secret IS 'What posts are signed with, as Standard Webhooks has it; tell it the receiver, and nobody else.';

COMMENT ON COLUMN penstock.webhooks.created_at IS 'When it was made.';

COMMENT ON COLUMN penstock.webhooks.ended_at IS 'When it ended; null while it is told.';

COMMENT ON COLUMN penstock.webhooks.ended_because IS 'Why it ended.';

COMMENT ON CONSTRAINT webhooks_secret_is_one ON penstock.webhooks IS 'A secret is whsec_ and 24 to 64 bytes in Base64.';

COMMENT ON CONSTRAINT webhooks_topics_are_some ON penstock.webhooks IS 'The topics are one (order.paid), all that begin with one (order.*), or all (*).';

COMMENT ON CONSTRAINT webhooks_url_is_one ON penstock.webhooks IS 'The address begins with https:// (or http://), and has neither a user nor a fragment.';

ALTER TABLE penstock.webhooks ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME penstock.webhooks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW report.customers WITH (security_barrier='true') AS
 SELECT o.user_id AS customer_id,
    (array_agg(o.country ORDER BY o.placed_at DESC, o.id DESC))[1] AS country,
    ((min(o.placed_at) AT TIME ZONE 'UTC'::text))::date AS first_order_on,
    ((max(o.placed_at) AT TIME ZONE 'UTC'::text))::date AS last_order_on,
    count(*) AS orders,
    (sum(o.units))::bigint AS units,
    sum(o.revenue) AS revenue,
    round(avg(o.revenue), 2) AS average_order
   FROM ( SELECT o_1.id,
            o_1.user_id,
            (o_1.country)::text AS country,
            o_1.placed_at,
            sum((l.quantity)::integer) AS units,
            sum(((l.quantity)::numeric * (l.unit_price)::numeric)) AS revenue
           FROM (app.orders o_1
             JOIN app.order_lines l ON ((l.order_id = o_1.id)))
          WHERE (o_1.status <> 'cancelled'::app.order_status)
          GROUP BY o_1.id, o_1.user_id, o_1.country, o_1.placed_at) o
  GROUP BY o.user_id;

ALTER TABLE report.customers OWNER TO report_owner;

COMMENT ON VIEW report.customers IS 'Everybody who ever ordered, with what they ordered, without cancelled orders. Who sees only some countries sees only what was ordered there. No personal data: a customer is a number.';

COMMENT ON COLUMN report.customers.customer_id IS 'The customer''s number.';

COMMENT ON COLUMN report.customers.country IS 'The country of the customer''s latest order.';

COMMENT ON COLUMN report.customers.first_order_on IS 'The day of the customer''s first order, in UTC.';

COMMENT ON COLUMN report.customers.last_order_on IS 'The day of the customer''s latest order, in UTC.';

COMMENT ON COLUMN report.customers.orders IS 'How many orders the customer placed.';

COMMENT ON COLUMN report.customers.units IS 'How many pieces the customer ordered.';

COMMENT ON COLUMN report.customers.revenue IS 'The sum of quantity times the price at which it was ordered.';

COMMENT ON COLUMN report.customers.average_order IS 'Revenue by order, to the penny.';

CREATE VIEW report.product_sales WITH (security_barrier='true') AS
 SELECT p.id AS product_id,
    (p.sku)::text AS sku,
    (p.name)::text AS product,
    ((o.placed_at AT TIME ZONE 'UTC'::text))::date AS day,
    (o.country)::text AS country,
    count(DISTINCT o.id) AS orders,
    sum((l.quantity)::integer) AS units,
    sum(((l.quantity)::numeric * (l.unit_price)::numeric)) AS revenue
   FROM ((app.orders o
     JOIN app.order_lines l ON ((l.order_id = o.id)))
     JOIN app.products p ON ((p.id = l.product_id)))
  WHERE (o.status <> 'cancelled'::app.order_status)
  GROUP BY p.id, p.sku, p.name, (((o.placed_at AT TIME ZONE 'UTC'::text))::date), o.country;

ALTER TABLE report.product_sales OWNER TO report_owner;

COMMENT ON VIEW report.product_sales IS 'Sales by product, day and country, without cancelled orders. Units and revenue can be summed over anything; orders over days and countries, but not over products, for one order may hold several.';

COMMENT ON COLUMN report.product_sales.product_id IS 'The product''s number.';

COMMENT ON COLUMN report.product_sales.sku IS 'The code by which the trade knows the product.';

COMMENT ON COLUMN report.product_sales.product IS 'What the product is called today.';

COMMENT ON COLUMN report.product_sales.day IS 'The day the orders were placed, in UTC.';

COMMENT ON COLUMN report.product_sales.country IS 'The country the orders went to.';

COMMENT ON COLUMN report.product_sales.orders IS 'How many orders held the product.';

COMMENT ON COLUMN report.product_sales.units IS 'How many pieces were ordered.';

COMMENT ON COLUMN report.product_sales.revenue IS 'The sum of quantity times the price at which it was ordered.';

CREATE VIEW report.sales_by_day WITH (security_barrier='true') AS
 SELECT ((o.placed_at AT TIME ZONE 'UTC'::text))::date AS day,
    (o.country)::text AS country,
    count(DISTINCT o.id) AS orders,
    sum((l.quantity)::integer) AS units,
    sum(((l.quantity)::numeric * (l.unit_price)::numeric)) AS revenue
   FROM (app.orders o
     JOIN app.order_lines l ON ((l.order_id = o.id)))
  WHERE (o.status <> 'cancelled'::app.order_status)
  GROUP BY (((o.placed_at AT TIME ZONE 'UTC'::text))::date), o.country;

ALTER TABLE report.sales_by_day OWNER TO report_owner;

COMMENT ON VIEW report.sales_by_day IS 'Sales by day and country, without cancelled orders. Every column can be summed over any days and countries. Days without orders have no row.';

COMMENT ON COLUMN report.sales_by_day.day IS 'The day the orders were placed, in UTC.';

COMMENT ON COLUMN report.sales_by_day.country IS 'The country the orders went to.';

COMMENT ON COLUMN report.sales_by_day.orders IS 'How many orders were placed.';

COMMENT ON COLUMN report.sales_by_day.units IS 'How many pieces were ordered.';

COMMENT ON COLUMN report.sales_by_day.revenue IS 'The sum of quantity times the price at which it was ordered.';

ALTER TABLE ONLY app.analysts
    ADD CONSTRAINT analysts_pkey PRIMARY KEY (login);

ALTER TABLE ONLY app.import_rejects
    ADD CONSTRAINT import_rejects_pkey PRIMARY KEY (import_id, line);

ALTER TABLE ONLY app.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.order_lines
    ADD CONSTRAINT order_lines_pkey PRIMARY KEY (order_id, line_no);

ALTER TABLE ONLY app.order_transitions
    ADD CONSTRAINT order_transitions_pkey PRIMARY KEY (from_status, to_status);

ALTER TABLE ONLY app.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.orders
    ADD CONSTRAINT orders_source_invoice_unique UNIQUE (source_invoice);

COMMENT ON CONSTRAINT orders_source_invoice_unique ON app.orders IS 'This invoice has been imported before.';

ALTER TABLE ONLY app.posts
    ADD CONSTRAINT posts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.products
    ADD CONSTRAINT products_pkey PRIMARY KEY (id);

ALTER TABLE ONLY app.products
    ADD CONSTRAINT products_sku_unique UNIQUE (sku);

COMMENT ON CONSTRAINT products_sku_unique ON app.products IS 'Another product has this SKU.';

ALTER TABLE ONLY app.sales_blocks
    ADD CONSTRAINT sales_blocks_pkey PRIMARY KEY (product_id, block);

ALTER TABLE ONLY app.sales_countries
    ADD CONSTRAINT sales_countries_pkey PRIMARY KEY (day, country);

ALTER TABLE ONLY app.sales_customers
    ADD CONSTRAINT sales_customers_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY app.sales_days
    ADD CONSTRAINT sales_days_pkey PRIMARY KEY (day);

ALTER TABLE ONLY app.sales_products
    ADD CONSTRAINT sales_products_pkey PRIMARY KEY (product_id, day);

ALTER TABLE ONLY app.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY audit.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (at, id);

ALTER TABLE ONLY audit.tables
    ADD CONSTRAINT tables_pkey PRIMARY KEY (table_name);

ALTER TABLE ONLY auth.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY auth.credentials
    ADD CONSTRAINT credentials_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY auth.devices
    ADD CONSTRAINT devices_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY auth.login_attempts
    ADD CONSTRAINT login_attempts_pkey PRIMARY KEY (account, device);

ALTER TABLE ONLY auth.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY auth.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY penstock.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (event_id, sink);

ALTER TABLE ONLY penstock.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY penstock.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (id);

COMMENT ON CONSTRAINT idempotency_keys_pkey ON penstock.idempotency_keys IS 'This request was answered already.';

ALTER TABLE ONLY penstock.incarnation
    ADD CONSTRAINT incarnation_pkey PRIMARY KEY (one);

ALTER TABLE ONLY penstock.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (name);

ALTER TABLE ONLY penstock.long_calls
    ADD CONSTRAINT long_calls_pkey PRIMARY KEY (id);

COMMENT ON CONSTRAINT long_calls_pkey ON penstock.long_calls IS 'There is such a call already.';

ALTER TABLE ONLY penstock.rate_limits
    ADD CONSTRAINT rate_limits_pkey PRIMARY KEY (key);

ALTER TABLE ONLY penstock.webhooks
    ADD CONSTRAINT webhooks_pkey PRIMARY KEY (id);

CREATE INDEX import_rejects_by_reason ON app.import_rejects USING btree (import_id, reason, line);

CREATE INDEX imports_by_maker ON app.imports USING btree (made_by);

CREATE INDEX order_lines_by_product ON app.order_lines USING btree (product_id);

CREATE INDEX orders_by_age ON app.orders USING btree (placed_at DESC, id DESC);

CREATE INDEX orders_by_status ON app.orders USING btree (status, placed_at DESC, id DESC);

CREATE INDEX orders_by_user ON app.orders USING btree (user_id, placed_at DESC, id DESC);

CREATE INDEX posts_by_author ON app.posts USING btree (author_id, id DESC);

CREATE INDEX posts_published ON app.posts USING btree (published_at DESC, id DESC) WHERE (published_at IS NOT NULL);

CREATE INDEX posts_published_by_author ON app.posts USING btree (author_id, published_at DESC, id DESC) WHERE (published_at IS NOT NULL);

CREATE INDEX products_by_age ON app.products USING btree (created_at DESC, id DESC);

CREATE INDEX products_by_name ON app.products USING btree (name, id);

CREATE INDEX products_by_price ON app.products USING btree (price, id);

CREATE INDEX products_search ON app.products USING gin (search);

CREATE INDEX sales_blocks_by_ceiling ON app.sales_blocks USING btree (block, ceiling DESC, product_id);

CREATE INDEX sales_customers_by_start ON app.sales_customers USING btree (bought_on) INCLUDE (ordered_on, user_id);

CREATE INDEX users_by_state ON app.users USING btree (is_active, id);

CREATE UNIQUE INDEX users_email_unique ON app.users USING btree (lower((email)::text));

COMMENT ON INDEX app.users_email_unique IS 'This e-mail address is taken.';

CREATE UNIQUE INDEX users_username_unique ON app.users USING btree (lower((username)::text));

COMMENT ON INDEX app.users_username_unique IS 'This username is taken.';

CREATE INDEX changes_by_key ON audit.changes USING btree (table_name, key, at, id);

CREATE INDEX changes_by_subject ON audit.changes USING btree (subject, at, id) WHERE (subject IS NOT NULL);

CREATE INDEX api_keys_by_user ON auth.api_keys USING btree (user_id, created_at);

CREATE UNIQUE INDEX api_keys_key_hash_unique ON auth.api_keys USING btree (key_hash);

COMMENT ON INDEX auth.api_keys_key_hash_unique IS 'There is already such a key.';

CREATE INDEX devices_by_user ON auth.devices USING btree (user_id, used_at);

CREATE INDEX login_attempts_by_time ON auth.login_attempts USING btree ((recent[cardinality(recent)]));

CREATE INDEX refresh_tokens_by_session ON auth.refresh_tokens USING btree (session_id, created_at);

CREATE UNIQUE INDEX refresh_tokens_one_unused ON auth.refresh_tokens USING btree (session_id) WHERE (used_at IS NULL);

COMMENT ON INDEX auth.refresh_tokens_one_unused IS 'A session has one refresh token at a time.';

CREATE INDEX sessions_by_user ON auth.sessions USING btree (user_id);

CREATE INDEX deliveries_dead ON penstock.deliveries USING btree (dead_at) WHERE (dead_at IS NOT NULL);

CREATE INDEX deliveries_due ON penstock.deliveries USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX deliveries_in_turn ON penstock.deliveries USING btree (sink, key, event_id) WHERE ((due_at IS NOT NULL) AND (key IS NOT NULL));

CREATE INDEX events_by_place ON penstock.events USING btree (xid, id);

CREATE INDEX events_by_role ON penstock.events USING btree (role, xid, id);

CREATE INDEX events_by_subject ON penstock.events USING btree (subject, xid, id);

CREATE INDEX idempotency_keys_by_age ON penstock.idempotency_keys USING btree (kept_at);

CREATE INDEX long_calls_by_age ON penstock.long_calls USING btree (begun_at);

CREATE INDEX long_calls_by_role ON penstock.long_calls USING btree (role, subject);

CREATE INDEX long_calls_by_subject ON penstock.long_calls USING btree (subject);

CREATE INDEX touches_by_xid ON penstock.touches USING btree (xid);

CREATE TRIGGER audit_delete AFTER DELETE ON app.analysts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_analysts();

CREATE TRIGGER audit_delete AFTER DELETE ON app.import_rejects REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_import_rejects();

CREATE TRIGGER audit_delete AFTER DELETE ON app.imports REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_imports();

CREATE TRIGGER audit_delete AFTER DELETE ON app.order_lines REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_order_lines();

CREATE TRIGGER audit_delete AFTER DELETE ON app.order_transitions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_order_transitions();

CREATE TRIGGER audit_delete AFTER DELETE ON app.orders REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_orders();

CREATE TRIGGER audit_delete AFTER DELETE ON app.posts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_posts();

CREATE TRIGGER audit_delete AFTER DELETE ON app.products REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_products();

CREATE TRIGGER audit_delete AFTER DELETE ON app.users REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_users();

CREATE TRIGGER audit_insert AFTER INSERT ON app.analysts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_analysts();

CREATE TRIGGER audit_insert AFTER INSERT ON app.import_rejects REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_import_rejects();

CREATE TRIGGER audit_insert AFTER INSERT ON app.imports REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_imports();

CREATE TRIGGER audit_insert AFTER INSERT ON app.order_lines REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_order_lines();

CREATE TRIGGER audit_insert AFTER INSERT ON app.order_transitions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_order_transitions();

CREATE TRIGGER audit_insert AFTER INSERT ON app.orders REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_orders();

CREATE TRIGGER audit_insert AFTER INSERT ON app.posts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_posts();

CREATE TRIGGER audit_insert AFTER INSERT ON app.products REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_products();

CREATE TRIGGER audit_insert AFTER INSERT ON app.users REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_users();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON app.analysts FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_analysts();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON app.import_rejects FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_import_rejects();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON app.imports FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_imports();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON app.order_lines FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_order_lines();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON app.order_transitions FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_order_transitions();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON app.orders FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_orders();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON app.posts FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_posts();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON app.products FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_products();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON app.users FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_users();

CREATE TRIGGER audit_update AFTER UPDATE ON app.analysts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_analysts();

CREATE TRIGGER audit_update AFTER UPDATE ON app.import_rejects REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_import_rejects();

CREATE TRIGGER audit_update AFTER UPDATE ON app.imports REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_imports();

CREATE TRIGGER audit_update AFTER UPDATE ON app.order_lines REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_order_lines();

CREATE TRIGGER audit_update AFTER UPDATE ON app.order_transitions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_order_transitions();

CREATE TRIGGER audit_update AFTER UPDATE ON app.orders REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_orders();

CREATE TRIGGER audit_update AFTER UPDATE ON app.posts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_posts();

CREATE TRIGGER audit_update AFTER UPDATE ON app.products REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_products();

CREATE TRIGGER audit_update AFTER UPDATE ON app.users REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_app_users();

CREATE TRIGGER count_version BEFORE UPDATE ON app.products FOR EACH ROW EXECUTE FUNCTION app.row_count_version();

CREATE TRIGGER order_lines_note_sales_delete AFTER DELETE ON app.order_lines REFERENCING OLD TABLE AS old_lines FOR EACH STATEMENT EXECUTE FUNCTION app.order_lines_note_sales();

CREATE TRIGGER order_lines_note_sales_insert AFTER INSERT ON app.order_lines REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION app.order_lines_note_sales();

CREATE TRIGGER order_lines_note_sales_update AFTER UPDATE ON app.order_lines REFERENCING OLD TABLE AS old_lines NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION app.order_lines_note_sales();

CREATE TRIGGER order_lines_truncate_sales AFTER TRUNCATE ON app.order_lines FOR EACH STATEMENT EXECUTE FUNCTION app.order_lines_truncate_sales();

CREATE TRIGGER orders_emit_change AFTER UPDATE OF status ON app.orders FOR EACH ROW WHEN (((new.status <> old.status) AND (new.source_invoice IS NULL))) EXECUTE FUNCTION app.orders_emit();

CREATE TRIGGER orders_emit_new AFTER INSERT ON app.orders FOR EACH ROW WHEN (((new.status = 'placed'::app.order_status) AND (new.source_invoice IS NULL))) EXECUTE FUNCTION app.orders_emit();

CREATE TRIGGER orders_note_sales_delete AFTER DELETE ON app.orders REFERENCING OLD TABLE AS old_orders FOR EACH STATEMENT EXECUTE FUNCTION app.orders_note_sales();

CREATE TRIGGER orders_note_sales_insert AFTER INSERT ON app.orders REFERENCING NEW TABLE AS new_orders FOR EACH STATEMENT EXECUTE FUNCTION app.orders_note_sales();

CREATE TRIGGER orders_note_sales_update AFTER UPDATE ON app.orders REFERENCING OLD TABLE AS old_orders NEW TABLE AS new_orders FOR EACH STATEMENT EXECUTE FUNCTION app.orders_note_sales();

CREATE TRIGGER orders_return_stock AFTER UPDATE OF status ON app.orders FOR EACH ROW WHEN (((new.status = 'cancelled'::app.order_status) AND (old.status <> 'cancelled'::app.order_status) AND (new.source_invoice IS NULL))) EXECUTE FUNCTION app.orders_return_stock();

CREATE TRIGGER orders_status_moves_forward BEFORE UPDATE OF status ON app.orders FOR EACH ROW EXECUTE FUNCTION app.orders_status_moves_forward();

CREATE TRIGGER penstock_delete AFTER DELETE ON app.order_lines REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_app_order_lines();

CREATE TRIGGER penstock_delete AFTER DELETE ON app.orders REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_app_orders();

CREATE TRIGGER penstock_delete AFTER DELETE ON app.products REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_app_products();

CREATE TRIGGER penstock_insert AFTER INSERT ON app.order_lines REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_app_order_lines();

CREATE TRIGGER penstock_insert AFTER INSERT ON app.orders REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_app_orders();

CREATE TRIGGER penstock_insert AFTER INSERT ON app.products REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_app_products();

CREATE TRIGGER penstock_rekey AFTER UPDATE ON app.order_lines FOR EACH ROW WHEN ((old.order_id IS DISTINCT FROM new.order_id)) EXECUTE FUNCTION penstock.touch_app_order_lines();

CREATE TRIGGER penstock_rekey AFTER UPDATE ON app.orders FOR EACH ROW WHEN ((old.id IS DISTINCT FROM new.id)) EXECUTE FUNCTION penstock.touch_app_orders();

CREATE TRIGGER penstock_rekey AFTER UPDATE ON app.products FOR EACH ROW WHEN ((old.id IS DISTINCT FROM new.id)) EXECUTE FUNCTION penstock.touch_app_products();

CREATE TRIGGER penstock_truncate AFTER TRUNCATE ON app.order_lines FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_app_order_lines();

CREATE TRIGGER penstock_truncate AFTER TRUNCATE ON app.orders FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_app_orders();

CREATE TRIGGER penstock_truncate AFTER TRUNCATE ON app.products FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_app_products();

CREATE TRIGGER penstock_update AFTER UPDATE ON app.order_lines REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_app_order_lines();

CREATE TRIGGER penstock_update AFTER UPDATE ON app.orders REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_app_orders();

CREATE TRIGGER penstock_update AFTER UPDATE ON app.products REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_app_products();

CREATE CONSTRAINT TRIGGER sales_line_changes_fold AFTER INSERT ON app.sales_line_changes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((random() * (160)::double precision) < (1)::double precision)) EXECUTE FUNCTION app.sales_fold_at_commit();

CREATE CONSTRAINT TRIGGER sales_moves_fold AFTER INSERT ON app.sales_moves DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((random() * (160)::double precision) < (1)::double precision)) EXECUTE FUNCTION app.sales_fold_at_commit();

CREATE TRIGGER touch BEFORE UPDATE ON app.orders FOR EACH ROW EXECUTE FUNCTION app.row_touch();

CREATE TRIGGER touch BEFORE UPDATE ON app.posts FOR EACH ROW EXECUTE FUNCTION app.row_touch();

CREATE TRIGGER touch BEFORE UPDATE ON app.products FOR EACH ROW EXECUTE FUNCTION app.row_touch();

CREATE TRIGGER touch BEFORE UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION app.row_touch();

CREATE TRIGGER users_admin_not_self BEFORE DELETE OR UPDATE OF role, is_active ON app.users FOR EACH ROW EXECUTE FUNCTION app.users_admin_not_self();

CREATE TRIGGER users_end_sessions AFTER UPDATE ON app.users FOR EACH ROW WHEN (((old.role <> new.role) OR (old.is_active AND (NOT new.is_active)))) EXECUTE FUNCTION auth.users_end_sessions();

CREATE TRIGGER changes_stay BEFORE DELETE OR UPDATE OR TRUNCATE ON audit.changes FOR EACH STATEMENT EXECUTE FUNCTION audit.changes_stay();

CREATE TRIGGER audit_delete AFTER DELETE ON auth.api_keys REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_api_keys();

CREATE TRIGGER audit_delete AFTER DELETE ON auth.credentials REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_credentials();

CREATE TRIGGER audit_delete AFTER DELETE ON auth.devices REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_devices();

CREATE TRIGGER audit_delete AFTER DELETE ON auth.refresh_tokens REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_refresh_tokens();

CREATE TRIGGER audit_delete AFTER DELETE ON auth.sessions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_sessions();

CREATE TRIGGER audit_insert AFTER INSERT ON auth.api_keys REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_api_keys();

CREATE TRIGGER audit_insert AFTER INSERT ON auth.credentials REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_credentials();

CREATE TRIGGER audit_insert AFTER INSERT ON auth.devices REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_devices();

CREATE TRIGGER audit_insert AFTER INSERT ON auth.refresh_tokens REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_refresh_tokens();

CREATE TRIGGER audit_insert AFTER INSERT ON auth.sessions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_sessions();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON auth.api_keys FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_api_keys();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON auth.credentials FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_credentials();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON auth.devices FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_devices();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON auth.refresh_tokens FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_refresh_tokens();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON auth.sessions FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_sessions();

CREATE TRIGGER audit_update AFTER UPDATE ON auth.api_keys REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_api_keys();

CREATE TRIGGER audit_update AFTER UPDATE ON auth.credentials REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_credentials();

CREATE TRIGGER audit_update AFTER UPDATE ON auth.devices REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_devices();

CREATE TRIGGER audit_update AFTER UPDATE ON auth.refresh_tokens REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_refresh_tokens();

CREATE TRIGGER audit_update AFTER UPDATE ON auth.sessions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_auth_sessions();

CREATE TRIGGER penstock_delete AFTER DELETE ON auth.api_keys REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_auth_api_keys();

CREATE TRIGGER penstock_delete AFTER DELETE ON auth.sessions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_auth_sessions();

CREATE TRIGGER penstock_insert AFTER INSERT ON auth.api_keys REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_auth_api_keys();

CREATE TRIGGER penstock_insert AFTER INSERT ON auth.sessions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_auth_sessions();

CREATE TRIGGER penstock_rekey AFTER UPDATE ON auth.api_keys FOR EACH ROW WHEN ((old.id IS DISTINCT FROM new.id)) EXECUTE FUNCTION penstock.touch_auth_api_keys();

CREATE TRIGGER penstock_rekey AFTER UPDATE ON auth.sessions FOR EACH ROW WHEN ((old.id IS DISTINCT FROM new.id)) EXECUTE FUNCTION penstock.touch_auth_sessions();

CREATE TRIGGER penstock_truncate AFTER TRUNCATE ON auth.api_keys FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_auth_api_keys();

CREATE TRIGGER penstock_truncate AFTER TRUNCATE ON auth.sessions FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_auth_sessions();

CREATE TRIGGER penstock_update AFTER UPDATE ON auth.api_keys REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_auth_api_keys();

CREATE TRIGGER penstock_update AFTER UPDATE ON auth.sessions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION penstock.touch_auth_sessions();

CREATE TRIGGER audit_delete AFTER DELETE ON penstock.jobs REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_penstock_jobs();

CREATE TRIGGER audit_delete AFTER DELETE ON penstock.webhooks REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_penstock_webhooks();

CREATE TRIGGER audit_insert AFTER INSERT ON penstock.jobs REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_penstock_jobs();

CREATE TRIGGER audit_insert AFTER INSERT ON penstock.webhooks REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_penstock_webhooks();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON penstock.jobs FOR EACH STATEMENT EXECUTE FUNCTION audit.record_penstock_jobs();

CREATE TRIGGER audit_truncate AFTER TRUNCATE ON penstock.webhooks FOR EACH STATEMENT EXECUTE FUNCTION audit.record_penstock_webhooks();

CREATE TRIGGER audit_update AFTER UPDATE ON penstock.jobs REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_penstock_jobs();

CREATE TRIGGER audit_update AFTER UPDATE ON penstock.webhooks REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_penstock_webhooks();

ALTER TABLE ONLY app.import_rejects
    ADD CONSTRAINT import_rejects_import_id_fkey FOREIGN KEY (import_id) REFERENCES app.imports(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.imports
    ADD CONSTRAINT imports_made_by_fkey FOREIGN KEY (made_by) REFERENCES app.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY app.order_lines
    ADD CONSTRAINT order_lines_order_id_fkey FOREIGN KEY (order_id) REFERENCES app.orders(id) ON DELETE CASCADE;

ALTER TABLE ONLY app.order_lines
    ADD CONSTRAINT order_lines_product_id_fkey FOREIGN KEY (product_id) REFERENCES app.products(id);

COMMENT ON CONSTRAINT order_lines_product_id_fkey ON app.order_lines IS 'This product has been ordered, so it must be kept: make it inactive instead.';

ALTER TABLE ONLY app.orders
    ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id);

COMMENT ON CONSTRAINT orders_user_id_fkey ON app.orders IS 'This user has orders, which must be kept: deactivate the user instead.';

ALTER TABLE ONLY app.posts
    ADD CONSTRAINT posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES app.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY auth.api_keys
    ADD CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY auth.credentials
    ADD CONSTRAINT credentials_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY auth.devices
    ADD CONSTRAINT devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY auth.refresh_tokens
    ADD CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES auth.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY auth.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY penstock.deliveries
    ADD CONSTRAINT deliveries_event_id_fkey FOREIGN KEY (event_id) REFERENCES penstock.events(id) ON DELETE CASCADE;

COMMENT ON CONSTRAINT deliveries_event_id_fkey ON penstock.deliveries IS 'A delivery is one of an event, and goes with it.';

ALTER TABLE app.analysts ENABLE ROW LEVEL SECURITY;

CREATE POLICY analysts_owner ON app.analysts TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY analysts_self ON app.analysts FOR SELECT TO report_owner USING ((login = SESSION_USER));

ALTER TABLE app.import_rejects ENABLE ROW LEVEL SECURITY;

CREATE POLICY import_rejects_owner ON app.import_rejects TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY import_rejects_staff_make ON app.import_rejects FOR INSERT TO admin, staff WITH CHECK ((import_id IN ( SELECT i.id
   FROM app.imports i
  WHERE (i.made_by = ( SELECT request.user_id() AS user_id)))));

CREATE POLICY import_rejects_staff_read ON app.import_rejects FOR SELECT TO admin, staff USING (true);

ALTER TABLE app.imports ENABLE ROW LEVEL SECURITY;

CREATE POLICY imports_owner ON app.imports TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY imports_staff_make ON app.imports FOR INSERT TO admin, staff WITH CHECK ((made_by = ( SELECT request.user_id() AS user_id)));

CREATE POLICY imports_staff_read ON app.imports FOR SELECT TO admin, staff USING (true);

ALTER TABLE app.order_lines ENABLE ROW LEVEL SECURITY;

CREATE POLICY order_lines_analysts ON app.order_lines FOR SELECT TO report_owner USING ((( SELECT (a.countries IS NULL)
   FROM app.analysts a
  WHERE (a.login = SESSION_USER)) OR (EXISTS ( SELECT
   FROM app.orders o
  WHERE (o.id = order_lines.order_id)))));

CREATE POLICY order_lines_clerk_place ON app.order_lines FOR INSERT TO penstock_clerk WITH CHECK ((EXISTS ( SELECT
   FROM app.orders o
  WHERE ((o.id = order_lines.order_id) AND (o.user_id = ( SELECT request.user_id() AS user_id)) AND (o.status = 'placed'::app.order_status) AND (o.source_invoice IS NULL)))));

CREATE POLICY order_lines_clerk_read ON app.order_lines FOR SELECT TO penstock_clerk USING (true);

CREATE POLICY order_lines_clerk_retail ON app.order_lines FOR INSERT TO penstock_clerk WITH CHECK ((EXISTS ( SELECT
   FROM app.orders o
  WHERE ((o.id = order_lines.order_id) AND (o.source_invoice IS NOT NULL)))));

CREATE POLICY order_lines_own ON app.order_lines FOR SELECT TO member USING (( SELECT (o.status IS NOT NULL)
   FROM app.orders o
  WHERE (o.id = order_lines.order_id)));

CREATE POLICY order_lines_owner ON app.order_lines TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY order_lines_staff ON app.order_lines FOR SELECT TO admin, staff USING (true);

ALTER TABLE app.order_transitions ENABLE ROW LEVEL SECURITY;

CREATE POLICY order_transitions_owner ON app.order_transitions TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY order_transitions_read ON app.order_transitions FOR SELECT TO admin, member, penstock_clerk, staff USING (true);

ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY;

CREATE POLICY orders_analysts ON app.orders FOR SELECT TO report_owner USING ((( SELECT (a.countries IS NULL)
   FROM app.analysts a
  WHERE (a.login = SESSION_USER)) OR ((country)::text = ANY ((( SELECT a.countries
   FROM app.analysts a
  WHERE (a.login = SESSION_USER)))::text[]))));

CREATE POLICY orders_clerk_place ON app.orders FOR INSERT TO penstock_clerk WITH CHECK (((user_id = ( SELECT request.user_id() AS user_id)) AND (status = 'placed'::app.order_status) AND (source_invoice IS NULL)));

CREATE POLICY orders_clerk_read ON app.orders FOR SELECT TO penstock_clerk USING (true);

CREATE POLICY orders_clerk_retail ON app.orders FOR INSERT TO penstock_clerk WITH CHECK (((source_invoice IS NOT NULL) AND (status = 'delivered'::app.order_status)));

CREATE POLICY orders_clerk_retail_add ON app.orders FOR UPDATE TO penstock_clerk USING ((source_invoice IS NOT NULL)) WITH CHECK ((source_invoice IS NOT NULL));

CREATE POLICY orders_own ON app.orders FOR SELECT TO member USING ((user_id = ( SELECT request.user_id() AS user_id)));

CREATE POLICY orders_own_change ON app.orders FOR UPDATE TO member USING ((user_id = ( SELECT request.user_id() AS user_id))) WITH CHECK (((user_id = ( SELECT request.user_id() AS user_id)) AND (status = ANY (ARRAY['paid'::app.order_status, 'cancelled'::app.order_status]))));

CREATE POLICY orders_owner ON app.orders TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY orders_staff ON app.orders FOR SELECT TO admin, staff USING (true);

CREATE POLICY orders_staff_change ON app.orders FOR UPDATE TO admin, staff USING (true) WITH CHECK (true);

ALTER TABLE app.posts ENABLE ROW LEVEL SECURITY;

CREATE POLICY posts_admin_delete ON app.posts FOR DELETE TO admin USING (true);

CREATE POLICY posts_admin_read ON app.posts FOR SELECT TO admin USING (true);

CREATE POLICY posts_own ON app.posts TO admin, member, staff USING ((author_id = ( SELECT request.user_id() AS user_id))) WITH CHECK ((author_id = ( SELECT request.user_id() AS user_id)));

CREATE POLICY posts_owner ON app.posts TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY posts_published ON app.posts FOR SELECT TO anon, member, staff USING ((published_at IS NOT NULL));

ALTER TABLE app.products ENABLE ROW LEVEL SECURITY;

CREATE POLICY products_analysts ON app.products FOR SELECT TO report_owner USING ((EXISTS ( SELECT
   FROM app.analysts a
  WHERE (a.login = SESSION_USER))));

CREATE POLICY products_clerk_read ON app.products FOR SELECT TO penstock_clerk USING (true);

CREATE POLICY products_clerk_stock ON app.products FOR UPDATE TO penstock_clerk USING (true) WITH CHECK (true);

CREATE POLICY products_for_sale ON app.products FOR SELECT TO anon, member USING (is_active);

CREATE POLICY products_owner ON app.products TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY products_staff ON app.products TO admin, staff USING (true) WITH CHECK (true);

ALTER TABLE app.sales_blocks ENABLE ROW LEVEL SECURITY;

CREATE POLICY sales_blocks_clerk ON app.sales_blocks TO penstock_clerk USING (true) WITH CHECK (true);

CREATE POLICY sales_blocks_owner ON app.sales_blocks TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY sales_blocks_staff ON app.sales_blocks FOR SELECT TO admin, staff USING (true);

ALTER TABLE app.sales_countries ENABLE ROW LEVEL SECURITY;

CREATE POLICY sales_countries_clerk ON app.sales_countries TO penstock_clerk USING (true) WITH CHECK (true);

CREATE POLICY sales_countries_owner ON app.sales_countries TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY sales_countries_staff ON app.sales_countries FOR SELECT TO admin, staff USING (true);

ALTER TABLE app.sales_customers ENABLE ROW LEVEL SECURITY;

CREATE POLICY sales_customers_clerk ON app.sales_customers TO penstock_clerk USING (true) WITH CHECK (true);

CREATE POLICY sales_customers_owner ON app.sales_customers TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY sales_customers_staff ON app.sales_customers FOR SELECT TO admin, staff USING (true);

ALTER TABLE app.sales_days ENABLE ROW LEVEL SECURITY;

CREATE POLICY sales_days_clerk ON app.sales_days TO penstock_clerk USING (true) WITH CHECK (true);

CREATE POLICY sales_days_owner ON app.sales_days TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY sales_days_staff ON app.sales_days FOR SELECT TO admin, staff USING (true);

ALTER TABLE app.sales_line_changes ENABLE ROW LEVEL SECURITY;

CREATE POLICY sales_line_changes_clerk ON app.sales_line_changes TO penstock_clerk USING (true) WITH CHECK (true);

CREATE POLICY sales_line_changes_owner ON app.sales_line_changes TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE app.sales_moves ENABLE ROW LEVEL SECURITY;

CREATE POLICY sales_moves_clerk ON app.sales_moves TO penstock_clerk USING (true) WITH CHECK (true);

CREATE POLICY sales_moves_owner ON app.sales_moves TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE app.sales_products ENABLE ROW LEVEL SECURITY;

CREATE POLICY sales_products_clerk ON app.sales_products TO penstock_clerk USING (true) WITH CHECK (true);

CREATE POLICY sales_products_owner ON app.sales_products TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY sales_products_staff ON app.sales_products FOR SELECT TO admin, staff USING (true);

ALTER TABLE app.users ENABLE ROW LEVEL SECURITY;

CREATE POLICY users_admin_change ON app.users FOR UPDATE TO admin USING (true) WITH CHECK (true);

CREATE POLICY users_admin_delete ON app.users FOR DELETE TO admin USING (true);

CREATE POLICY users_admin_enter ON app.users FOR INSERT TO admin WITH CHECK (((role = 'member'::app.user_role) AND is_active));

CREATE POLICY users_clerk_read ON app.users FOR SELECT TO penstock_clerk USING (true);

CREATE POLICY users_clerk_retail ON app.users FOR INSERT TO penstock_clerk WITH CHECK ((((username)::text ~ '^retail-[0-9]+$'::text) AND ((email)::text = ((username)::text || '@customers.invalid'::text)) AND (role = 'member'::app.user_role) AND is_active));

CREATE POLICY users_gatekeeper_lock ON app.users FOR UPDATE TO gatekeeper USING (true) WITH CHECK (false);

CREATE POLICY users_gatekeeper_read ON app.users FOR SELECT TO gatekeeper USING (true);

CREATE POLICY users_gatekeeper_register ON app.users FOR INSERT TO gatekeeper WITH CHECK (((role = 'member'::app.user_role) AND is_active));

CREATE POLICY users_owner ON app.users TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY users_self_change ON app.users FOR UPDATE TO member, staff USING ((id = ( SELECT request.user_id() AS user_id))) WITH CHECK ((id = ( SELECT request.user_id() AS user_id)));

CREATE POLICY users_self_read ON app.users FOR SELECT TO member USING ((id = ( SELECT request.user_id() AS user_id)));

CREATE POLICY users_staff_read ON app.users FOR SELECT TO admin, staff USING (true);

ALTER TABLE audit.changes ENABLE ROW LEVEL SECURITY;

CREATE POLICY changes_append ON audit.changes FOR INSERT TO penstock_auditor WITH CHECK (true);

CREATE POLICY changes_owner ON audit.changes TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY changes_prune ON audit.changes FOR DELETE TO penstock_auditor USING (true);

CREATE POLICY changes_read ON audit.changes FOR SELECT TO penstock_auditor USING (true);

ALTER TABLE audit.tables ENABLE ROW LEVEL SECURITY;

CREATE POLICY tables_auditor ON audit.tables FOR SELECT TO penstock_auditor USING (true);

CREATE POLICY tables_owner ON audit.tables TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE auth.api_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY api_keys_gatekeeper ON auth.api_keys TO gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY api_keys_owner ON auth.api_keys TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE auth.credentials ENABLE ROW LEVEL SECURITY;

CREATE POLICY credentials_gatekeeper ON auth.credentials TO gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY credentials_owner ON auth.credentials TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE auth.devices ENABLE ROW LEVEL SECURITY;

CREATE POLICY devices_gatekeeper ON auth.devices TO gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY devices_owner ON auth.devices TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE auth.login_attempts ENABLE ROW LEVEL SECURITY;

CREATE POLICY login_attempts_gatekeeper ON auth.login_attempts TO gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY login_attempts_owner ON auth.login_attempts TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE auth.refresh_tokens ENABLE ROW LEVEL SECURITY;

CREATE POLICY refresh_tokens_gatekeeper ON auth.refresh_tokens TO gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY refresh_tokens_owner ON auth.refresh_tokens TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE auth.sessions ENABLE ROW LEVEL SECURITY;

CREATE POLICY sessions_gatekeeper ON auth.sessions TO gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY sessions_owner ON auth.sessions TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE penstock.deliveries ENABLE ROW LEVEL SECURITY;

CREATE POLICY deliveries_agent ON penstock.deliveries TO penstock_agent USING (true) WITH CHECK (true);

CREATE POLICY deliveries_owner ON penstock.deliveries TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE penstock.events ENABLE ROW LEVEL SECURITY;

CREATE POLICY events_agent ON penstock.events TO penstock_agent USING (true) WITH CHECK (true);

CREATE POLICY events_orders_staff ON penstock.events FOR SELECT TO admin, staff USING (starts_with(topic, 'order.'::text));

CREATE POLICY events_owner ON penstock.events TO penstock_owner USING (true) WITH CHECK (true);

CREATE POLICY events_role ON penstock.events FOR SELECT TO admin, anon, member, staff USING ((role = ( SELECT request.role() AS role)));

CREATE POLICY events_subject ON penstock.events FOR SELECT TO admin, anon, member, staff USING ((subject = ( SELECT (request.claims() ->> 'sub'::text))));

ALTER TABLE penstock.idempotency_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotency_keys_agent ON penstock.idempotency_keys TO penstock_agent USING (true) WITH CHECK (true);

CREATE POLICY idempotency_keys_owner ON penstock.idempotency_keys TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE penstock.incarnation ENABLE ROW LEVEL SECURITY;

CREATE POLICY incarnation_agent ON penstock.incarnation TO penstock_agent USING (true) WITH CHECK (true);

CREATE POLICY incarnation_owner ON penstock.incarnation TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE penstock.jobs ENABLE ROW LEVEL SECURITY;

CREATE POLICY jobs_agent ON penstock.jobs TO penstock_agent USING (true) WITH CHECK (true);

CREATE POLICY jobs_owner ON penstock.jobs TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE penstock.long_calls ENABLE ROW LEVEL SECURITY;

CREATE POLICY long_calls_admin ON penstock.long_calls FOR SELECT TO admin USING (true);

CREATE POLICY long_calls_agent ON penstock.long_calls TO penstock_agent USING (true) WITH CHECK (true);

CREATE POLICY long_calls_own ON penstock.long_calls FOR SELECT TO admin, member, staff USING (((subject = ( SELECT (request.claims() ->> 'sub'::text))) AND (role = ( SELECT request.role() AS role))));

CREATE POLICY long_calls_owner ON penstock.long_calls TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE penstock.rate_limits ENABLE ROW LEVEL SECURITY;

CREATE POLICY rate_limits_agent ON penstock.rate_limits TO penstock_agent USING (true) WITH CHECK (true);

CREATE POLICY rate_limits_owner ON penstock.rate_limits TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE penstock.touches ENABLE ROW LEVEL SECURITY;

CREATE POLICY touches_agent ON penstock.touches TO penstock_agent USING (true) WITH CHECK (true);

CREATE POLICY touches_owner ON penstock.touches TO penstock_owner USING (true) WITH CHECK (true);

ALTER TABLE penstock.webhooks ENABLE ROW LEVEL SECURITY;

CREATE POLICY webhooks_agent ON penstock.webhooks TO penstock_agent USING (true) WITH CHECK (true);

CREATE POLICY webhooks_owner ON penstock.webhooks TO penstock_owner USING (true) WITH CHECK (true);

GRANT USAGE ON SCHEMA api TO anon;
GRANT USAGE ON SCHEMA api TO member;
GRANT USAGE ON SCHEMA api TO staff;
GRANT USAGE ON SCHEMA api TO admin;
GRANT USAGE ON SCHEMA api TO gatekeeper;
GRANT USAGE ON SCHEMA api TO penstock_clerk;

GRANT USAGE ON SCHEMA app TO anon;
GRANT USAGE ON SCHEMA app TO member;
GRANT USAGE ON SCHEMA app TO staff;
GRANT USAGE ON SCHEMA app TO admin;
GRANT USAGE ON SCHEMA app TO gatekeeper;
GRANT USAGE ON SCHEMA app TO penstock_clerk;
GRANT USAGE ON SCHEMA app TO report_owner;
GRANT USAGE ON SCHEMA app TO penstock_agent;

GRANT USAGE ON SCHEMA audit TO penstock_auditor;

GRANT USAGE ON SCHEMA auth TO gatekeeper;

GRANT USAGE ON SCHEMA penstock TO penstock_agent;
GRANT USAGE ON SCHEMA penstock TO anon;
GRANT USAGE ON SCHEMA penstock TO member;
GRANT USAGE ON SCHEMA penstock TO staff;
GRANT USAGE ON SCHEMA penstock TO admin;
GRANT USAGE ON SCHEMA penstock TO gatekeeper;
GRANT USAGE ON SCHEMA penstock TO penstock_clerk;

GRANT USAGE ON SCHEMA report TO reporter;
GRANT ALL ON SCHEMA report TO report_owner;

GRANT USAGE ON SCHEMA request TO anon;
GRANT USAGE ON SCHEMA request TO member;
GRANT USAGE ON SCHEMA request TO staff;
GRANT USAGE ON SCHEMA request TO admin;
GRANT USAGE ON SCHEMA request TO gatekeeper;
GRANT USAGE ON SCHEMA request TO penstock_agent;
GRANT USAGE ON SCHEMA request TO penstock_clerk;
GRANT USAGE ON SCHEMA request TO report_owner;

REVOKE ALL ON FUNCTION api.api_key_issue(name text, role app.user_role, quota integer, expires_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION api.api_key_issue(name text, role app.user_role, quota integer, expires_at timestamp with time zone) TO member;
GRANT ALL ON FUNCTION api.api_key_issue(name text, role app.user_role, quota integer, expires_at timestamp with time zone) TO staff;
GRANT ALL ON FUNCTION api.api_key_issue(name text, role app.user_role, quota integer, expires_at timestamp with time zone) TO admin;

REVOKE ALL ON FUNCTION api.api_key_list() FROM PUBLIC;
GRANT ALL ON FUNCTION api.api_key_list() TO member;
GRANT ALL ON FUNCTION api.api_key_list() TO staff;
GRANT ALL ON FUNCTION api.api_key_list() TO admin;

REVOKE ALL ON FUNCTION api.api_key_revoke(key_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION api.api_key_revoke(key_id uuid) TO member;
GRANT ALL ON FUNCTION api.api_key_revoke(key_id uuid) TO staff;
GRANT ALL ON FUNCTION api.api_key_revoke(key_id uuid) TO admin;

REVOKE ALL ON FUNCTION api.audit_list("limit" api.page_size, cursor jsonb, "table" text, key jsonb, subject text, since timestamp with time zone, until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION api.audit_list("limit" api.page_size, cursor jsonb, "table" text, key jsonb, subject text, since timestamp with time zone, until timestamp with time zone) TO admin;

REVOKE ALL ON FUNCTION api.dashboard_get("from" date, "to" date) FROM PUBLIC;
GRANT ALL ON FUNCTION api.dashboard_get("from" date, "to" date) TO staff;
GRANT ALL ON FUNCTION api.dashboard_get("from" date, "to" date) TO admin;

REVOKE ALL ON FUNCTION api.event_list(after penstock.event_place, "limit" api.page_size) FROM PUBLIC;
GRANT ALL ON FUNCTION api.event_list(after penstock.event_place, "limit" api.page_size) TO member;
GRANT ALL ON FUNCTION api.event_list(after penstock.event_place, "limit" api.page_size) TO staff;
GRANT ALL ON FUNCTION api.event_list(after penstock.event_place, "limit" api.page_size) TO admin;

REVOKE ALL ON FUNCTION api.import_get(import_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.import_get(import_id bigint) TO staff;
GRANT ALL ON FUNCTION api.import_get(import_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.import_list("limit" api.page_size, cursor jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION api.import_list("limit" api.page_size, cursor jsonb) TO staff;
GRANT ALL ON FUNCTION api.import_list("limit" api.page_size, cursor jsonb) TO admin;

REVOKE ALL ON FUNCTION api.import_reject_list(import_id bigint, reason app.reject_reason, "limit" api.page_size, cursor jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION api.import_reject_list(import_id bigint, reason app.reject_reason, "limit" api.page_size, cursor jsonb) TO staff;
GRANT ALL ON FUNCTION api.import_reject_list(import_id bigint, reason app.reject_reason, "limit" api.page_size, cursor jsonb) TO admin;

REVOKE ALL ON FUNCTION api.job_get(job_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION api.job_get(job_id uuid) TO member;
GRANT ALL ON FUNCTION api.job_get(job_id uuid) TO staff;
GRANT ALL ON FUNCTION api.job_get(job_id uuid) TO admin;

REVOKE ALL ON FUNCTION api.me_get() FROM PUBLIC;
GRANT ALL ON FUNCTION api.me_get() TO member;
GRANT ALL ON FUNCTION api.me_get() TO staff;
GRANT ALL ON FUNCTION api.me_get() TO admin;

REVOKE ALL ON FUNCTION api.order_cancel(order_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.order_cancel(order_id bigint) TO member;
GRANT ALL ON FUNCTION api.order_cancel(order_id bigint) TO staff;
GRANT ALL ON FUNCTION api.order_cancel(order_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.order_deliver(order_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.order_deliver(order_id bigint) TO staff;
GRANT ALL ON FUNCTION api.order_deliver(order_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.order_event_list(after penstock.event_place, "limit" api.page_size) FROM PUBLIC;
GRANT ALL ON FUNCTION api.order_event_list(after penstock.event_place, "limit" api.page_size) TO staff;
GRANT ALL ON FUNCTION api.order_event_list(after penstock.event_place, "limit" api.page_size) TO admin;

REVOKE ALL ON FUNCTION api.order_get(order_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.order_get(order_id bigint) TO member;
GRANT ALL ON FUNCTION api.order_get(order_id bigint) TO staff;
GRANT ALL ON FUNCTION api.order_get(order_id bigint) TO admin;
GRANT ALL ON FUNCTION api.order_get(order_id bigint) TO penstock_clerk;

REVOKE ALL ON FUNCTION api.order_list("limit" api.page_size, cursor jsonb, status app.order_status) FROM PUBLIC;
GRANT ALL ON FUNCTION api.order_list("limit" api.page_size, cursor jsonb, status app.order_status) TO member;
GRANT ALL ON FUNCTION api.order_list("limit" api.page_size, cursor jsonb, status app.order_status) TO staff;
GRANT ALL ON FUNCTION api.order_list("limit" api.page_size, cursor jsonb, status app.order_status) TO admin;

REVOKE ALL ON FUNCTION api.order_pay(order_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.order_pay(order_id bigint) TO member;
GRANT ALL ON FUNCTION api.order_pay(order_id bigint) TO staff;
GRANT ALL ON FUNCTION api.order_pay(order_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.order_place(lines api.order_line_input[], country app.country) FROM PUBLIC;
GRANT ALL ON FUNCTION api.order_place(lines api.order_line_input[], country app.country) TO member;
GRANT ALL ON FUNCTION api.order_place(lines api.order_line_input[], country app.country) TO staff;
GRANT ALL ON FUNCTION api.order_place(lines api.order_line_input[], country app.country) TO admin;

REVOKE ALL ON FUNCTION api.order_ship(order_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.order_ship(order_id bigint) TO staff;
GRANT ALL ON FUNCTION api.order_ship(order_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.orders_place() FROM PUBLIC;
GRANT ALL ON FUNCTION api.orders_place() TO member;
GRANT ALL ON FUNCTION api.orders_place() TO staff;
GRANT ALL ON FUNCTION api.orders_place() TO admin;

REVOKE ALL ON FUNCTION api.post_delete(post_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.post_delete(post_id bigint) TO member;
GRANT ALL ON FUNCTION api.post_delete(post_id bigint) TO staff;
GRANT ALL ON FUNCTION api.post_delete(post_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.post_edit(post_id bigint, title app.title, body app.body) FROM PUBLIC;
GRANT ALL ON FUNCTION api.post_edit(post_id bigint, title app.title, body app.body) TO member;
GRANT ALL ON FUNCTION api.post_edit(post_id bigint, title app.title, body app.body) TO staff;
GRANT ALL ON FUNCTION api.post_edit(post_id bigint, title app.title, body app.body) TO admin;

REVOKE ALL ON FUNCTION api.post_get(post_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.post_get(post_id bigint) TO anon;
GRANT ALL ON FUNCTION api.post_get(post_id bigint) TO member;
GRANT ALL ON FUNCTION api.post_get(post_id bigint) TO staff;
GRANT ALL ON FUNCTION api.post_get(post_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.post_list("limit" api.page_size, cursor jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION api.post_list("limit" api.page_size, cursor jsonb) TO anon;
GRANT ALL ON FUNCTION api.post_list("limit" api.page_size, cursor jsonb) TO member;
GRANT ALL ON FUNCTION api.post_list("limit" api.page_size, cursor jsonb) TO staff;
GRANT ALL ON FUNCTION api.post_list("limit" api.page_size, cursor jsonb) TO admin;

REVOKE ALL ON FUNCTION api.post_publish(post_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.post_publish(post_id bigint) TO member;
GRANT ALL ON FUNCTION api.post_publish(post_id bigint) TO staff;
GRANT ALL ON FUNCTION api.post_publish(post_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.post_write(title app.title, body app.body) FROM PUBLIC;
GRANT ALL ON FUNCTION api.post_write(title app.title, body app.body) TO member;
GRANT ALL ON FUNCTION api.post_write(title app.title, body app.body) TO staff;
GRANT ALL ON FUNCTION api.post_write(title app.title, body app.body) TO admin;

REVOKE ALL ON FUNCTION api.product_create(sku app.sku, name app.product_name, price app.money, description app.description, stock app.stock, is_active boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION api.product_create(sku app.sku, name app.product_name, price app.money, description app.description, stock app.stock, is_active boolean) TO staff;
GRANT ALL ON FUNCTION api.product_create(sku app.sku, name app.product_name, price app.money, description app.description, stock app.stock, is_active boolean) TO admin;

REVOKE ALL ON FUNCTION api.product_delete(product_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.product_delete(product_id bigint) TO staff;
GRANT ALL ON FUNCTION api.product_delete(product_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.product_get(product_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.product_get(product_id bigint) TO anon;
GRANT ALL ON FUNCTION api.product_get(product_id bigint) TO member;
GRANT ALL ON FUNCTION api.product_get(product_id bigint) TO staff;
GRANT ALL ON FUNCTION api.product_get(product_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.product_list("limit" api.page_size, cursor jsonb, sort api.product_sort, search app.search_text, price_from app.money, price_to app.money, is_active boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION api.product_list("limit" api.page_size, cursor jsonb, sort api.product_sort, search app.search_text, price_from app.money, price_to app.money, is_active boolean) TO anon;
GRANT ALL ON FUNCTION api.product_list("limit" api.page_size, cursor jsonb, sort api.product_sort, search app.search_text, price_from app.money, price_to app.money, is_active boolean) TO member;
GRANT ALL ON FUNCTION api.product_list("limit" api.page_size, cursor jsonb, sort api.product_sort, search app.search_text, price_from app.money, price_to app.money, is_active boolean) TO staff;
GRANT ALL ON FUNCTION api.product_list("limit" api.page_size, cursor jsonb, sort api.product_sort, search app.search_text, price_from app.money, price_to app.money, is_active boolean) TO admin;

REVOKE ALL ON FUNCTION api.product_update(product_id bigint, version integer, sku app.sku, name app.product_name, description app.description, price app.money, stock app.stock, is_active boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION api.product_update(product_id bigint, version integer, sku app.sku, name app.product_name, description app.description, price app.money, stock app.stock, is_active boolean) TO staff;
GRANT ALL ON FUNCTION api.product_update(product_id bigint, version integer, sku app.sku, name app.product_name, description app.description, price app.money, stock app.stock, is_active boolean) TO admin;

REVOKE ALL ON FUNCTION api.products_create() FROM PUBLIC;
GRANT ALL ON FUNCTION api.products_create() TO staff;
GRANT ALL ON FUNCTION api.products_create() TO admin;

REVOKE ALL ON FUNCTION api.products_delete() FROM PUBLIC;
GRANT ALL ON FUNCTION api.products_delete() TO staff;
GRANT ALL ON FUNCTION api.products_delete() TO admin;

REVOKE ALL ON FUNCTION api.products_replace() FROM PUBLIC;
GRANT ALL ON FUNCTION api.products_replace() TO staff;
GRANT ALL ON FUNCTION api.products_replace() TO admin;

REVOKE ALL ON FUNCTION api.products_update() FROM PUBLIC;
GRANT ALL ON FUNCTION api.products_update() TO staff;
GRANT ALL ON FUNCTION api.products_update() TO admin;

REVOKE ALL ON FUNCTION api.retail_export() FROM PUBLIC;
GRANT ALL ON FUNCTION api.retail_export() TO staff;
GRANT ALL ON FUNCTION api.retail_export() TO admin;

REVOKE ALL ON FUNCTION api.retail_import() FROM PUBLIC;
GRANT ALL ON FUNCTION api.retail_import() TO staff;
GRANT ALL ON FUNCTION api.retail_import() TO admin;

REVOKE ALL ON FUNCTION api.session_end(session_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION api.session_end(session_id uuid) TO member;
GRANT ALL ON FUNCTION api.session_end(session_id uuid) TO staff;
GRANT ALL ON FUNCTION api.session_end(session_id uuid) TO admin;

REVOKE ALL ON FUNCTION api.session_end_all() FROM PUBLIC;
GRANT ALL ON FUNCTION api.session_end_all() TO member;
GRANT ALL ON FUNCTION api.session_end_all() TO staff;
GRANT ALL ON FUNCTION api.session_end_all() TO admin;

REVOKE ALL ON FUNCTION api.session_list() FROM PUBLIC;
GRANT ALL ON FUNCTION api.session_list() TO member;
GRANT ALL ON FUNCTION api.session_list() TO staff;
GRANT ALL ON FUNCTION api.session_list() TO admin;

REVOKE ALL ON FUNCTION api.user_activate(user_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.user_activate(user_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.user_deactivate(user_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.user_deactivate(user_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.user_delete(user_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.user_delete(user_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.user_get(user_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.user_get(user_id bigint) TO member;
GRANT ALL ON FUNCTION api.user_get(user_id bigint) TO staff;
GRANT ALL ON FUNCTION api.user_get(user_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.user_list("limit" api.page_size, cursor jsonb, is_active boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION api.user_list("limit" api.page_size, cursor jsonb, is_active boolean) TO staff;
GRANT ALL ON FUNCTION api.user_list("limit" api.page_size, cursor jsonb, is_active boolean) TO admin;

REVOKE ALL ON FUNCTION api.user_list_with_posts("limit" api.page_size, cursor jsonb, latest api.page_size) FROM PUBLIC;
GRANT ALL ON FUNCTION api.user_list_with_posts("limit" api.page_size, cursor jsonb, latest api.page_size) TO anon;
GRANT ALL ON FUNCTION api.user_list_with_posts("limit" api.page_size, cursor jsonb, latest api.page_size) TO member;
GRANT ALL ON FUNCTION api.user_list_with_posts("limit" api.page_size, cursor jsonb, latest api.page_size) TO staff;
GRANT ALL ON FUNCTION api.user_list_with_posts("limit" api.page_size, cursor jsonb, latest api.page_size) TO admin;

REVOKE ALL ON FUNCTION api.user_posts(user_id bigint, "limit" api.page_size, cursor jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION api.user_posts(user_id bigint, "limit" api.page_size, cursor jsonb) TO anon;
GRANT ALL ON FUNCTION api.user_posts(user_id bigint, "limit" api.page_size, cursor jsonb) TO member;
GRANT ALL ON FUNCTION api.user_posts(user_id bigint, "limit" api.page_size, cursor jsonb) TO staff;
GRANT ALL ON FUNCTION api.user_posts(user_id bigint, "limit" api.page_size, cursor jsonb) TO admin;

REVOKE ALL ON FUNCTION api.user_register(email app.email, username app.username, password api.password, full_name app.full_name) FROM PUBLIC;
GRANT ALL ON FUNCTION api.user_register(email app.email, username app.username, password api.password, full_name app.full_name) TO anon;
GRANT ALL ON FUNCTION api.user_register(email app.email, username app.username, password api.password, full_name app.full_name) TO member;
GRANT ALL ON FUNCTION api.user_register(email app.email, username app.username, password api.password, full_name app.full_name) TO staff;
GRANT ALL ON FUNCTION api.user_register(email app.email, username app.username, password api.password, full_name app.full_name) TO admin;

REVOKE ALL ON FUNCTION api.user_unlock(user_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.user_unlock(user_id bigint) TO admin;

REVOKE ALL ON FUNCTION api.user_update(user_id bigint, email app.email, username app.username, full_name app.full_name, role app.user_role) FROM PUBLIC;
GRANT ALL ON FUNCTION api.user_update(user_id bigint, email app.email, username app.username, full_name app.full_name, role app.user_role) TO member;
GRANT ALL ON FUNCTION api.user_update(user_id bigint, email app.email, username app.username, full_name app.full_name, role app.user_role) TO staff;
GRANT ALL ON FUNCTION api.user_update(user_id bigint, email app.email, username app.username, full_name app.full_name, role app.user_role) TO admin;

REVOKE ALL ON FUNCTION api.users_create() FROM PUBLIC;
GRANT ALL ON FUNCTION api.users_create() TO admin;

REVOKE ALL ON FUNCTION api.users_delete() FROM PUBLIC;
GRANT ALL ON FUNCTION api.users_delete() TO admin;

REVOKE ALL ON FUNCTION api.users_update() FROM PUBLIC;
GRANT ALL ON FUNCTION api.users_update() TO admin;

REVOKE ALL ON FUNCTION app.cart_merge(lines api.order_line_input[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.cart_merge(lines api.order_line_input[]) TO penstock_clerk;

REVOKE ALL ON FUNCTION app.change_ratio(before numeric, after numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION app.change_ratio(before numeric, after numeric) TO staff;
GRANT ALL ON FUNCTION app.change_ratio(before numeric, after numeric) TO admin;

REVOKE ALL ON FUNCTION app.customer_find(numbers integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.customer_find(numbers integer[]) TO staff;
GRANT ALL ON FUNCTION app.customer_find(numbers integer[]) TO admin;

REVOKE ALL ON FUNCTION app.dashboard_period("from" date, "to" date, OUT first_day date, OUT last_day date, OUT before timestamp with time zone, OUT begins timestamp with time zone, OUT ends timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.dashboard_period("from" date, "to" date, OUT first_day date, OUT last_day date, OUT before timestamp with time zone, OUT begins timestamp with time zone, OUT ends timestamp with time zone) TO staff;
GRANT ALL ON FUNCTION app.dashboard_period("from" date, "to" date, OUT first_day date, OUT last_day date, OUT before timestamp with time zone, OUT begins timestamp with time zone, OUT ends timestamp with time zone) TO admin;

REVOKE ALL ON FUNCTION app.field_read(raw text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.field_read(raw text) TO staff;
GRANT ALL ON FUNCTION app.field_read(raw text) TO admin;

REVOKE ALL ON FUNCTION app.integer_read(raw text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.integer_read(raw text) TO staff;
GRANT ALL ON FUNCTION app.integer_read(raw text) TO admin;

REVOKE ALL ON FUNCTION app.order_lines_note_sales() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.order_lines_truncate_sales() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.orders_emit() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.orders_note_sales() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.orders_return_stock() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.orders_status_moves_forward() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.price_read(raw text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.price_read(raw text) TO staff;
GRANT ALL ON FUNCTION app.price_read(raw text) TO admin;

REVOKE ALL ON FUNCTION app.product_search(search text, price_from numeric, price_to numeric, is_active boolean, of_staff boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION app.product_search(search text, price_from numeric, price_to numeric, is_active boolean, of_staff boolean) TO penstock_clerk;

REVOKE ALL ON FUNCTION app.retail_load(OUT loaded integer, OUT revenue numeric, OUT new_customers integer, OUT new_orders integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.retail_load(OUT loaded integer, OUT revenue numeric, OUT new_customers integer, OUT new_orders integer) TO staff;
GRANT ALL ON FUNCTION app.retail_load(OUT loaded integer, OUT revenue numeric, OUT new_customers integer, OUT new_orders integer) TO admin;

REVOKE ALL ON FUNCTION app.retail_reason(problem text, invoice_no text, stock_code text, quantity text, invoice_date text, unit_price text, customer_id text, country text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.retail_reason(problem text, invoice_no text, stock_code text, quantity text, invoice_date text, unit_price text, customer_id text, country text) TO staff;
GRANT ALL ON FUNCTION app.retail_reason(problem text, invoice_no text, stock_code text, quantity text, invoice_date text, unit_price text, customer_id text, country text) TO admin;

REVOKE ALL ON FUNCTION app.retail_stage() FROM PUBLIC;
GRANT ALL ON FUNCTION app.retail_stage() TO staff;
GRANT ALL ON FUNCTION app.retail_stage() TO admin;

REVOKE ALL ON FUNCTION app.row_count_version() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.row_touch() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.sales_block(day date) FROM PUBLIC;
GRANT ALL ON FUNCTION app.sales_block(day date) TO staff;
GRANT ALL ON FUNCTION app.sales_block(day date) TO admin;
GRANT ALL ON FUNCTION app.sales_block(day date) TO penstock_clerk;

REVOKE ALL ON FUNCTION app.sales_day(status app.order_status, placed_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app.sales_day(status app.order_status, placed_at timestamp with time zone) TO staff;
GRANT ALL ON FUNCTION app.sales_day(status app.order_status, placed_at timestamp with time zone) TO admin;
GRANT ALL ON FUNCTION app.sales_day(status app.order_status, placed_at timestamp with time zone) TO penstock_clerk;

REVOKE ALL ON FUNCTION app.sales_fold() FROM PUBLIC;
GRANT ALL ON FUNCTION app.sales_fold() TO penstock_agent;

REVOKE ALL ON FUNCTION app.sales_fold_at_commit() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.sales_rebuild() FROM PUBLIC;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.sales_products TO penstock_clerk;
GRANT SELECT ON TABLE app.sales_products TO staff;
GRANT SELECT ON TABLE app.sales_products TO admin;

REVOKE ALL ON FUNCTION app.sales_top(first_day date, last_day date, pending app.sales_products[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.sales_top(first_day date, last_day date, pending app.sales_products[]) TO staff;
GRANT ALL ON FUNCTION app.sales_top(first_day date, last_day date, pending app.sales_products[]) TO admin;

REVOKE ALL ON FUNCTION app.search_query(search text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.search_query(search text) TO penstock_clerk;

REVOKE ALL ON FUNCTION app.stock_check(cart app.cart_line[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.stock_check(cart app.cart_line[]) TO penstock_clerk;

REVOKE ALL ON FUNCTION app.stock_take(cart app.cart_line[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.stock_take(cart app.cart_line[]) TO penstock_clerk;

REVOKE ALL ON FUNCTION app.timestamp_read(raw text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.timestamp_read(raw text) TO staff;
GRANT ALL ON FUNCTION app.timestamp_read(raw text) TO admin;

REVOKE ALL ON FUNCTION app.users_admin_not_self() FROM PUBLIC;

REVOKE ALL ON FUNCTION app.welcome_mail(email app.email, username app.username) FROM PUBLIC;
GRANT ALL ON FUNCTION app.welcome_mail(email app.email, username app.username) TO gatekeeper;

REVOKE ALL ON FUNCTION audit.caller() FROM PUBLIC;
GRANT ALL ON FUNCTION audit.caller() TO penstock_auditor;

REVOKE ALL ON FUNCTION audit.changes_prune(before timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.changes_stay() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_app_analysts() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_app_import_rejects() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_app_imports() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_app_order_lines() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_app_order_transitions() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_app_orders() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_app_posts() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_app_products() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_app_users() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_auth_api_keys() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_auth_credentials() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_auth_devices() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_auth_refresh_tokens() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_auth_sessions() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_penstock_jobs() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_penstock_webhooks() FROM PUBLIC;

REVOKE ALL ON PROCEDURE audit.rows_forget(IN "table" regclass) FROM PUBLIC;

REVOKE ALL ON PROCEDURE audit.rows_record(IN "table" regclass, IN ignored text[], IN secret text[]) FROM PUBLIC;

REVOKE ALL ON PROCEDURE audit.rows_skip(IN "table" regclass, IN reason text) FROM PUBLIC;

REVOKE ALL ON FUNCTION auth.api_key_find(key_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.api_key_find(key_hash bytea) TO gatekeeper;

REVOKE ALL ON FUNCTION auth.attempt_return(user_id bigint, attempt timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.attempt_return(user_id bigint, attempt timestamp with time zone) TO gatekeeper;

REVOKE ALL ON FUNCTION auth.attempt_take(account bytea, device bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.attempt_take(account bytea, device bytea) TO gatekeeper;

REVOKE ALL ON FUNCTION auth.caller_is(user_id bigint, session_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.caller_is(user_id bigint, session_id uuid) TO gatekeeper;

REVOKE ALL ON FUNCTION auth.login_begin(email text, device bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.login_begin(email text, device bytea) TO gatekeeper;

REVOKE ALL ON FUNCTION auth.password_begin(user_id bigint, session_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.password_begin(user_id bigint, session_id uuid) TO gatekeeper;

REVOKE ALL ON FUNCTION auth.password_change(user_id bigint, session_id uuid, password_hash api.password, attempt timestamp with time zone, device_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.password_change(user_id bigint, session_id uuid, password_hash api.password, attempt timestamp with time zone, device_hash bytea) TO gatekeeper;

REVOKE ALL ON FUNCTION auth.password_rehash(user_id bigint, password_hash api.password) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.password_rehash(user_id bigint, password_hash api.password) TO gatekeeper;

REVOKE ALL ON FUNCTION auth.session_end(session_id uuid, refresh_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.session_end(session_id uuid, refresh_hash bytea) TO gatekeeper;

REVOKE ALL ON FUNCTION auth.session_find(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.session_find(id uuid) TO gatekeeper;

REVOKE ALL ON FUNCTION auth.session_prune(before timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.session_prune(before timestamp with time zone) TO gatekeeper;

REVOKE ALL ON FUNCTION auth.session_refresh(refresh_hash bytea, next_hash bytea, came timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.session_refresh(refresh_hash bytea, next_hash bytea, came timestamp with time zone) TO gatekeeper;

REVOKE ALL ON FUNCTION auth.session_start(user_id bigint, refresh_hash bytea, device_hash bytea, agent text, attempt timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.session_start(user_id bigint, refresh_hash bytea, device_hash bytea, agent text, attempt timestamp with time zone) TO gatekeeper;

REVOKE ALL ON FUNCTION auth.users_end_sessions() FROM PUBLIC;

REVOKE ALL ON FUNCTION penstock.deliveries_done(event_ids bigint[], sinks text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.deliveries_done(event_ids bigint[], sinks text[]) TO penstock_agent;

REVOKE ALL ON FUNCTION penstock.deliveries_take("limit" integer, lease interval, skipped text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.deliveries_take("limit" integer, lease interval, skipped text[]) TO penstock_agent;

REVOKE ALL ON FUNCTION penstock.delivery_fail(event_id bigint, sink text, attempt integer, error text, pause interval) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.delivery_fail(event_id bigint, sink text, attempt integer, error text, pause interval) TO penstock_agent;

REVOKE ALL ON FUNCTION penstock.delivery_retry(sink text, event_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.delivery_retry(sink text, event_id bigint) TO penstock_agent;

REVOKE ALL ON FUNCTION penstock.dynamic_sql_faults(function oid) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.dynamic_sql_faults(function oid) TO penstock_agent;

REVOKE ALL ON FUNCTION penstock.dynamic_sql_quoted(expression text, harmless text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.dynamic_sql_quoted(expression text, harmless text[]) TO penstock_agent;

REVOKE ALL ON FUNCTION penstock.emit(topic text, payload jsonb, key text, subject text, role name) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.emit(topic text, payload jsonb, key text, subject text, role name) TO anon;
GRANT ALL ON FUNCTION penstock.emit(topic text, payload jsonb, key text, subject text, role name) TO member;
GRANT ALL ON FUNCTION penstock.emit(topic text, payload jsonb, key text, subject text, role name) TO staff;
GRANT ALL ON FUNCTION penstock.emit(topic text, payload jsonb, key text, subject text, role name) TO admin;
GRANT ALL ON FUNCTION penstock.emit(topic text, payload jsonb, key text, subject text, role name) TO gatekeeper;
GRANT ALL ON FUNCTION penstock.emit(topic text, payload jsonb, key text, subject text, role name) TO penstock_clerk;
GRANT ALL ON FUNCTION penstock.emit(topic text, payload jsonb, key text, subject text, role name) TO penstock_owner;

REVOKE ALL ON FUNCTION penstock.events_after(after penstock.event_place, "limit" integer, topics text) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.events_after(after penstock.event_place, "limit" integer, topics text) TO anon;
GRANT ALL ON FUNCTION penstock.events_after(after penstock.event_place, "limit" integer, topics text) TO member;
GRANT ALL ON FUNCTION penstock.events_after(after penstock.event_place, "limit" integer, topics text) TO staff;
GRANT ALL ON FUNCTION penstock.events_after(after penstock.event_place, "limit" integer, topics text) TO admin;

REVOKE ALL ON FUNCTION penstock.events_prune(before timestamp with time zone, dead_before timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.events_prune(before timestamp with time zone, dead_before timestamp with time zone) TO penstock_agent;

REVOKE ALL ON FUNCTION penstock.idempotency_begin(route text, key text, wait_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.idempotency_begin(route text, key text, wait_ms integer) TO anon;
GRANT ALL ON FUNCTION penstock.idempotency_begin(route text, key text, wait_ms integer) TO member;
GRANT ALL ON FUNCTION penstock.idempotency_begin(route text, key text, wait_ms integer) TO staff;
GRANT ALL ON FUNCTION penstock.idempotency_begin(route text, key text, wait_ms integer) TO admin;

REVOKE ALL ON FUNCTION penstock.idempotency_find(route text, key text) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.idempotency_find(route text, key text) TO anon;
GRANT ALL ON FUNCTION penstock.idempotency_find(route text, key text) TO member;
GRANT ALL ON FUNCTION penstock.idempotency_find(route text, key text) TO staff;
GRANT ALL ON FUNCTION penstock.idempotency_find(route text, key text) TO admin;

REVOKE ALL ON FUNCTION penstock.idempotency_id(route text, key text) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.idempotency_id(route text, key text) TO penstock_agent;

REVOKE ALL ON FUNCTION penstock.idempotency_keep(route text, key text, request uuid, status integer, body text) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.idempotency_keep(route text, key text, request uuid, status integer, body text) TO anon;
GRANT ALL ON FUNCTION penstock.idempotency_keep(route text, key text, request uuid, status integer, body text) TO member;
GRANT ALL ON FUNCTION penstock.idempotency_keep(route text, key text, request uuid, status integer, body text) TO staff;
GRANT ALL ON FUNCTION penstock.idempotency_keep(route text, key text, request uuid, status integer, body text) TO admin;

REVOKE ALL ON FUNCTION penstock.idempotency_prune() FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.idempotency_prune() TO penstock_agent;

REVOKE ALL ON PROCEDURE penstock.job_forget(IN name text) FROM PUBLIC;

REVOKE ALL ON PROCEDURE penstock.job_schedule(IN name text, IN statement text, IN every interval, IN role name, IN timeout interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION penstock.long_call_advance(call_id uuid, done bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.long_call_advance(call_id uuid, done bigint) TO member;
GRANT ALL ON FUNCTION penstock.long_call_advance(call_id uuid, done bigint) TO staff;
GRANT ALL ON FUNCTION penstock.long_call_advance(call_id uuid, done bigint) TO admin;

REVOKE ALL ON FUNCTION penstock.long_call_begin(call_id uuid, request text, lines bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.long_call_begin(call_id uuid, request text, lines bigint) TO member;
GRANT ALL ON FUNCTION penstock.long_call_begin(call_id uuid, request text, lines bigint) TO staff;
GRANT ALL ON FUNCTION penstock.long_call_begin(call_id uuid, request text, lines bigint) TO admin;

REVOKE ALL ON FUNCTION penstock.long_call_end(call_id uuid, status integer, body json) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.long_call_end(call_id uuid, status integer, body json) TO member;
GRANT ALL ON FUNCTION penstock.long_call_end(call_id uuid, status integer, body json) TO staff;
GRANT ALL ON FUNCTION penstock.long_call_end(call_id uuid, status integer, body json) TO admin;

REVOKE ALL ON FUNCTION penstock.long_call_fail(call_id uuid, status integer, body json) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.long_call_fail(call_id uuid, status integer, body json) TO member;
GRANT ALL ON FUNCTION penstock.long_call_fail(call_id uuid, status integer, body json) TO staff;
GRANT ALL ON FUNCTION penstock.long_call_fail(call_id uuid, status integer, body json) TO admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE penstock.long_calls TO penstock_agent;
GRANT SELECT ON TABLE penstock.long_calls TO member;
GRANT SELECT ON TABLE penstock.long_calls TO staff;
GRANT SELECT ON TABLE penstock.long_calls TO admin;

REVOKE ALL ON FUNCTION penstock.long_call_find(call_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.long_call_find(call_id uuid) TO member;
GRANT ALL ON FUNCTION penstock.long_call_find(call_id uuid) TO staff;
GRANT ALL ON FUNCTION penstock.long_call_find(call_id uuid) TO admin;

REVOKE ALL ON FUNCTION penstock.long_calls_prune() FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.long_calls_prune() TO penstock_agent;

REVOKE ALL ON FUNCTION penstock.rate_prune() FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.rate_prune() TO penstock_agent;

REVOKE ALL ON FUNCTION penstock.rate_take(keys uuid[], quotas integer[], seconds integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.rate_take(keys uuid[], quotas integer[], seconds integer[]) TO penstock_agent;

REVOKE ALL ON PROCEDURE penstock.rows_tag(IN "table" regclass, VARIADIC tags text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION penstock.settle() FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.settle() TO anon;
GRANT ALL ON FUNCTION penstock.settle() TO member;
GRANT ALL ON FUNCTION penstock.settle() TO staff;
GRANT ALL ON FUNCTION penstock.settle() TO admin;

REVOKE ALL ON FUNCTION penstock.source_skeleton(source text) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.source_skeleton(source text) TO penstock_agent;

REVOKE ALL ON FUNCTION penstock.touch(VARIADIC tags text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.touch(VARIADIC tags text[]) TO anon;
GRANT ALL ON FUNCTION penstock.touch(VARIADIC tags text[]) TO member;
GRANT ALL ON FUNCTION penstock.touch(VARIADIC tags text[]) TO staff;
GRANT ALL ON FUNCTION penstock.touch(VARIADIC tags text[]) TO admin;
GRANT ALL ON FUNCTION penstock.touch(VARIADIC tags text[]) TO gatekeeper;
GRANT ALL ON FUNCTION penstock.touch(VARIADIC tags text[]) TO penstock_clerk;
GRANT ALL ON FUNCTION penstock.touch(VARIADIC tags text[]) TO penstock_owner;

REVOKE ALL ON FUNCTION penstock.touch_app_order_lines() FROM PUBLIC;

REVOKE ALL ON FUNCTION penstock.touch_app_orders() FROM PUBLIC;

REVOKE ALL ON FUNCTION penstock.touch_app_products() FROM PUBLIC;

REVOKE ALL ON FUNCTION penstock.touch_auth_api_keys() FROM PUBLIC;

REVOKE ALL ON FUNCTION penstock.touch_auth_sessions() FROM PUBLIC;

REVOKE ALL ON FUNCTION penstock.webhook_end(sink text, because text) FROM PUBLIC;
GRANT ALL ON FUNCTION penstock.webhook_end(sink text, because text) TO penstock_agent;

REVOKE ALL ON FUNCTION request.claims() FROM PUBLIC;
GRANT ALL ON FUNCTION request.claims() TO anon;
GRANT ALL ON FUNCTION request.claims() TO member;
GRANT ALL ON FUNCTION request.claims() TO staff;
GRANT ALL ON FUNCTION request.claims() TO admin;
GRANT ALL ON FUNCTION request.claims() TO gatekeeper;
GRANT ALL ON FUNCTION request.claims() TO penstock_agent;
GRANT ALL ON FUNCTION request.claims() TO penstock_clerk;
GRANT ALL ON FUNCTION request.claims() TO report_owner;

REVOKE ALL ON FUNCTION request.role() FROM PUBLIC;
GRANT ALL ON FUNCTION request.role() TO anon;
GRANT ALL ON FUNCTION request.role() TO member;
GRANT ALL ON FUNCTION request.role() TO staff;
GRANT ALL ON FUNCTION request.role() TO admin;
GRANT ALL ON FUNCTION request.role() TO gatekeeper;
GRANT ALL ON FUNCTION request.role() TO penstock_agent;
GRANT ALL ON FUNCTION request.role() TO penstock_clerk;
GRANT ALL ON FUNCTION request.role() TO report_owner;

REVOKE ALL ON FUNCTION request.user_id() FROM PUBLIC;
GRANT ALL ON FUNCTION request.user_id() TO anon;
GRANT ALL ON FUNCTION request.user_id() TO member;
GRANT ALL ON FUNCTION request.user_id() TO staff;
GRANT ALL ON FUNCTION request.user_id() TO admin;
GRANT ALL ON FUNCTION request.user_id() TO gatekeeper;
GRANT ALL ON FUNCTION request.user_id() TO penstock_agent;
GRANT ALL ON FUNCTION request.user_id() TO penstock_clerk;
GRANT ALL ON FUNCTION request.user_id() TO report_owner;

GRANT SELECT ON TABLE app.analysts TO report_owner;

GRANT SELECT ON TABLE app.users TO member;
GRANT SELECT ON TABLE app.users TO staff;
GRANT SELECT,DELETE ON TABLE app.users TO admin;
GRANT SELECT ON TABLE app.users TO gatekeeper;

GRANT UPDATE(id) ON TABLE app.users TO gatekeeper;
GRANT SELECT(id) ON TABLE app.users TO penstock_clerk;

GRANT UPDATE(email) ON TABLE app.users TO member;
GRANT UPDATE(email) ON TABLE app.users TO staff;
GRANT INSERT(email),UPDATE(email) ON TABLE app.users TO admin;
GRANT INSERT(email) ON TABLE app.users TO gatekeeper;
GRANT INSERT(email) ON TABLE app.users TO penstock_clerk;

GRANT UPDATE(username) ON TABLE app.users TO member;
GRANT UPDATE(username) ON TABLE app.users TO staff;
GRANT INSERT(username),UPDATE(username) ON TABLE app.users TO admin;
GRANT INSERT(username) ON TABLE app.users TO gatekeeper;
GRANT SELECT(username),INSERT(username) ON TABLE app.users TO penstock_clerk;

GRANT UPDATE(full_name) ON TABLE app.users TO member;
GRANT UPDATE(full_name) ON TABLE app.users TO staff;
GRANT INSERT(full_name),UPDATE(full_name) ON TABLE app.users TO admin;
GRANT INSERT(full_name) ON TABLE app.users TO gatekeeper;

GRANT UPDATE(role) ON TABLE app.users TO admin;

GRANT UPDATE(is_active) ON TABLE app.users TO admin;
GRANT SELECT(is_active) ON TABLE app.users TO penstock_clerk;

GRANT SELECT ON TABLE app.authors TO anon;
GRANT SELECT ON TABLE app.authors TO member;
GRANT SELECT ON TABLE app.authors TO staff;
GRANT SELECT ON TABLE app.authors TO admin;

GRANT SELECT,INSERT ON TABLE app.import_rejects TO staff;
GRANT SELECT,INSERT ON TABLE app.import_rejects TO admin;

GRANT SELECT ON TABLE app.imports TO staff;
GRANT SELECT ON TABLE app.imports TO admin;

GRANT INSERT(made_by) ON TABLE app.imports TO staff;
GRANT INSERT(made_by) ON TABLE app.imports TO admin;

GRANT INSERT(lines) ON TABLE app.imports TO staff;
GRANT INSERT(lines) ON TABLE app.imports TO admin;

GRANT INSERT(loaded) ON TABLE app.imports TO staff;
GRANT INSERT(loaded) ON TABLE app.imports TO admin;

GRANT INSERT(unchanged) ON TABLE app.imports TO staff;
GRANT INSERT(unchanged) ON TABLE app.imports TO admin;

GRANT INSERT(rejected) ON TABLE app.imports TO staff;
GRANT INSERT(rejected) ON TABLE app.imports TO admin;

GRANT INSERT(revenue) ON TABLE app.imports TO staff;
GRANT INSERT(revenue) ON TABLE app.imports TO admin;

GRANT INSERT(new_customers) ON TABLE app.imports TO staff;
GRANT INSERT(new_customers) ON TABLE app.imports TO admin;

GRANT INSERT(new_products) ON TABLE app.imports TO staff;
GRANT INSERT(new_products) ON TABLE app.imports TO admin;

GRANT INSERT(new_orders) ON TABLE app.imports TO staff;
GRANT INSERT(new_orders) ON TABLE app.imports TO admin;

GRANT SELECT ON TABLE app.order_lines TO member;
GRANT SELECT ON TABLE app.order_lines TO staff;
GRANT SELECT ON TABLE app.order_lines TO admin;
GRANT SELECT,INSERT ON TABLE app.order_lines TO penstock_clerk;
GRANT SELECT ON TABLE app.order_lines TO report_owner;

GRANT SELECT ON TABLE app.order_transitions TO member;
GRANT SELECT ON TABLE app.order_transitions TO staff;
GRANT SELECT ON TABLE app.order_transitions TO admin;
GRANT SELECT ON TABLE app.order_transitions TO penstock_clerk;

GRANT SELECT ON TABLE app.orders TO member;
GRANT SELECT ON TABLE app.orders TO staff;
GRANT SELECT ON TABLE app.orders TO admin;
GRANT SELECT ON TABLE app.orders TO penstock_clerk;

GRANT SELECT(id) ON TABLE app.orders TO report_owner;

GRANT INSERT(user_id) ON TABLE app.orders TO penstock_clerk;
GRANT SELECT(user_id) ON TABLE app.orders TO report_owner;

GRANT UPDATE(status) ON TABLE app.orders TO member;
GRANT UPDATE(status) ON TABLE app.orders TO staff;
GRANT UPDATE(status) ON TABLE app.orders TO admin;
GRANT INSERT(status) ON TABLE app.orders TO penstock_clerk;
GRANT SELECT(status) ON TABLE app.orders TO report_owner;

GRANT INSERT(country) ON TABLE app.orders TO penstock_clerk;
GRANT SELECT(country) ON TABLE app.orders TO report_owner;

GRANT INSERT(total),UPDATE(total) ON TABLE app.orders TO penstock_clerk;

GRANT INSERT(placed_at),UPDATE(placed_at) ON TABLE app.orders TO penstock_clerk;
GRANT SELECT(placed_at) ON TABLE app.orders TO report_owner;

GRANT INSERT(source_invoice) ON TABLE app.orders TO penstock_clerk;

GRANT SELECT ON TABLE app.posts TO anon;
GRANT SELECT,DELETE ON TABLE app.posts TO member;
GRANT SELECT,DELETE ON TABLE app.posts TO staff;
GRANT SELECT,DELETE ON TABLE app.posts TO admin;

GRANT INSERT(author_id) ON TABLE app.posts TO member;
GRANT INSERT(author_id) ON TABLE app.posts TO staff;
GRANT INSERT(author_id) ON TABLE app.posts TO admin;

GRANT INSERT(title),UPDATE(title) ON TABLE app.posts TO member;
GRANT INSERT(title),UPDATE(title) ON TABLE app.posts TO staff;
GRANT INSERT(title),UPDATE(title) ON TABLE app.posts TO admin;

GRANT INSERT(body),UPDATE(body) ON TABLE app.posts TO member;
GRANT INSERT(body),UPDATE(body) ON TABLE app.posts TO staff;
GRANT INSERT(body),UPDATE(body) ON TABLE app.posts TO admin;

GRANT UPDATE(published_at) ON TABLE app.posts TO member;
GRANT UPDATE(published_at) ON TABLE app.posts TO staff;
GRANT UPDATE(published_at) ON TABLE app.posts TO admin;

GRANT SELECT ON TABLE app.products TO anon;
GRANT SELECT ON TABLE app.products TO member;
GRANT SELECT,DELETE ON TABLE app.products TO staff;
GRANT SELECT,DELETE ON TABLE app.products TO admin;
GRANT SELECT ON TABLE app.products TO penstock_clerk;

GRANT SELECT(id) ON TABLE app.products TO report_owner;

GRANT INSERT(sku),UPDATE(sku) ON TABLE app.products TO staff;
GRANT INSERT(sku),UPDATE(sku) ON TABLE app.products TO admin;
GRANT SELECT(sku) ON TABLE app.products TO report_owner;

GRANT INSERT(name),UPDATE(name) ON TABLE app.products TO staff;
GRANT INSERT(name),UPDATE(name) ON TABLE app.products TO admin;
GRANT SELECT(name) ON TABLE app.products TO report_owner;

GRANT INSERT(description),UPDATE(description) ON TABLE app.products TO staff;
GRANT INSERT(description),UPDATE(description) ON TABLE app.products TO admin;

GRANT INSERT(price),UPDATE(price) ON TABLE app.products TO staff;
GRANT INSERT(price),UPDATE(price) ON TABLE app.products TO admin;

GRANT INSERT(stock),UPDATE(stock) ON TABLE app.products TO staff;
GRANT INSERT(stock),UPDATE(stock) ON TABLE app.products TO admin;
GRANT UPDATE(stock) ON TABLE app.products TO penstock_clerk;

GRANT INSERT(is_active),UPDATE(is_active) ON TABLE app.products TO staff;
GRANT INSERT(is_active),UPDATE(is_active) ON TABLE app.products TO admin;

GRANT SELECT ON TABLE app.product_labels TO member;
GRANT SELECT ON TABLE app.product_labels TO staff;
GRANT SELECT ON TABLE app.product_labels TO admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.sales_blocks TO penstock_clerk;
GRANT SELECT ON TABLE app.sales_blocks TO staff;
GRANT SELECT ON TABLE app.sales_blocks TO admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.sales_countries TO penstock_clerk;
GRANT SELECT ON TABLE app.sales_countries TO staff;
GRANT SELECT ON TABLE app.sales_countries TO admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.sales_customers TO penstock_clerk;
GRANT SELECT ON TABLE app.sales_customers TO staff;
GRANT SELECT ON TABLE app.sales_customers TO admin;

GRANT SELECT,INSERT,DELETE ON TABLE app.sales_line_changes TO penstock_clerk;

GRANT SELECT,INSERT,DELETE ON TABLE app.sales_moves TO penstock_clerk;

GRANT SELECT ON TABLE app.sales_customers_pending TO staff;
GRANT SELECT ON TABLE app.sales_customers_pending TO admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.sales_days TO penstock_clerk;
GRANT SELECT ON TABLE app.sales_days TO staff;
GRANT SELECT ON TABLE app.sales_days TO admin;

GRANT SELECT ON TABLE app.sales_pending TO staff;
GRANT SELECT ON TABLE app.sales_pending TO admin;

GRANT SELECT,INSERT,DELETE ON TABLE audit.changes TO penstock_auditor;

GRANT SELECT ON TABLE audit.tables TO penstock_auditor;

GRANT SELECT ON TABLE auth.api_keys TO gatekeeper;

GRANT INSERT(user_id) ON TABLE auth.api_keys TO gatekeeper;

GRANT INSERT(name) ON TABLE auth.api_keys TO gatekeeper;

GRANT INSERT(role) ON TABLE auth.api_keys TO gatekeeper;

GRANT INSERT(key_hash) ON TABLE auth.api_keys TO gatekeeper;

GRANT INSERT(quota) ON TABLE auth.api_keys TO gatekeeper;

GRANT INSERT(expires_at) ON TABLE auth.api_keys TO gatekeeper;

GRANT UPDATE(revoked_at) ON TABLE auth.api_keys TO gatekeeper;

GRANT SELECT,INSERT,UPDATE ON TABLE auth.credentials TO gatekeeper;

GRANT SELECT,DELETE ON TABLE auth.devices TO gatekeeper;

GRANT INSERT(token_hash) ON TABLE auth.devices TO gatekeeper;

GRANT INSERT(user_id) ON TABLE auth.devices TO gatekeeper;

GRANT UPDATE(used_at) ON TABLE auth.devices TO gatekeeper;

GRANT SELECT,INSERT,DELETE ON TABLE auth.login_attempts TO gatekeeper;

GRANT UPDATE(recent) ON TABLE auth.login_attempts TO gatekeeper;

GRANT SELECT ON TABLE auth.refresh_tokens TO gatekeeper;

GRANT INSERT(token_hash) ON TABLE auth.refresh_tokens TO gatekeeper;

GRANT INSERT(session_id) ON TABLE auth.refresh_tokens TO gatekeeper;

GRANT UPDATE(used_at) ON TABLE auth.refresh_tokens TO gatekeeper;

GRANT SELECT,DELETE ON TABLE auth.sessions TO gatekeeper;

GRANT INSERT(user_id) ON TABLE auth.sessions TO gatekeeper;

GRANT INSERT(role) ON TABLE auth.sessions TO gatekeeper;

GRANT INSERT(agent) ON TABLE auth.sessions TO gatekeeper;

GRANT UPDATE(ended_at) ON TABLE auth.sessions TO gatekeeper;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE penstock.deliveries TO penstock_agent;

GRANT SELECT,INSERT,DELETE ON TABLE penstock.events TO penstock_agent;

GRANT SELECT(id) ON TABLE penstock.events TO anon;
GRANT SELECT(id) ON TABLE penstock.events TO member;
GRANT SELECT(id) ON TABLE penstock.events TO staff;
GRANT SELECT(id) ON TABLE penstock.events TO admin;

GRANT SELECT(xid) ON TABLE penstock.events TO anon;
GRANT SELECT(xid) ON TABLE penstock.events TO member;
GRANT SELECT(xid) ON TABLE penstock.events TO staff;
GRANT SELECT(xid) ON TABLE penstock.events TO admin;

GRANT SELECT(topic) ON TABLE penstock.events TO anon;
GRANT SELECT(topic) ON TABLE penstock.events TO member;
GRANT SELECT(topic) ON TABLE penstock.events TO staff;
GRANT SELECT(topic) ON TABLE penstock.events TO admin;

GRANT SELECT(payload) ON TABLE penstock.events TO anon;
GRANT SELECT(payload) ON TABLE penstock.events TO member;
GRANT SELECT(payload) ON TABLE penstock.events TO staff;
GRANT SELECT(payload) ON TABLE penstock.events TO admin;

GRANT SELECT(subject) ON TABLE penstock.events TO anon;
GRANT SELECT(subject) ON TABLE penstock.events TO member;
GRANT SELECT(subject) ON TABLE penstock.events TO staff;
GRANT SELECT(subject) ON TABLE penstock.events TO admin;

GRANT SELECT(role) ON TABLE penstock.events TO anon;
GRANT SELECT(role) ON TABLE penstock.events TO member;
GRANT SELECT(role) ON TABLE penstock.events TO staff;
GRANT SELECT(role) ON TABLE penstock.events TO admin;

GRANT SELECT,INSERT,DELETE ON TABLE penstock.idempotency_keys TO penstock_agent;

GRANT SELECT,INSERT ON TABLE penstock.incarnation TO penstock_agent;

GRANT SELECT ON TABLE penstock.jobs TO penstock_agent;

GRANT UPDATE(due_at) ON TABLE penstock.jobs TO penstock_agent;

GRANT UPDATE(last_run_at) ON TABLE penstock.jobs TO penstock_agent;

GRANT UPDATE(last_seconds) ON TABLE penstock.jobs TO penstock_agent;

GRANT UPDATE(last_error) ON TABLE penstock.jobs TO penstock_agent;

GRANT SELECT ON TABLE penstock.lint_audit TO penstock_owner;

GRANT SELECT ON TABLE penstock.routes TO penstock_agent;

GRANT SELECT ON TABLE penstock.lint TO penstock_agent;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE penstock.rate_limits TO penstock_agent;

GRANT SELECT,INSERT,DELETE ON TABLE penstock.touches TO penstock_agent;

GRANT SELECT ON TABLE penstock.webhooks TO penstock_agent;

GRANT UPDATE(ended_at) ON TABLE penstock.webhooks TO penstock_agent;

GRANT UPDATE(ended_because) ON TABLE penstock.webhooks TO penstock_agent;

GRANT SELECT ON TABLE report.customers TO reporter;

GRANT SELECT ON TABLE report.product_sales TO reporter;

GRANT SELECT ON TABLE report.sales_by_day TO reporter;

ALTER DEFAULT PRIVILEGES FOR ROLE penstock_owner REVOKE ALL ON FUNCTIONS  FROM PUBLIC;
