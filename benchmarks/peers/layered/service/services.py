from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, HTTPException

from service.database import DatabaseSession
from service.models import User
from service.repositories import UserRepository
from service.schemas import UserUpdate


class UserService:
    def __init__(self, session: DatabaseSession) -> None:
        self.users = UserRepository(session)

    def get(self, user_id: int) -> User:
        user = self.users.get(user_id)
        if user is None:
            raise HTTPException(404, "User not found")
        return user

    def list(self, limit: int, after: int | None) -> Sequence[User]:
        return self.users.list(limit, after)

    def update(self, user_id: int, change: UserUpdate) -> User:
        user = self.get(user_id)
        for name, value in change.model_dump(exclude_unset=True).items():
            setattr(user, name, value)
        return self.users.save(user)


Users = Annotated[UserService, Depends()]
