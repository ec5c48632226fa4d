"""Penstock beside its peers: the same work, the same database, one run. `./dev bench NAME`."""
