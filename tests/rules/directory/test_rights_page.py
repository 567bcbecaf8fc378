from tools.rights import PAGE, page


def test_the_page_of_rights_is_that_of_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"
