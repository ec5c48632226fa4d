"""Who may do what, and which rows each reaches: measured, and compared with what is written down.

`privileges.txt` says what is granted, `rows.txt` what that comes to. `./dev privileges` compares
both with a fresh deployment, `./dev privileges --write` rewrites them.
"""
