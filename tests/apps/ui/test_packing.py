"""Pages put together from pieces."""

import gzip
import random

import pytest

from vovremya.ui.packing import Piece, gzipped, pack, plain

TEXTS = ["", "с", "Смирнова Анна, 10:28. " * 500, "x" * 70_000, "🚗" * 3]


@pytest.mark.parametrize("seed", range(20))
def test_pieces_and_words_between_them_are_one_page(seed: int) -> None:
    dice = random.Random(seed)
    parts: list[Piece | bytes] = []
    for _ in range(dice.randrange(8)):
        text = dice.choice(TEXTS).encode()
        parts.append(pack(text) if dice.random() < 0.5 else text)
    assert gzip.decompress(gzipped(parts)) == plain(parts)


def test_words_between_the_pieces_are_not_compressed() -> None:
    assert b"a secret, a secret, a secret" in gzipped([pack(b"a secret, "), b"a secret, a secret, a secret"])


def test_size_tells_nothing() -> None:
    assert len({len(gzipped([b"the same"])) for _ in range(50)}) > 10
