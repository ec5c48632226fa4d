"""The load of `bench mix` for Locust, over the demo's logins. Locust lives in a place of its own:

python3 -m venv .local/locust
.local/locust/bin/pip install locust==2.47.0
./dev up --detach
.local/locust/bin/locust -f benchmarks/locustfile.py --headless --users 200 --spawn-rate 100 \
    --run-time 20s --host http://127.0.0.1:8000

A failed request fails the run. What it writes goes with it, but for what was still on its way.
"""

import random
from collections import deque
from typing import Any, ClassVar

from gevent.lock import Semaphore
from locust import FastHttpUser, constant, events, task

PREFIX = "/api/v1"
LOGINS = {
    "member": ("member@demo.example", "demo-member-2026"),
    "staff": ("staff@demo.example", "demo-staff-2026"),
}
PRODUCT = ("version", "sku", "name", "description", "price", "stock", "is_active")


class Customer(FastHttpUser):
    """70% GET, 20% POST, 5% PUT, 5% DELETE."""

    wait_time = constant(0)
    # All of them stand for the same two logins: this is no test of Argon2.
    entering: ClassVar[Semaphore] = Semaphore()
    headers: ClassVar[dict[str, dict[str, str]]] = {}
    me: ClassVar[list[int]] = []
    product_ids: ClassVar[list[int]] = []
    post_ids: ClassVar[list[int]] = []
    unchanged: ClassVar[deque[dict[str, Any]]] = deque()
    drafts: ClassVar[deque[int]] = deque()

    def on_start(self) -> None:
        """The first one logs in and looks around; the others wait for it."""
        with self.entering:
            if not self.post_ids:
                self._enter()

    def _enter(self) -> None:
        for role, (email, password) in LOGINS.items():
            body = {"email": email, "password": password}
            answer = self.client.post(f"{PREFIX}/auth/login", json=body).json()
            self.headers[role] = {"Authorization": f"Bearer {answer['access_token']}"}
        self.me.append(self._get("/me", "/me").json()["id"])
        self.unchanged.extend(self._get("/products?limit=100", "/products", "staff").json())
        self.product_ids.extend(product["id"] for product in self.unchanged)
        self.post_ids.extend(post["id"] for post in self._get("/posts?limit=50", "/posts").json())

    @task(20)
    def read_product(self) -> None:
        self._get(f"/products/{random.choice(self.product_ids)}", "/products/{id}", "staff")

    @task(10)
    def list_products(self) -> None:
        self._get("/products?limit=20", "/products")

    @task(20)
    def read_self(self) -> None:
        self._get(f"/users/{self.me[0]}", "/users/{id}")

    @task(10)
    def list_posts(self) -> None:
        self._get("/posts?limit=20", "/posts")

    @task(10)
    def read_post(self) -> None:
        self._get(f"/posts/{random.choice(self.post_ids)}", "/posts/{id}")

    @task(20)
    def write_post(self) -> None:
        body = {"title": "Mixed load", "body": "One of many posts."}
        answer = self._send("POST", "/posts", "/posts", "member", json=body)
        if answer.status_code == 201:
            self.drafts.append(answer.json()["id"])

    @task(5)
    def replace_product(self) -> None:
        if not self.unchanged:
            self.delete_post()
            return
        product = self.unchanged.popleft()  # nobody else's until the answer is here
        body = {field: product[field] for field in PRODUCT}
        path = f"/products/{product['id']}"
        answer = self._send("PUT", path, "/products/{id}", "staff", json=body)
        self.unchanged.append(answer.json() if answer.status_code == 200 else product)

    @task(5)
    def delete_post(self) -> None:
        if self.drafts:
            self._delete("/posts/{id}")
        else:
            self.write_post()

    def on_stop(self) -> None:
        """The drafts that are left go when the load is over."""
        while self.drafts:
            self._delete("/posts/{id}, tidying up")

    def _delete(self, name: str) -> None:
        self._send("DELETE", f"/posts/{self.drafts.popleft()}", name, "member")

    def _get(self, path: str, name: str, role: str = "member") -> Any:
        return self._send("GET", path, name, role)

    def _send(self, method: str, path: str, name: str, role: str, **more: Any) -> Any:
        return self.client.request(
            method, PREFIX + path, name=name, headers=self.headers[role], **more
        )


@events.quitting.add_listener
def fail_on_errors(environment: Any, **_: Any) -> None:
    """A failed request fails the run."""
    environment.process_exit_code = int(environment.stats.total.fail_ratio > 0)
