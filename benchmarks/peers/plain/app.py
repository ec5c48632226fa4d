"""The API's read, list and write as a small FastAPI service: psycopg's async pool, no ORM."""

import json
import os
from contextlib import asynccontextmanager
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException, Path, Query, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, Field

POOL_SIZE = int(os.environ["POOL_SIZE"])
SECRET = os.environ["JWT_SECRET"]
CONTEXT = "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)"
USER_GET = "select row_to_json(u)::text from api.user_get(%s) as u"
USER_LIST = (
    "select coalesce(json_agg(row_to_json(u)), '[]')::text"
    ' from api.user_list("limit" => %s::integer) as u'
)
USER_UPDATE = "select row_to_json(u)::text from api.user_update(%s, full_name => %s) as u"

reads: AsyncConnectionPool
writes: AsyncConnectionPool


async def read_only(connection):
    await connection.set_read_only(True)


@asynccontextmanager
async def lifespan(_app):
    global reads, writes
    url = os.environ["DATABASE_URL"]
    size = {"min_size": 1, "max_size": POOL_SIZE, "open": False}
    reads = AsyncConnectionPool(url, configure=read_only, **size)
    writes = AsyncConnectionPool(url, **size)
    async with reads, writes:
        yield


app = FastAPI(lifespan=lifespan)
bearer = HTTPBearer()


async def claims(
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)],
) -> dict:
    try:
        return jwt.decode(
            credentials.credentials,
            SECRET,
            algorithms=["HS256"],
            audience="penstock",
            issuer="penstock",
        )
    except jwt.PyJWTError as error:
        raise HTTPException(401, str(error)) from error


Claims = Annotated[dict, Depends(claims)]


class UserChange(BaseModel):
    full_name: Annotated[str, Field(min_length=1, max_length=200)]


async def call(pool: AsyncConnectionPool, who: dict, statement: str, *parameters) -> Response:
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(CONTEXT, (who["role"], json.dumps(who)))
        cursor = await connection.execute(statement, parameters)
        row = await cursor.fetchone()
    if row is None or row[0] is None:
        raise HTTPException(404)
    return Response(row[0], media_type="application/json")


@app.get("/api/v1/users/{user_id}")
async def user_get(user_id: Annotated[int, Path()], who: Claims) -> Response:
    return await call(reads, who, USER_GET, user_id)


@app.get("/api/v1/users")
async def user_list(who: Claims, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Response:
    return await call(reads, who, USER_LIST, limit)


@app.patch("/api/v1/users/{user_id}")
async def user_update(user_id: int, change: UserChange, who: Claims) -> Response:
    return await call(writes, who, USER_UPDATE, user_id, change.full_name)
