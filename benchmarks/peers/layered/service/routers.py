from typing import Annotated

from fastapi import APIRouter, Query, Response

from service.schemas import (
    PostRead,
    PostWrite,
    ProductRead,
    ProductReplace,
    ProductWrite,
    UserCreate,
    UserRead,
    UserUpdate,
)
from service.services import Posts, Products, Users

Limit = Annotated[int, Query(ge=1, le=100)]

users = APIRouter(prefix="/users", tags=["users"])
products = APIRouter(prefix="/products", tags=["products"])
posts = APIRouter(prefix="/posts", tags=["posts"])


@users.get("", response_model=list[UserRead])
def list_users(service: Users, limit: Limit = 20):
    return service.list(limit)


@users.get("/{user_id}", response_model=UserRead)
def get_user(user_id: int, service: Users):
    return service.get(user_id)


@users.patch("/{user_id}", response_model=UserRead)
def update_user(user_id: int, change: UserUpdate, service: Users):
    return service.update(user_id, change)


@users.post("", response_model=UserRead, status_code=201)
def create_user(user: UserCreate, service: Users):
    return service.create(user)


@users.delete("/{user_id}", status_code=204)
def delete_user(user_id: int, service: Users):
    service.delete(user_id)
    return Response(status_code=204)


@products.get("", response_model=list[ProductRead])
def list_products(service: Products, limit: Limit = 20):
    return service.list(limit)


@products.get("/{product_id}", response_model=ProductRead)
def get_product(product_id: int, service: Products):
    return service.get(product_id)


@products.put("/{product_id}", response_model=ProductRead)
def replace_product(product_id: int, change: ProductReplace, service: Products):
    return service.replace(product_id, change)


@products.post("", response_model=ProductRead, status_code=201)
def create_product(product: ProductWrite, service: Products):
    return service.create(product)


@products.delete("/{product_id}", status_code=204)
def delete_product(product_id: int, service: Products):
    service.delete(product_id)
    return Response(status_code=204)


@posts.get("", response_model=list[PostRead])
def list_posts(service: Posts, limit: Limit = 20):
    return service.list(limit)


@posts.get("/{post_id}", response_model=PostRead)
def get_post(post_id: int, service: Posts):
    return service.get(post_id)


@posts.post("", response_model=PostRead, status_code=201)
def write_post(post: PostWrite, service: Posts):
    return service.write(post)


@posts.delete("/{post_id}", status_code=204)
def delete_post(post_id: int, service: Posts):
    service.delete(post_id)
    return Response(status_code=204)
