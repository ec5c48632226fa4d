"""The tables that the service reads and writes."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import BigInteger, FetchedValue, Identity
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

UserRole = ENUM("member", "staff", "admin", name="user_role", schema="app", create_type=False)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    __table_args__ = {"schema": "app"}
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    email: Mapped[str]
    username: Mapped[str]
    full_name: Mapped[str | None]
    role: Mapped[str] = mapped_column(UserRole, server_default="member")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=FetchedValue())
    updated_at: Mapped[dt.datetime] = mapped_column(
        server_default=FetchedValue(), server_onupdate=FetchedValue()
    )


class Product(Base):
    __tablename__ = "products"
    __table_args__ = {"schema": "app"}
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    sku: Mapped[str]
    name: Mapped[str]
    description: Mapped[str]
    price: Mapped[Decimal]
    stock: Mapped[int]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[int] = mapped_column(
        server_default=FetchedValue(), server_onupdate=FetchedValue()
    )
    created_at: Mapped[dt.datetime] = mapped_column(server_default=FetchedValue())
    updated_at: Mapped[dt.datetime] = mapped_column(
        server_default=FetchedValue(), server_onupdate=FetchedValue()
    )


class Post(Base):
    __tablename__ = "posts"
    __table_args__ = {"schema": "app"}
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    author_id: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str]
    body: Mapped[str]
    published_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=FetchedValue())
