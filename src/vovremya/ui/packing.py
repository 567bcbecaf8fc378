"""Compressed pages, put together from pieces that were compressed once.

A page that many ask for differs between them in a few words: those travel as they are between the pieces, so that no
secret is ever compressed with anything else.
"""

import secrets
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

#: Half the time of the usual level for a page a fifth larger, which is still a tenth of the plain one.
_LEVEL = 3
_LONGEST_PADDING = 100
_RAW_DEFLATE = -15
#: Compressed by deflate, with a name, no time, from an unknown system.
_HEADER = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff"
_EMPTY_LAST_BLOCK = b"\x03\0"
_LONGEST_STORED_BLOCK = 0xFFFF


@dataclass(frozen=True)
class Piece:
    """Some bytes of a page, also as a stretch of a deflate stream that refers to nothing outside of it."""

    plain: bytes
    packed: bytes
    checksum: int

    @cached_property
    def _shift(self) -> int:
        """What as many bytes do to the checksum of those before them."""
        return _power_of_x(8 * len(self.plain))

    def checksum_after(self, before: int) -> int:
        return (_product(self._shift, before) if before else 0) ^ self.checksum


def pack(plain: bytes) -> Piece:
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW_DEFLATE)
    packed = compressor.compress(plain) + compressor.flush(zlib.Z_SYNC_FLUSH)
    return Piece(plain, packed, zlib.crc32(plain))


def gzipped(parts: Iterable[Piece | bytes]) -> bytes:
    """With a name of random length, so that the size of an answer tells nothing of what is in it."""
    stream = [_HEADER, b"a" * secrets.randbelow(_LONGEST_PADDING), b"\0"]
    checksum = size = 0
    for part in parts:
        if isinstance(part, Piece):
            stream.append(part.packed)
            checksum = part.checksum_after(checksum)
            size += len(part.plain)
        else:
            stream += _stored(part)
            checksum = zlib.crc32(part, checksum)
            size += len(part)
    stream += (_EMPTY_LAST_BLOCK, struct.pack("<LL", checksum, size & 0xFFFFFFFF))
    return b"".join(stream)


def plain(parts: Iterable[Piece | bytes]) -> bytes:
    return b"".join([part.plain if isinstance(part, Piece) else part for part in parts])


def _stored(plain: bytes) -> list[bytes]:
    """As blocks that are not compressed."""
    blocks: list[bytes] = []
    for start in range(0, len(plain), _LONGEST_STORED_BLOCK):
        block = plain[start : start + _LONGEST_STORED_BLOCK]
        blocks += (struct.pack("<BHH", 0, len(block), len(block) ^ 0xFFFF), block)
    return blocks


# The checksum of one text after another, from those of both: as zlib's `crc32_combine`, which Python does not give.
# Checksums are polynomials over two elements, the highest bit being x⁰.

_POLYNOMIAL = 0xEDB88320
_ONE, _X = 1 << 31, 1 << 30


def _product(a: int, b: int) -> int:
    product = 0
    while a:
        if a & _ONE:
            product ^= b
        a = a << 1 & 0xFFFFFFFF
        b = b >> 1 ^ _POLYNOMIAL if b & 1 else b >> 1
    return product


def _power_of_x(exponent: int) -> int:
    power, square = _ONE, _X
    while exponent:
        if exponent & 1:
            power = _product(power, square)
        square = _product(square, square)
        exponent >>= 1
    return power
