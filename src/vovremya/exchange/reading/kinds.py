"""What kind of a file it is: by its content, not by its name."""

from enum import Enum
from pathlib import Path

from vovremya.exchange.reading.bounds import LARGEST_FILE, FileRefused
from vovremya.exchange.reading.delimited import check_is_text

_ARCHIVE_MAGIC = b"PK"
_COMPOUND_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Kind(Enum):
    ARCHIVE = "archive"  # XLSX, XLSB, ODS
    COMPOUND = "compound"  # XLS
    TEXT = "text"


def kind_of(path: Path) -> Kind:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise FileRefused("file_missing", name=path.name) from None
    except OSError:
        raise FileRefused("file_unreadable", name=path.name) from None
    if size == 0:
        raise FileRefused("file_empty")
    if size > LARGEST_FILE:
        raise FileRefused("file_too_large", megabytes=LARGEST_FILE // 1_000_000)
    if head.startswith(_ARCHIVE_MAGIC):
        return Kind.ARCHIVE
    if head.startswith(_COMPOUND_MAGIC):
        return Kind.COMPOUND
    check_is_text(head)
    return Kind.TEXT
