import os

DATABASE_URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
POOL_SIZE = int(os.environ["POOL_SIZE"])
JWT_SECRET = os.environ["JWT_SECRET"]
