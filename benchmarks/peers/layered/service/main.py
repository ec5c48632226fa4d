from fastapi import APIRouter, FastAPI

from service import routers

app = FastAPI(title="Store")
api = APIRouter(prefix="/api/v1")
api.include_router(routers.users)
app.include_router(api)
