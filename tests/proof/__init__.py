"""Harnesses that try to break the program: each is one command, bounded in time, with figures in docs/proof.md."""
