"""Regular expressions that PostgreSQL, Python and JavaScript read alike.

PostgreSQL's engine is an automaton; Python's tries one way after another, and a text made for it
could keep it busy for ever. So Python judges only texts that are short enough for the pattern;
any other is PostgreSQL's to judge.
"""

import re
from dataclasses import dataclass

# Literals, plain classes and ranges, groups, alternatives, counts, anchors. No escapes of letters
# (\d and \w differ on Unicode), no dot (newlines differ), no lookaround, no back references.
_TOKEN = re.compile(
    r"""(?P<atom> [^\\.\[\](){}?*+|^$]
          | \\[^\w\s]
          | \[\^?(?:(?!--|&&|\|\||~~)[^\\\[\]]|\\[^\w\s])+\]
        )
        | (?P<open>\((?!\?)) | (?P<close>\)) | (?P<bar>\|) | (?P<anchor>[\^$])
        | (?P<count> [?*+] | \{[0-9]{1,3}(?:,[0-9]{0,3})?\})""",
    re.VERBOSE,
)
_STEPS = 1_000_000


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern as PostgreSQL has it; `longest` is the longest text that Python may judge."""

    text: str
    python: re.Pattern[str]
    longest: int

    def refuses(self, text: str) -> bool:
        """Whether the text surely does not match."""
        return len(text) <= self.longest and not self.python.search(text)


def pattern(text: str) -> Pattern | None:
    """The pattern, or None where it is not surely read alike everywhere."""
    ways = None if text.startswith("***") else _ways(text)
    if ways is None:
        return None
    try:
        compiled = re.compile(_python(text))
    except (re.error, OverflowError):
        return None
    return Pattern(text, compiled, int(_STEPS ** (1 / ways)) if ways else _STEPS)


@dataclass(slots=True)
class _Group:
    """The choices inside of a group, and inside of what came last in it."""

    ways: int = 0
    last: int | None = None


def _ways(text: str) -> int | None:
    """How many choices a match has: with a text of n characters it takes n ** ways steps at most.

    None where the pattern is not portable, or a repeated group has choices inside.
    """
    stack = [_Group(0 if text.startswith("^") else 1)]
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            return None
        position = token.end()
        group = stack[-1]
        match token.lastgroup:
            case "atom":
                group.last = 0
            case "anchor":
                group.last = None
            case "bar":
                # The other alternative need not begin with the anchor.
                group.ways, group.last = group.ways + 1 + (len(stack) == 1), None
            case "open":
                stack.append(_Group())
            case "close":
                if len(stack) == 1:
                    return None
                stack[-2].ways += stack.pop().ways
                stack[-1].last = group.ways
            case _:
                more = _repeated(group.last, token[0])
                if more is None:
                    return None
                group.ways, group.last = group.ways + more, None
    return stack[0].ways if len(stack) == 1 else None


def _repeated(ways: int | None, count: str) -> int | None:
    """How many choices a count adds to what it repeats; None where that can't be bounded."""
    if ways is None:
        return None
    exact = re.fullmatch(r"\{([0-9]+)\}", count)
    if exact is not None:
        return max(0, int(exact[1]) - 1) * ways
    return 1 if ways == 0 or count == "?" else None


def _python(text: str) -> str:
    r"""`$` is the very end for PostgreSQL; Python's also stands before a last newline."""
    return re.sub(r"(\\.|\[\^?(?:[^\\\]]|\\.)+\])|\$", lambda m: m[1] or r"\Z", text)
