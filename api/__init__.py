"""The HTTP side of Penstock: catalogue -> contract -> routes -> dispatch -> lane -> response.

Nothing in here knows a table or an endpoint of a domain; what is served is read from PostgreSQL.
"""

__version__ = "0.1.0"
