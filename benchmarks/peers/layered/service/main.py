from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, FastAPI

from service import routers
from service.config import POOL_SIZE


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    # As many threads as connections: more would only wait for one, and for the interpreter.
    current_default_thread_limiter().total_tokens = POOL_SIZE
    yield


app = FastAPI(title="Store", lifespan=lifespan)
api = APIRouter(prefix="/api/v1")
for router in (routers.users, routers.products, routers.posts):
    api.include_router(router)
app.include_router(api)
