"""`make bench`: how fast the board is."""

import sys

from bench.board import main

if __name__ == "__main__":
    sys.exit(main())
