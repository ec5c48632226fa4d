"""A bar chart as SVG, readable on white and on black."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

WIDTH = 760
ROW = 30
LEFT = 200
RIGHT = 90
HEAD = 44
OURS = "Penstock"
INK = "#1f2933"


def bars(heading: str, values: Mapping[str, float]) -> str:
    """One bar a name, in the order given; ours stands out."""
    height = HEAD + ROW * len(values) + 10
    most = max(values.values(), default=1)
    root = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
    lines = [
        f'{root} font-family="system-ui, sans-serif" font-size="14" fill="{INK}">',
        f"<title>{escape(heading)}</title>",
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>',
        f'<text x="16" y="28" font-size="16" font-weight="600">{escape(heading)}</text>',
    ]
    for number, (name, value) in enumerate(values.items()):
        lines += _bar(HEAD + ROW * number, name, value, most)
    return "\n".join([*lines, "</svg>", ""])


def _bar(top: int, name: str, value: float, most: float) -> list[str]:
    long = max(1.0, (WIDTH - LEFT - RIGHT) * value / most)
    fill, weight = ("#0b7285", 700) if name == OURS else ("#adb5bd", 400)
    place = f'y="{top + 3}" height="{ROW - 10}" rx="3" fill="{fill}"'
    text = f'y="{top + 18}" font-weight="{weight}"'
    return [
        f'<text x="{LEFT - 10}" {text} text-anchor="end">{escape(name)}</text>',
        f'<rect x="{LEFT}" width="{long:.1f}" {place}/>',
        f'<text x="{LEFT + long + 8:.1f}" {text}>{value:,.0f}</text>',
    ]
