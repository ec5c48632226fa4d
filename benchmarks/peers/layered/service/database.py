"""Engine and session; a session's transaction acts as the caller, so row-level security holds."""

import json
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

from service.config import DATABASE_URL, POOL_SIZE
from service.security import Caller

engine = create_engine(DATABASE_URL, poolclass=QueuePool, pool_size=POOL_SIZE, max_overflow=0)
sessions = sessionmaker(engine, expire_on_commit=False)
CONTEXT = text(
    "select set_config('role', :role, true), set_config('request.jwt.claims', :claims, true)"
)


def open_session(caller: Caller) -> Iterator[Session]:
    with sessions.begin() as session:
        session.execute(CONTEXT, {"role": caller["role"], "claims": json.dumps(caller)})
        yield session


DatabaseSession = Annotated[Session, Depends(open_session)]
