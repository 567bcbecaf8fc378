from functools import cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from vovremya.ui import assets

register = template.Library()


@register.simple_tag
def asset(name: str) -> str:
    """The address of a built file: {% asset "app.css" %}."""
    return assets.url_of(name)


@register.simple_tag
def build_id() -> str:
    return assets.build_id()


@register.simple_tag
@cache
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """A sign of icons.json: {% icon "late" %}. Without a label the words beside it speak."""
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="i{}" {}><use href="#i-{}"/></svg>', f" {size}" if size else "", role, name)


@register.simple_tag
def icon_sprite() -> SafeString:
    """All icons as hidden symbols, once a page: the board's bars point at them."""
    return mark_safe(assets.sprite())  # noqa: S308  # our own build
