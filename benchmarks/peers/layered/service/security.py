from typing import Annotated, Any

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.config import JWT_SECRET

bearer = HTTPBearer(auto_error=False)


async def current_caller(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> dict[str, Any]:
    if credentials is None:
        return {"role": "anon"}
    try:
        return jwt.decode(
            credentials.credentials,
            JWT_SECRET,
            algorithms=["HS256"],
            audience="penstock",
            issuer="penstock",
        )
    except jwt.PyJWTError as error:
        raise HTTPException(401, str(error)) from error


Caller = Annotated[dict[str, Any], Depends(current_caller)]
