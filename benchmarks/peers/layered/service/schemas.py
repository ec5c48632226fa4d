import datetime as dt
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

FullName = Annotated[str, Field(min_length=1, max_length=200)]
Title = Annotated[str, Field(min_length=1, max_length=200)]
Price = Annotated[Decimal, PlainSerializer(float, return_type=float)]


class Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    created_at: dt.datetime
    updated_at: dt.datetime


class UserRead(Read):
    email: str
    username: str
    full_name: str | None
    role: str
    is_active: bool


class UserCreate(BaseModel):
    email: str
    username: str
    full_name: FullName | None = None


class UserUpdate(BaseModel):
    email: str | None = None
    username: str | None = None
    full_name: FullName | None = None


class ProductWrite(BaseModel):
    sku: str
    name: Title
    description: str
    price: Price
    stock: Annotated[int, Field(ge=0)]
    is_active: bool


class ProductReplace(ProductWrite):
    version: int


class ProductRead(Read, ProductWrite):
    version: int


class PostWrite(BaseModel):
    title: Title
    body: Annotated[str, Field(min_length=1)]


class PostRead(Read, PostWrite):
    author_id: int
    author: str
    published_at: dt.datetime | None
