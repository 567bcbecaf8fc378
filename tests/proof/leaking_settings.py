"""The program's settings, and a page that keeps memory and a descriptor now and then. For negative controls alone."""

from vovremya.config.settings import *  # noqa: F403
from vovremya.config.settings import MIDDLEWARE as _USUAL

MIDDLEWARE = ["tests.proof.leaking.leaking", *_USUAL]
