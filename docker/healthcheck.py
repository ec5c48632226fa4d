"""Exit with 0 while this container's API says that it is ready (slim images have no curl)."""

import os
import sys
import urllib.request

URL = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/readyz"

try:
    with urllib.request.urlopen(URL, timeout=2):
        pass
except OSError as error:
    sys.exit(str(error))
