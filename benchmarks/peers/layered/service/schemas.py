import datetime as dt
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

FullName = Annotated[str, Field(min_length=1, max_length=200)]


class UserRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
    username: str
    full_name: str | None
    role: str
    is_active: bool
    created_at: dt.datetime
    updated_at: dt.datetime


class UserUpdate(BaseModel):
    email: str | None = None
    username: str | None = None
    full_name: FullName | None = None
