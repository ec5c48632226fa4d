"""A constant answer from bare ASGI: what uvicorn itself can do, and no framework on it can pass."""

BODY = (
    b'{"id":4711,"email":"bench.4711@example.org","username":"bench.4711",'
    b'"full_name":"Bench 4711","role":"member","is_active":true,'
    b'"created_at":"2026-01-01T00:00:00+00:00","updated_at":"2026-01-01T00:00:00+00:00"}'
)
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(BODY)).encode()),
    ],
}
END = {"type": "http.response.body", "body": BODY}


async def app(scope, receive, send):
    if scope["type"] == "http":
        await send(START)
        await send(END)
