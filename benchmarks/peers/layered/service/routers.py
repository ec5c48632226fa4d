from typing import Annotated

from fastapi import APIRouter, Query

from service.schemas import UserRead, UserUpdate
from service.services import Users

users = APIRouter(prefix="/users", tags=["users"])


@users.get("")
def list_users(
    service: Users,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: int | None = None,
) -> list[UserRead]:
    return service.list(limit, after)


@users.get("/{user_id}")
def get_user(user_id: int, service: Users) -> UserRead:
    return service.get(user_id)


@users.patch("/{user_id}")
def update_user(user_id: int, change: UserUpdate, service: Users) -> UserRead:
    return service.update(user_id, change)
