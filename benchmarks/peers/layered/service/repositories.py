from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.models import User


class UserRepository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, user_id: int) -> User | None:
        return self.session.get(User, user_id)

    def list(self, limit: int, after: int | None) -> Sequence[User]:
        query = select(User).order_by(User.id).limit(limit)
        if after is not None:
            query = query.where(User.id > after)
        return self.session.scalars(query).all()

    def save(self, user: User) -> User:
        self.session.add(user)
        self.session.flush()
        return user
