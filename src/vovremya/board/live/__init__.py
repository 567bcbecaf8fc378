"""The live feed: every change of a branch on every open board of it.

`reading` asks the database, `hub` follows the journal once for all clients of the process, `feed` speaks to one.
"""
