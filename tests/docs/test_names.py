"""The documentation names only what exists: files, code, make targets."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ROOT / "src" / "vovremya"
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")]
CONTACT = ROOT / "docs" / "contact.md"
WAITS_FOR_EXCHANGES = "20"
NAMES_OF_TESTS = {
    name
    for path in (ROOT / "tests").glob("**/test_*.py")
    for name in re.findall(r"^ *def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}
PARTS = {path.name for path in CODE.iterdir() if (path / "__init__.py").exists()}


def words_of_code(document: Path) -> list[str]:
    """What stands in single backticks."""
    prose = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"`([^`\n]+)`", prose)


def is_code(module: Path, names: list[str]) -> bool:
    """`visits/actions/booking.book`: a module or package, and names in it, one inside the other."""
    path = CODE / module
    if not (path.is_dir() or path.with_suffix(".py").exists()):
        return False
    found: object = importlib.import_module(".".join(("vovremya", *module.parts)))
    for name in names:
        if not hasattr(found, name):
            return False
        found = getattr(found, name)
    return True


def exists(word: str) -> bool:
    if (ROOT / word).exists() or (CODE / word).exists():
        return True
    path, _, names = word.rstrip("()").partition(".")
    return is_code(Path(path), names.split(".") if names else [])


def is_name_of_code(word: str) -> bool:
    return bool(re.fullmatch(rf"(?:{'|'.join(sorted(PARTS))})(?:/[\w/]+)?(?:\.\w+)*(?:\(\))?/?", word)) and "/" in word


def is_path(word: str) -> bool:
    return bool(re.fullmatch(r"(?:src|tests|docs|tools|bench|\.ci)/[\w./-]+", word))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_named_file_and_function_exists(document: Path) -> None:
    words = [word for word in words_of_code(document) if is_name_of_code(word) or is_path(word)]
    assert [word for word in words if not exists(word)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
    inner = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in inner if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_named_make_target_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z.]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = re.findall(r"(?:^ *|`)make ([a-z.]+)", document.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(named) <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_named_test_exists(document: Path) -> None:
    named = {word for word in words_of_code(document) if re.fullmatch(r"test_\w+", word)}
    assert named - NAMES_OF_TESTS == set()


def test_every_rule_and_every_hard_case_has_its_test() -> None:
    rows = re.findall(r"^\| (M?\d+) \|.*\| (.+) \|$", CONTACT.read_text(encoding="utf-8"), re.MULTILINE)
    held = {number for number, tests in rows if "`test_" in tests}
    assert held == {f"M{rule}" for rule in range(1, 13)} | {str(case) for case in range(1, 27)} - {WAITS_FOR_EXCHANGES}
