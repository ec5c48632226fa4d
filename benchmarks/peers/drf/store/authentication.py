import jwt
from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed


class Caller:
    is_authenticated = True

    def __init__(self, claims):
        self.claims = claims


class BearerAuthentication(BaseAuthentication):
    def authenticate(self, request):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return None
        try:
            claims = jwt.decode(
                token,
                settings.SECRET_KEY,
                algorithms=["HS256"],
                audience="penstock",
                issuer="penstock",
            )
        except jwt.PyJWTError as error:
            raise AuthenticationFailed(str(error)) from error
        return Caller(claims), token

    def authenticate_header(self, request):
        return "Bearer"
