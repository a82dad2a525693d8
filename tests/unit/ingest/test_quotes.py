import pytest

from ingest.domain.markup import plain_text
from ingest.domain.quotes import own_words

MAILS = {
    "Gmail": (
        "Baru.\n\nOn Mon, 2 Nov 2026 at 18:26, Kantor <k@x.example> wrote:\n\n> Lama",
        "Baru.",
    ),
    "Gmail, Indonesian": (
        "Baru.\n\nPada Sen, 2 Nov 2026 18.26, Kantor <k@x.example> menulis:\n> Lama",
        "Baru.",
    ),
    "Gmail, folded": (
        (
            "Baru.\r\n\r\nPada tanggal Sen, 2 Nov 2026 pukul 18.26 Kantor Layanan Warga\r\n"
            "<kantor@x.example> menulis:\r\n\r\n> Lama"
        ),
        "Baru.",
    ),
    "Outlook": (
        "Baru.\n\n________________________________\nFrom: Kantor\nSent: Monday\nTo: Siti\nSubject: x\n\nLama",
        "Baru.",
    ),
    "Outlook, Indonesian": (
        "Baru.\n\n________________________________\nDari: Kantor\nDikirim: Senin\nKepada: Siti\n\nLama",
        "Baru.",
    ),
    "between the lines": (
        "On Mon, 2 Nov 2026, Kantor <k@x.example> wrote:\n> Di mana?\nDi depan pasar.\n> Kapan?\nKemarin.",
        "Di depan pasar.\nKemarin.",
    ),
    "below": (
        "Pada Sen, 2 Nov 2026 18.26, Kantor <k@x.example> menulis:\n> Di mana?\n\nDi depan pasar.",
        "Di depan pasar.",
    ),
    "forwarded": (
        "---------- Pesan terusan ----------\nDari: Budi\nTanggal: Senin\n\nJalan rusak.",
        "---------- Pesan terusan ----------\nDari: Budi\nTanggal: Senin\n\nJalan rusak.",
    ),
    "nothing quoted": ("Jalan rusak.\n- satu\n- dua\n\nTerima kasih,\nSiti", None),
    "words like a heading's": ("Pada hari Senin petugas menulis surat:\nisi", None),
    "a long line": ("On " + "a " * 400 + "wrote:", None),
}


@pytest.mark.parametrize(("mail", "own"), MAILS.values(), ids=MAILS)
def test_a_reply_is_read_without_what_it_quotes(mail, own):
    assert own_words(mail) == (mail.strip() if own is None else own)


PAGES = {
    "lines": ("<p>Satu<br>dua</p>\n<div>tiga</div>", "Satu\ndua\n\ntiga"),
    "breaks in the source": ("Satu\r\ndua", "Satu dua"),
    "entities": ("&lt;b&gt; a&nbsp;b &amp;amp;", "<b> a b &amp;"),
    "hidden": ("<style>p{}</style><title>t</title><script>x()</script>Satu<!-- dua -->", "Satu"),
    "attributes": ('<a href="javascript:x()" onclick=x>Satu</a>', "Satu"),
    "nested words": ("<p><span>@<span>kota</span></span> halo</p>", "@kota halo"),
    "unclosed": ("<p>Satu<div", "Satu"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("html", "text"), PAGES.values(), ids=PAGES)
def test_html_is_read_as_a_browser_shows_it(html, text):
    assert plain_text(html) == text


def test_block_quotes_are_left_out_on_request():
    html = "Satu<blockquote>lama<blockquote>lebih lama</blockquote></blockquote>"
    assert plain_text(html, quotes=False) == "Satu"
    assert plain_text(html) == "Satu\nlama\nlebih lama"
