"""The mixed load for Locust, over the demo's logins:

locust -f benchmarks/locustfile.py --headless --users 1000 --spawn-rate 100 --run-time 30s \
    --host http://127.0.0.1:8000
"""

import random
from collections import deque
from typing import Any, ClassVar

from locust import FastHttpUser, constant, events, task

PREFIX = "/api/v1"
LOGINS = {
    "member": ("member@demo.example", "demo-member-2026"),
    "staff": ("staff@demo.example", "demo-staff-2026"),
}
products: deque[dict[str, Any]] = deque()
headers: dict[str, dict[str, str]] = {}


class Customer(FastHttpUser):
    """70% GET, 20% POST, 5% PUT, 5% DELETE."""

    wait_time = constant(0)
    mine: ClassVar[deque[int]] = deque()

    def on_start(self) -> None:
        """One login for all: this is no test of Argon2."""
        for role, (email, password) in LOGINS.items():
            if role not in headers:
                body = {"email": email, "password": password}
                answer = self.client.post(f"{PREFIX}/auth/login", json=body).json()
                headers[role] = {"Authorization": f"Bearer {answer['access_token']}"}
        if not products:
            listed = self.client.get(f"{PREFIX}/products?limit=100", headers=headers["staff"])
            products.extend(listed.json())

    @task(20)
    def read_product(self) -> None:
        number = random.randint(1, 300)
        self._get(f"/products/{number}", "/products/{id}", "staff")

    @task(10)
    def list_products(self) -> None:
        self._get("/products?limit=20", "/products")

    @task(20)
    def read_self(self) -> None:
        self._get("/me", "/me")

    @task(20)
    def list_posts(self) -> None:
        self._get("/posts?limit=20", "/posts")

    def _get(self, path: str, name: str, role: str = "member") -> None:
        self.client.get(PREFIX + path, name=name, headers=headers[role])

    @task(20)
    def write_post(self) -> None:
        body = {"title": "Mixed load", "body": "One of many posts."}
        answer = self.client.post(f"{PREFIX}/posts", json=body, headers=headers["member"])
        if answer.status_code == 201:
            self.mine.append(answer.json()["id"])

    @task(5)
    def replace_product(self) -> None:
        if not products:
            return
        product = products.popleft()  # nobody else's until the answer is here
        path = f"{PREFIX}/products/{product['id']}"
        fields = ("version", "sku", "name", "description", "price", "stock", "is_active")
        body = {field: product[field] for field in fields}
        answer = self.client.put(path, name="/products/{id}", json=body, headers=headers["staff"])
        if answer.status_code == 200:
            products.append(answer.json())

    @task(5)
    def delete_post(self) -> None:
        if self.mine:
            path = f"{PREFIX}/posts/{self.mine.popleft()}"
            self.client.delete(path, name="/posts/{id}", headers=headers["member"])


@events.quitting.add_listener
def fail_on_errors(environment: Any, **_: Any) -> None:
    """A failed request fails the run."""
    environment.process_exit_code = int(environment.stats.total.fail_ratio > 0)
