from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Depends, HTTPException

from service.database import UnitOfWork
from service.models import Post, Product, User
from service.repositories import PostRepository, ProductRepository, UserRepository
from service.schemas import PostWrite, ProductReplace, ProductWrite, UserCreate, UserUpdate

Entity = TypeVar("Entity")


class Service:
    def __init__(self, work: Annotated[UnitOfWork, Depends()]) -> None:
        self.work = work


class UserService(Service):
    def get(self, user_id: int) -> User:
        with self.work.begin(read_only=True) as session:
            return found(UserRepository(session).get(user_id))

    def list(self, limit: int) -> Sequence[User]:
        with self.work.begin(read_only=True) as session:
            return UserRepository(session).list(limit)

    def update(self, user_id: int, change: UserUpdate) -> User:
        with self.work.begin() as session:
            users = UserRepository(session)
            user = found(users.get(user_id))
            for name, value in change.model_dump(exclude_unset=True).items():
                setattr(user, name, value)
            return users.save(user)

    def create(self, user: UserCreate) -> User:
        with self.work.begin() as session:
            return UserRepository(session).save(User(**user.model_dump()))

    def delete(self, user_id: int) -> None:
        with self.work.begin() as session:
            users = UserRepository(session)
            users.delete(found(users.get(user_id)))


class ProductService(Service):
    def get(self, product_id: int) -> Product:
        with self.work.begin(read_only=True) as session:
            return found(ProductRepository(session).get(product_id))

    def list(self, limit: int) -> Sequence[Product]:
        with self.work.begin(read_only=True) as session:
            return ProductRepository(session).list(limit)

    def replace(self, product_id: int, change: ProductReplace) -> Product:
        with self.work.begin() as session:
            products = ProductRepository(session)
            product = found(products.get(product_id))
            if product.version != change.version:
                raise HTTPException(409, "The product has changed: read it again")
            for name, value in change.model_dump(exclude={"version"}).items():
                setattr(product, name, value)
            return products.save(product)

    def create(self, product: ProductWrite) -> Product:
        with self.work.begin() as session:
            return ProductRepository(session).save(Product(**product.model_dump()))

    def delete(self, product_id: int) -> None:
        with self.work.begin() as session:
            products = ProductRepository(session)
            products.delete(found(products.get(product_id)))


class PostService(Service):
    def get(self, post_id: int) -> Post:
        with self.work.begin(read_only=True) as session:
            return found(PostRepository(session).get(post_id))

    def list(self, limit: int) -> Sequence[Post]:
        with self.work.begin(read_only=True) as session:
            return PostRepository(session).published(limit)

    def write(self, post: PostWrite) -> Post:
        with self.work.begin() as session:
            author = int(self.work.caller["sub"])
            posts = PostRepository(session)
            saved = posts.save(Post(author_id=author, **post.model_dump()))
            session.refresh(saved, ["written_by"])
            return saved

    def delete(self, post_id: int) -> None:
        with self.work.begin() as session:
            posts = PostRepository(session)
            posts.delete(found(posts.get(post_id)))


def found(entity: Entity | None) -> Entity:
    if entity is None:
        raise HTTPException(404, "Not found")
    return entity


Users = Annotated[UserService, Depends()]
Products = Annotated[ProductService, Depends()]
Posts = Annotated[PostService, Depends()]
