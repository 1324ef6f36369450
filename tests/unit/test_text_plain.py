import pytest

from pelayanan.text.plain import plain_text

LINK = (
    '<p>Isi di <a href="https://dinsos.example/layanan/form?id=17" target="_blank" rel="nofollow">'
    '<span class="invisible">https://</span><span class="ellipsis">dinsos.example/layanan/fo</span>'
    '<span class="invisible">rm?id=17</span></a> ya</p>'
)
MENTION = (
    '<p><span class="h-card"><a href="https://contoh.social/@dinsos" class="u-url mention">@<span>'
    'dinsos</span></a></span> bantuan <a href="https://contoh.social/tags/bansos" class="mention '
    'hashtag" rel="tag">#<span>bansos</span></a> belum sampai</p>'
)


def test_a_link_that_mastodon_shortens_comes_back_whole() -> None:
    assert plain_text(LINK) == "Isi di https://dinsos.example/layanan/form?id=17 ya"


def test_mentions_and_tags_of_mastodon_read_as_typed() -> None:
    assert plain_text(MENTION) == "@dinsos bantuan #bansos belum sampai"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("tanpa markup", "tanpa markup"),
        ("harga < 5 ribu & murah", "harga < 5 ribu & murah"),
        ("<p>Satu</p><p>Dua<br>Tiga</p>", "Satu\n\nDua\nTiga"),
        ("Satu<br/><br>Dua", "Satu\n\nDua"),
        ("<div>Satu</div><div>Dua</div>", "Satu\nDua"),
        ("<p>  rapat \n kan   <b>ini</b> , ya </p>", "rapat kan ini , ya"),
        ("&lt;b&gt; &amp; &quot;kutip&quot; &#8217;&nbsp;x", '<b> & "kutip" \u2019 x'),
        ("<style>p{}</style><p>a</p><script>alert('x<p>')</script>b", "a\n\nb"),
        ("a<template><p>b</p></template>c", "ac"),
        ("<head><title>Judul</head><body>isi</body>", "isi"),
        ("<ul><li>KTP</li><li>KK</li></ul>", "- KTP\n- KK"),
        ("<ol><li>Daftar</li><li>Tunggu<ul><li>di loket</ul></li></ol>",
         "1. Daftar\n2. Tunggu\n  - di loket"),
        ("<table><tr><th>Nama</th><th>RT</th></tr><tr><td>Wati</td><td>02</td></tr></table>",
         "Nama | RT\nWati | 02"),
        ("<p>Baik</p><blockquote><p>Kapan?</p><p>Di mana?</p></blockquote><p>Besok</p>",
         "Baik\n\n> Kapan?\n\n> Di mana?\n\nBesok"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ('<a href="https://dinsos.example/f">klik di sini</a>',
         "klik di sini (https://dinsos.example/f)"),
        ('<a href="https://www.dinsos.example/">dinsos.example</a>', "dinsos.example"),
        ('<a href="mailto:wati@contoh.example">surel</a>', "surel"),
        ("<p>Yth. Dinas<![if !supportLists]>,<![endif]> mohon", "Yth. Dinas, mohon"),
        ("a<![foo[b]]>c", "ac"),
        ("&#" + "9" * 5000 + "; &#x110000; &#0;", "\ufffd \ufffd \ufffd"),
        ("</ul></blockquote></p>teks", "teks"),
    ],
)  # fmt: skip
def test_markup_reads_like_text(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_a_mail_with_nested_tables_reads_well() -> None:
    html = """<html><head><style>td {color: red}</style></head><body>
    <table><tr><td><table><tr><td>Yth. Dinas Sosial</td></tr></table></td></tr>
    <tr><td><p>Bantuan kami belum sampai.</p></td></tr></table></body></html>"""
    assert plain_text(html) == "Yth. Dinas Sosial\n\nBantuan kami belum sampai."
