"""The tables that the service reads and writes."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import BigInteger, FetchedValue, ForeignKey, Identity
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

UserRole = ENUM("member", "staff", "admin", name="user_role", schema="app", create_type=False)


class Base(DeclarativeBase):
    __mapper_args__ = {"eager_defaults": True}


class Touched:
    created_at: Mapped[dt.datetime] = mapped_column(server_default=FetchedValue())
    updated_at: Mapped[dt.datetime] = mapped_column(
        server_default=FetchedValue(), server_onupdate=FetchedValue()
    )


class User(Touched, Base):
    __tablename__ = "users"
    __table_args__ = {"schema": "app"}

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    email: Mapped[str]
    username: Mapped[str]
    full_name: Mapped[str | None]
    role: Mapped[str] = mapped_column(UserRole, server_default="member")
    is_active: Mapped[bool] = mapped_column(server_default="true")


class Author(Base):
    """Everybody's public name."""

    __tablename__ = "authors"
    __table_args__ = {"schema": "app"}

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    username: Mapped[str]


class Product(Touched, Base):
    __tablename__ = "products"
    __table_args__ = {"schema": "app"}

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


class Post(Touched, Base):
    __tablename__ = "posts"
    __table_args__ = {"schema": "app"}

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("app.authors.id"))
    title: Mapped[str]
    body: Mapped[str]
    published_at: Mapped[dt.datetime | None] = mapped_column(server_default=FetchedValue())

    written_by: Mapped[Author] = relationship(lazy="joined", innerjoin=True, viewonly=True)

    @property
    def author(self) -> str:
        return self.written_by.username
