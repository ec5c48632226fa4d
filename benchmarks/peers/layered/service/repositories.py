from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.models import Base, Post, Product, User

Entity = TypeVar("Entity", bound=Base)


class Repository(Generic[Entity]):
    model: type[Entity]
    order: Sequence[Any]

    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, key: int) -> Entity | None:
        return self.session.get(self.model, key)

    def list(self, limit: int) -> Sequence[Entity]:
        query = select(self.model).order_by(*self.order).limit(limit)
        return self.session.scalars(query).all()

    def save(self, entity: Entity) -> Entity:
        self.session.add(entity)
        self.session.flush()
        return entity

    def delete(self, entity: Entity) -> None:
        self.session.delete(entity)
        self.session.flush()


class UserRepository(Repository[User]):
    model = User
    order = (User.id,)


class ProductRepository(Repository[Product]):
    model = Product
    order = (Product.name, Product.id)


class PostRepository(Repository[Post]):
    model = Post
    order = (Post.published_at.desc(), Post.id.desc())

    def published(self, limit: int) -> Sequence[Post]:
        query = select(Post).where(Post.published_at.is_not(None))
        return self.session.scalars(query.order_by(*self.order).limit(limit)).all()
