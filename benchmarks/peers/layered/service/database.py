"""Engine and unit of work: a transaction acts as the caller, so row-level security holds."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

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
READ_ONLY = text("set transaction read only")


class UnitOfWork:
    """Begins a transaction where it is used, in one thread: a dependency that yields a session
    would give its connection back in another, which may wait for those that wait for it."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    @contextmanager
    def begin(self, *, read_only: bool = False) -> Iterator[Session]:
        context = {"role": self.caller["role"], "claims": json.dumps(self.caller)}
        with sessions.begin() as session:
            if read_only:
                session.execute(READ_ONLY)
            session.execute(CONTEXT, context)
            yield session
