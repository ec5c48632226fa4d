"""Running and changing the database: the private cluster, Sqitch, pgTAP and the command line."""
