import pytest

from vovremya.kernel import vin


@pytest.mark.parametrize(
    ("typed", "kept", "valid"),
    [
        ("XTA217230D0123456", "XTA217230D0123456", True),
        ("xta 217230-d0123456", "XTA217230D0123456", True),
        ("ХТА217230D0123456", "XTA217230D0123456", True),  # Cyrillic twins
        ("V45LRWTCFC6U7YKNE", "V45LRWTCFC6U7YKNE", True),  # no check digit demanded
        ("XTA217230D012345", "XTA217230D012345", False),
        ("XTA217230D01234567", "XTA217230D01234567", False),
        ("ITA217230D0123456", "ITA217230D0123456", False),
        ("XTO217230D0123456", "XTO217230D0123456", False),
        ("XTQ217230D0123456", "XTQ217230D0123456", False),
        ("ЖТА217230D0123456", "ЖTA217230D0123456", False),
        ("NZE121-3012345", "NZE1213012345", False),  # a frame number of the Japanese market
        ("", "", False),
    ],
)
def test_vin(typed: str, kept: str, valid: bool) -> None:
    assert vin.normalise(typed) == kept
    assert vin.is_valid(typed) is valid
