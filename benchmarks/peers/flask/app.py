"""The API's read, list and write as a Flask service: psycopg's pool, no ORM."""

import json
import os

import jwt
from flask import Flask, Response, abort, g, request
from psycopg_pool import ConnectionPool

SECRET = os.environ["JWT_SECRET"]
CONTEXT = "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)"
USER_GET = "select row_to_json(u)::text from api.user_get(%s) as u"
USER_LIST = (
    "select coalesce(json_agg(row_to_json(u)), '[]')::text"
    ' from api.user_list("limit" => %s::integer) as u'
)
USER_UPDATE = "select row_to_json(u)::text from api.user_update(%s, full_name => %s) as u"


def read_only(connection):
    connection.read_only = True


def make_pool(**options):
    size = int(os.environ["POOL_SIZE"])
    return ConnectionPool(
        os.environ["DATABASE_URL"], min_size=1, max_size=size, open=True, **options
    )


app = Flask(__name__)
reads = make_pool(configure=read_only)
writes = make_pool()


@app.before_request
def authenticate():
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        g.claims = jwt.decode(
            token, SECRET, algorithms=["HS256"], audience="penstock", issuer="penstock"
        )
    except jwt.PyJWTError:
        abort(401)


def call(pool, statement, *parameters):
    with pool.connection() as connection, connection.transaction():
        connection.execute(CONTEXT, (g.claims["role"], json.dumps(g.claims)))
        row = connection.execute(statement, parameters).fetchone()
    if row is None or row[0] is None:
        abort(404)
    return Response(row[0], mimetype="application/json")


@app.get("/api/v1/users/<int:user_id>")
def user_get(user_id):
    return call(reads, USER_GET, user_id)


@app.get("/api/v1/users")
def user_list():
    limit = request.args.get("limit", 20, type=int)
    if not 1 <= limit <= 100:
        abort(422)
    return call(reads, USER_LIST, limit)


@app.patch("/api/v1/users/<int:user_id>")
def user_update(user_id):
    name = request.get_json().get("full_name")
    if not isinstance(name, str) or not 1 <= len(name) <= 200:
        abort(422)
    return call(writes, USER_UPDATE, user_id, name)
