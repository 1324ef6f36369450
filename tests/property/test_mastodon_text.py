"""What the server makes of a text comes back as it was, by the short way and by the long one."""

from hypothesis import given
from hypothesis import strategies as st

from pelayanan.platforms._mastodon_text import bare, shown
from pelayanan.testing._mastodon import html
from pelayanan.text.plain import plain_text

_LINK = "https://contoh.example/"
_WORDS = (
    f"@wati|@wati@lain.example|{_LINK}a?b=1&c=2|{_LINK}{'x' * 40}|#bansos|RT 02|3 < 4|&amp;|<b>"
)
_PARTS = st.sampled_from([*_WORDS.split("|"), *"é🙏\n\t\xa0\"'.", "\n\n", "  "])
TEXTS = st.lists(_PARTS | st.text(max_size=5), max_size=12).map(" ".join)
_TAGS = "<p>|</p>|<p dir='ltr'>|</p> <p>|</p><p>|<br>|<br />|<span>|</span>|<b>|<ul><li>|<!-- x -->"
_LINKS = "<a href='https://x.example'>|</a>|<a class=\"mention\" href='x'>"
_REST = "<|>|&lt;|&nbsp;|halo| |\n"
_MARKUP = st.sampled_from([part for parts in (_TAGS, _LINKS, _REST) for part in parts.split("|")])


@given(TEXTS)
def test_both_ways_show_the_same(text: str) -> None:
    assert shown(html(text)) == plain_text(html(text))


@given(TEXTS)
def test_a_text_is_known_again_after_the_server_has_shown_it(text: str) -> None:
    assert bare(shown(html(text))) == bare(text)


@given(st.lists(_MARKUP, max_size=12).map("".join))
def test_markup_of_other_servers_is_read_the_long_way(markup: str) -> None:
    assert shown(markup).split() == plain_text(markup).split()
