"""`./dev privileges`: compare the pages with a fresh deployment, or write them."""

import sys

from db.home import ROOT
from db.testbed import open_bed
from tests.security.pages import differences, make


def main(*, write: bool) -> int:
    with open_bed() as bed, bed.database() as database:
        found, measured = make(database)
    untried = measured.untried()
    told = []
    for file, text in found.items():
        name = str(file.relative_to(ROOT))
        if write:
            file.write_text(text)
            print(f"Wrote {name}.")
        else:
            told += differences(file.read_text() if file.exists() else "", text, name)
    if not write or untried:
        print("\n".join([*told, *untried]) or "Who may do what is as it is written down.")
    return 1 if told or untried else 0


if __name__ == "__main__":
    sys.exit(main(write="--write" in sys.argv[1:]))
