from vovremya.visits.rules.settings import Setting, SettingOf


def test_what_is_added_is_what_the_setting_is_about_from_then_on() -> None:
    added = SettingOf(1, Setting.BAY)
    assert added.about(7) == SettingOf(1, Setting.BAY, 7)
