"""From a method and a path to an endpoint, without looking at every route."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field

from api.catalog import Catalog
from api.endpoint import Endpoint
from api.problems import Problem
from api.reading import unquote

_OWN = frozenset({"auth", "batch", "openapi.json"})
_OWN_AT_THE_TOP = frozenset({"healthz", "readyz", "metrics", "docs", "redoc", "assets"})


def own_names(prefix: str) -> frozenset[str]:
    """What a path below the prefix can't begin with: it is the API's own."""
    return _OWN if prefix else _OWN | _OWN_AT_THE_TOP


_Leaf = tuple[Endpoint, tuple[tuple[int, str], ...]]  # with its arguments' places in the path


@dataclass(slots=True)
class _Node:
    """A place in the tree of paths: below it literal parts by their text, and any part at all."""

    literal: dict[str, "_Node"] = field(default_factory=dict)
    any: "_Node | None" = None
    endpoints: dict[str, _Leaf] = field(default_factory=dict)

    def below(self, part: str) -> "_Node":
        """The place one part of a route's path further, made if there is none."""
        if not part.startswith("{"):
            return self.literal.setdefault(part, _Node())
        self.any = self.any or _Node()
        return self.any


@dataclass(slots=True)
class Match:
    """A route that was found, with the decoded parts of the path by argument name."""

    endpoint: Endpoint
    path: dict[str, str]


class Routes:
    """One set of routes, made from one reading of the catalogue by `Routes.grow()`.

    `fingerprint` is what that reading is known by, `anon_role` who calls without a token.
    """

    def __init__(
        self,
        catalog: Catalog,
        endpoints: list[Endpoint],
        prefix: str,
        fingerprint: str = "",
        anon_role: str = "anon",
    ) -> None:
        self.catalog = catalog
        self.endpoints = endpoints
        self.fingerprint = fingerprint
        self.anon_role = anon_role
        self._start = prefix + "/"
        self._own = own_names(prefix)
        self._root = _Node()

    @classmethod
    def grow(
        cls,
        catalog: Catalog,
        endpoints: list[Endpoint],
        prefix: str,
        fingerprint: str = "",
        anon_role: str = "anon",
    ) -> Generator[None, None, "Routes"]:
        """Routes to these endpoints. Work for in_slices()."""
        routes = cls(catalog, endpoints, prefix, fingerprint, anon_role)
        for endpoint in endpoints:
            node = routes._root
            for part in endpoint.path[1:].split("/"):
                node = node.below(part)
            node.endpoints[endpoint.method] = (endpoint, _places(endpoint.path))
            yield
        return routes

    @property
    def job(self) -> Endpoint | None:
        """The endpoint that says what became of a call which goes on after its answer."""
        node = self._root.literal.get("jobs")
        leaf = node.any.endpoints.get("GET") if node and node.any else None
        return leaf[0] if leaf and "job_id" in leaf[0].arguments else None

    def fell(self) -> Generator[None, None, None]:
        """Let go of routes that are found no more. Work for in_slices().

        All at once, thousands of them would be freed in one go, which takes tens of milliseconds.
        """
        catalog, nodes, decoded = self.catalog, [self._root], self.catalog.decoded
        pieces: list[object] = [*self.endpoints, *catalog.functions, *catalog.types.values()]
        del self, catalog
        while nodes:
            node = nodes.pop()
            nodes.extend(node.literal.values())
            if node.any is not None:
                nodes.append(node.any)
            node.literal.clear()
            yield
        while pieces:
            pieces.pop()
            yield
        while decoded:
            decoded.popitem()
            yield

    def find(self, method: str, raw_path: str) -> Match | None:
        """The route for a still percent-encoded path; HEAD finds GET.

        Returns None where no route has the path; Problem 405 where one has it for other methods.
        A literal part is preferred to a {placeholder}, and hides it for every method: so OpenAPI
        has it, and with it whoever reads our description.
        """
        if not raw_path.startswith(self._start):
            return None
        parts = raw_path[len(self._start) :].split("/")
        if "%" in raw_path:
            parts = [unquote(part) for part in parts]
        if parts[0] in self._own:
            return None
        wanted = "GET" if method == "HEAD" else method
        for node in self._reached(parts):
            if not node.endpoints:
                continue
            leaf = node.endpoints.get(wanted)
            if leaf is None:
                raise _not_allowed(method, set(node.endpoints))
            return Match(leaf[0], {name: parts[index] for index, name in leaf[1]})
        return None

    def _reached(self, parts: list[str]) -> Iterable[_Node]:
        """The nodes that a path leads to, the most literal first; nearly always one, or none."""
        node = self._root
        for part in parts:
            literal = node.literal.get(part)
            if literal is None:
                if node.any is None or not part:
                    return ()
                node = node.any
            elif node.any is None:
                node = literal
            else:
                return _walk(self._root, parts, 0)
        return (node,)


def _places(path: str) -> tuple[tuple[int, str], ...]:
    parts = enumerate(path[1:].split("/"))
    return tuple((index, part[1:-1]) for index, part in parts if part.startswith("{"))


def _walk(node: _Node, parts: list[str], depth: int) -> Iterator[_Node]:
    """The nodes that a path leads to, the most literal first."""
    if depth == len(parts):
        yield node
        return
    part = parts[depth]
    if part in node.literal:
        yield from _walk(node.literal[part], parts, depth + 1)
    if node.any is not None and part:
        yield from _walk(node.any, parts, depth + 1)


def _not_allowed(method: str, allowed: set[str]) -> Problem:
    methods = sorted({*allowed, "OPTIONS"} | ({"HEAD"} if "GET" in allowed else set()))
    allow = (b"allow", ", ".join(methods).encode())
    if method == "OPTIONS":
        return Problem(204, headers=[allow])
    return Problem(
        405,
        f"{method[:20]} is not for this path; it takes {', '.join(methods)}.",
        slug="method-not-allowed",
        headers=[allow],
    )
