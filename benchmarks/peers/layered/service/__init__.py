"""The API as the classic layered service: routers → services → repositories → SQLAlchemy's ORM."""
