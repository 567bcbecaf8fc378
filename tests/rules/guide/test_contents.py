from vovremya.guide.rules.contents import CHAPTERS, OPEN_PAGES, PAGES, SCREENS, neighbours


def test_a_page_stands_in_the_contents_once() -> None:
    assert len(set(PAGES)) == len(PAGES) == sum(len(chapter.pages) for chapter in CHAPTERS)


def test_screens_and_open_doors_lead_to_pages_that_there_are() -> None:
    assert set(SCREENS.values()) | OPEN_PAGES <= set(PAGES)


def test_who_reads_on_goes_through_all_pages() -> None:
    assert neighbours(PAGES[0]) == (None, PAGES[1])
    assert neighbours(PAGES[1]) == (PAGES[0], PAGES[2])
    assert neighbours(PAGES[-1]) == (PAGES[-2], None)
