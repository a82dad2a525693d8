"""Invented values of personal data and of what only looks like it, in the ways people write them."""

from collections.abc import Callable
from random import Random


def _words(text: str, between: str | None = None) -> list[str]:
    return text.split(between)


_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_SPELLED = dict(
    zip(
        "0123456789",
        _words("nol satu dua tiga empat lima enam tujuh delapan sembilan"),
        strict=True,
    )
)
_FIRST = _words(
    "Asep Dadang Ujang Cecep Maman Endang Yayat Tatang Budi Agus Hendra Rudi Joko Bambang Slamet Wahyu Dedi Iwan Eko "
    "Ahmad Fajar Rizki Yusuf Hasan Ridwan Taufik Siti Rina Dewi Euis Lilis Neneng Yanti Sri Wati Ani Tuti Ratna "
    "Fitri Nurhayati Maryam Indah Putri Ayu Lestari Aisyah Halimah Kartini Imas Maria Yohanes Gregorius Made Ketut"
)
_LAST = _words(
    "Santoso Mulyana Suryadi Hidayat Setiawan Gunawan Kurniawan Wijaya Saputra Nugroho Susanto Permana Sutisna "
    "Suhendar Sunandar Rahayu Kartika Lestari Wulandari Handayani Komariah Marlina Rohmah Sulastri Anggraeni "
    "Siregar Nasution Simanjuntak Hutapea Wibowo Pratama Firmansyah Maulana Ramadhan Hermawan Iskandar Somantri"
)
_STREETS = _words(
    "Pajajaran Suryakencana Dadali Cimanggu Merdeka Semeru Bondongan Pahlawan Empang Siliwangi Batutulis Sawojajar "
    "Veteran Malabar Pandu Bangbarung Ciheuleut Katulampa Tumenggung Salak Papandayan Tajur"
)
_NAMED_STREETS = (
    "Ahmad Yani",
    "Dewi Sartika",
    "Ir. H. Juanda",
    "KH. Sholeh Iskandar",
    "Abdullah bin Nuh",
    "Mayor Oking",
    "Kapten Muslihat",
    "Raden Saleh",
    "Otto Iskandardinata",
    "Haji Mansyur",
)
_AREAS = _words(
    "Tanah Sareal,Bogor Timur,Kebon Pedes,Bogor Barat,Situ Gede,Kedung Badak,Mekarwangi,Sukasari,Cibadak,Tegallega,"
    "Baranangsiang,Pasir Jaya,Gunung Batu,Ciwaringin,Bantarjati,Kertamaya,Rancamaya,Cipaku",
    ",",
)
_MONTHS = _words(
    "januari februari maret april mei juni juli agustus september oktober november desember"
)
_PROVINCES = _words("11 12 13 18 31 32 33 34 35 36 51 61 64 71 73 81 91 94")
_REGIONS = _words("F B D AB AD AE H K L N R S T Z BG BK DK KB")


def digits(rng: Random, least: int, most: int | None = None) -> str:
    """So many random digits."""
    return "".join(rng.choices("0123456789", k=rng.randint(least, most or least)))


def _grouped(number: str, sizes: tuple[int, ...], gap: str) -> str:
    parts, start = [], 0
    for size in sizes:
        parts.append(number[start : start + size])
        start += size
    return gap.join(part for part in (*parts, number[start:]) if part)


def _in_script(rng: Random, number: str) -> str:
    return number.translate(rng.choice((_FULL_WIDTH, _FULL_WIDTH, _ARABIC)))


# -- telephone


def _subscriber(rng: Random) -> str:
    """A mobile number from its 8 on."""
    return (
        rng.choice(_words("811 812 813 815 816 818 819 821 822 838 852 856 857 858 877 878 895 896"))
        + rng.choice("123456789")
        + digits(rng, 6, 7)
    )  # fmt: skip


def phone(rng: Random) -> str:
    """A mobile number in one of many ways to write it."""
    rest = _subscriber(rng)
    national = "0" + rest
    ways: tuple[Callable[[], str], ...] = (
        lambda: national,
        lambda: national,
        lambda: "+62" + rest,
        lambda: "62" + rest,
        lambda: _grouped(national, (4, 4), rng.choice([" ", "-", ".", "_", "/"])),
        lambda: _grouped(national, (4, 4), rng.choice([" - ", "\u2013", "\u00a0", "•", " . "])),
        lambda: _grouped(national, (4, 3), rng.choice([" ", "-", "."])),
        lambda: "+62 " + _grouped(rest, (3, 4), rng.choice([" ", "-", "."])),
        lambda: "62 " + _grouped(rest, (3, 4), rng.choice([" ", "-"])),
        lambda: "+62-" + _grouped(rest, (3, 4), "-"),
        lambda: "(+62) " + _grouped(rest, (3, 4), " "),
        lambda: "+62(0)" + _grouped(rest, (3, 4), " "),
        lambda: f"({national[:4]}) " + _grouped(national[4:], (4,), " "),
        lambda: " ".join(national),
        lambda: _grouped(national, (4,), " "),
        lambda: _in_script(rng, national),
        lambda: _in_script(rng, _grouped(national, (4, 4), rng.choice([" ", "-"]))),
        lambda: _grouped(national, (4, 4), "\u200b"),
        lambda: rng.choice("oO") + rest,
        lambda: rng.choice("oO") + _grouped(rest, (3, 4), rng.choice([" ", "-"])),
        lambda: "o" + rest.replace("0", "o"),
    )
    return rng.choice(ways)()


def spelled_phone(rng: Random) -> str:
    """A mobile number in words, wholly or in part."""
    national = "0" + _subscriber(rng)
    words = [_SPELLED[digit] for digit in national]
    if rng.random() < 0.3:
        words[0] = "kosong"
    if rng.random() < 0.3:
        words = [word.replace("delapan", "lapan") for word in words]
    way = rng.randrange(4)
    if way == 0:
        return " ".join(words[:4]) + " " + national[4:]
    if way == 1:
        return ", ".join(words)
    return " ".join(words)


def phone_without_zero(rng: Random) -> str:
    """A mobile number from its 8 on, as a word before it allows."""
    return _grouped(_subscriber(rng), (3, 4), rng.choice(["", "", "-", " "]))


def landline(rng: Random) -> str:
    """A fixed line with its area code."""
    return rng.choice(("(0251) {}", "0251-{}", "0251 {}", "021-{}", "(021) {}")).format(
        rng.choice("2345678") + digits(rng, 6)
    )


# -- numbers of a person


def _identity(rng: Random) -> str:
    day = rng.randint(1, 28) + rng.choice((0, 40))
    return (
        f"{rng.choice(_PROVINCES)}{rng.randint(1, 79):02}{rng.randint(1, 30):02}"
        f"{day:02}{rng.randint(1, 12):02}{rng.randint(0, 99):02}{rng.randint(1, 4000):04}"
    )


def identity(rng: Random) -> str:
    """A possible NIK or KK number in one of the ways to write it."""
    number = _identity(rng)
    ways: tuple[Callable[[], str], ...] = (
        lambda: number,
        lambda: number,
        lambda: _grouped(number, (4, 4, 4), rng.choice([" ", ".", "-", "_", "\u00a0", "\u2013"])),
        lambda: _grouped(number, (6, 6), rng.choice([" ", ".", "-"])),
        lambda: _grouped(number, (2, 2, 2, 6), rng.choice([" ", "."])),
        lambda: _grouped(number, (2,) * 7, " "),
        lambda: " ".join(number),
        lambda: _in_script(rng, number),
        lambda: _in_script(rng, _grouped(number, (4, 4, 4), " ")),
    )
    return rng.choice(ways)()


def mistyped_identity(rng: Random) -> str:
    """What is no possible NIK, yet was meant as one."""
    number = _identity(rng)
    return rng.choice((number[:-1], number + digits(rng, 1), f"99{number[2:]}", f"{number[:6]}99{number[8:]}"))  # fmt: skip


def npwp(rng: Random) -> str:
    """A tax number of the old kind."""
    number = rng.choice("0123456789") + digits(rng, 14)
    if rng.random() < 0.3:
        return f"9{number[1:]}"
    return (
        f"{number[:2]}.{number[2:5]}.{number[5:8]}.{number[8]}-{number[9:12]}.{number[12:]}"
        if rng.random() < 0.8
        else f"{number[:2]} {number[2:5]} {number[5:8]} {number[8]} {number[9:12]} {number[12:]}"
    )


def bpjs(rng: Random) -> str:
    """A health insurance number."""
    number = "000" + rng.choice("123") + digits(rng, 9)
    return rng.choice((number, number, _grouped(number, (4, 4), " "), _grouped(number, (4, 4), "-")))  # fmt: skip


def driving_licence(rng: Random) -> str:
    """A driving licence's number."""
    number = rng.choice("123456789") + digits(rng, 11, 13)
    return rng.choice((number, number, _grouped(number, (4, 4), "-"), _grouped(number, (4, 4), " ")))  # fmt: skip


def passport(rng: Random) -> str:
    """A passport's number."""
    return rng.choice("ABCEX") + rng.choice(("", "", " ")) + digits(rng, 7)


def birth_date(rng: Random) -> str:
    """A day on which someone alive was born."""
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1940, 2024)
    return rng.choice(
        (
            f"{day:02}-{month:02}-{year}",
            f"{day:02}/{month:02}/{year}",
            f"{day} {_MONTHS[month - 1].capitalize()} {year}",
            f"{day} {_MONTHS[month - 1]} {year}",
        )
    )


_BANKS = {
    "BCA": 10, "BNI": 10, "BSI": 10, "Mandiri": 13, "BRI": 15, "BJB": 13, "BTN": 13, "CIMB Niaga": 12, "Danamon": 10,
    "Permata": 10, "Bank Jago": 12, "SeaBank": 12, "mandiri": 13, "bri": 15, "bca": 10, "bni": 10,
}  # fmt: skip


def bank(rng: Random) -> str:
    """A bank's name."""
    return rng.choice(list(_BANKS))


def bank_account(rng: Random) -> str:
    """An account's number."""
    number = rng.choice("13457") + digits(rng, rng.choice((9, 11, 12, 14)))
    gap = rng.choice(("", "", "", " ", "-", "."))
    return _grouped(number, (4, 4, 4) if gap != "-" else (3, 3), gap)


def email(rng: Random) -> str:
    """An e-mail address, plain or hidden from machines."""
    user = rng.choice(_FIRST).lower() + rng.choice((".", "_", "")) + rng.choice(_LAST).lower()
    user += rng.choice(("", "", digits(rng, 2)))
    host = rng.choice(("gmail.com", "yahoo.co.id", "yahoo.com", "outlook.com", "hotmail.com"))
    ways = (
        f"{user}@{host}",
        f"{user}@{host}",
        f"{user}@{rng.choice(('contoh.id', 'mail.contoh.org', 'kampus.contoh.ac.id'))}",
        f"{user}@{host}".upper(),
        f"{user} @ {host}",
        f"{user}(at){host}",
        f"{user} [at] {host.replace('.', ' [dot] ')}",
        f"{user} at {host.replace('.', ' dot ')}",
        f"{user}＠{host}",
        f"{user} at {host.replace('.', ' titik ')}",
    )
    return rng.choice(ways)


def handle(rng: Random) -> str:
    """An account's name on a platform, with its sign."""
    return "@" + bare_handle(rng)


def bare_handle(rng: Random) -> str:
    """An account's name on a platform."""
    start = rng.choice(_FIRST).lower()
    return rng.choice(
        (
            f"{start}_{digits(rng, 2)}",
            f"{start}.{rng.choice(_LAST).lower()}",
            f"{start}{digits(rng, 3)}",
            f"kang_{start}",
            f"warga_{start}_",
            f"{start.capitalize()}{rng.choice(_LAST)}",
        )
    )


def plate(rng: Random) -> str:
    """A vehicle's plate that shows by its shape."""
    gap = rng.choice((" ", " ", "", "-", "."))
    letters = "".join(rng.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=rng.choice((2, 3))))
    return f"{rng.choice(_REGIONS)}{gap}{digits_not_zero(rng, 3, 4)}{gap}{letters}"


def plate_after_vehicle(rng: Random) -> str:
    """A plate that needs the word before it: short, or in small letters."""
    letters = rng.choice(("A", "K", "AB", "KX", "TZ", "FGH"))
    written = (
        f"{rng.choice(_REGIONS)} {digits_not_zero(rng, 1, 4)} {letters}",
        f"{rng.choice(_REGIONS)} {digits_not_zero(rng, 3, 4)} {rng.choice(('ab', 'kx', 'tz', 'uwf'))}".lower(),
    )
    return rng.choice(written)


def digits_not_zero(rng: Random, least: int, most: int) -> str:
    """A number of so many digits without a leading zero."""
    return rng.choice("123456789") + digits(rng, least - 1, most - 1)


def name(rng: Random) -> str:
    """A person's name in capitals and small letters."""
    return rng.choice(
        (
            f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
            f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
            f"{rng.choice(_FIRST)} {rng.choice(_FIRST)} {rng.choice(_LAST)}",
            rng.choice(_FIRST),
            f"{rng.choice(_FIRST)} bin {rng.choice(_FIRST)}",
        )
    )


def full_name(rng: Random) -> str:
    """A name of two words."""
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def small_name(rng: Random) -> str:
    """A name someone typed in small letters."""
    return full_name(rng).lower()


def great_name(rng: Random) -> str:
    """A name as a document has it."""
    return full_name(rng).upper()


# -- what stays


def address(rng: Random) -> str:
    """A place a complaint is routed by, in the ways people say it."""
    street = rng.choice((*_STREETS, *_NAMED_STREETS))
    rt, rw = rng.randint(1, 15), rng.randint(1, 20)
    return rng.choice(
        (
            f"{rng.choice(('Jl.', 'Jalan', 'jl', 'Jln', 'jalan'))} {street}",
            f"{rng.choice(('Jl.', 'Jalan', 'Jl'))} {street} No. {rng.randint(1, 250)}",
            f"Gang {rng.choice(_STREETS)} {rng.choice(('II', 'no 4', 'RT 02'))}",
            f"RT {rt:02} RW {rw:02} Kelurahan {rng.choice(_AREAS)}",
            f"RT {rt:02}/RW {rw:02} {rng.choice(_AREAS)}",
            f"Perumahan {rng.choice(_STREETS)} Indah Blok {rng.choice('ABCDEF')} {rng.randint(1, 30)} No {rng.randint(1, 20)}",
            f"Kampung {rng.choice(_STREETS)} RT {rt:03}/{rw:03}",
            f"Kecamatan {rng.choice(_AREAS)}",
            f"{rng.choice(_AREAS)}, dekat {rng.choice(('Masjid Al Ikhlas', 'SDN Polisi 4', 'Pasar Anyar', 'Toko Sinar Jaya'))}",
        )
    )


def area(rng: Random) -> str:
    """A district's name."""
    return rng.choice(_AREAS)


def amount(rng: Random) -> str:
    """Money."""
    thousands = rng.randint(5, 950)
    return rng.choice(
        (
            f"Rp {thousands}.000",
            f"Rp{thousands}.000.000",
            f"Rp. {thousands}.000.000,00",
            f"{thousands} ribu",
            f"{thousands}rb",
            f"{thousands} juta",
            f"{thousands}.000.000.000 rupiah",
            f"IDR {thousands},000",
            f"{thousands}.000",
            f"rp {thousands}000000",
        )
    )


def day(rng: Random) -> str:
    """A date of this system's years."""
    d, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2019, 2026)
    return rng.choice(
        (
            f"{d:02}-{month:02}-{year}",
            f"{d}/{month}/{year}",
            f"{d:02}.{month:02}.{year}",
            f"{d} {_MONTHS[month - 1]} {year}",
            f"{year}-{month:02}-{d:02}",
        )
    )


def hours(rng: Random) -> str:
    """A time or a span of two."""
    first, last = rng.randint(5, 12), rng.randint(13, 23)
    return rng.choice(
        (
            f"{first:02}.00-{last}.30",
            f"{first:02}.15",
            f"{first:02}:00 s/d {last}:00",
            f"{last}.45 WIB",
            f"{first:02}:30 - {last}:00",
        )
    )


def ticket(rng: Random) -> str:
    """A ticket of ours."""
    letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
    return f"BGR-{''.join(rng.choices(letters, k=4))}-{''.join(rng.choices(letters, k=4))}-{rng.choice(letters)}"


def customer(rng: Random) -> str:
    """A number someone has with a utility; a few look like a telephone's."""
    return rng.choice((digits_not_zero(rng, 11, 12), digits_not_zero(rng, 8, 9), f"0812{digits(rng, 8)}"))  # fmt: skip


def token(rng: Random) -> str:
    """Twenty digits for a prepaid meter."""
    return _grouped(digits_not_zero(rng, 20, 20), (4,) * 4, " ")


def coordinates(rng: Random) -> str:
    """A place in degrees."""
    return f"-6.{digits(rng, 4, 7)}{rng.choice((', ', ','))}106.{digits(rng, 4, 7)}"


def year(rng: Random) -> str:
    """A year."""
    return str(rng.randint(2015, 2027))


def count(rng: Random) -> str:
    """A small number of things."""
    return str(rng.randint(2, 400))


def institution(rng: Random) -> str:
    """An office, a school, a firm: a name, but nobody's."""
    return rng.choice(
        (
            "Dinas Perhubungan",
            "Puskesmas Sindang Barang",
            "RSUD Kota Bogor",
            "SMAN 1 Bogor",
            "Satpol PP",
            "Tirta Pakuan",
            "Kantor Kecamatan Bogor Barat",
            "Yayasan Bina Insani",
            "PT Maju Jaya Abadi",
            "Kebun Raya",
            "Pasar Anyar",
            "Stasiun Bogor",
            "Masjid Raya Al Muttaqin",
            "Bank Sampah Melati",
            "Terminal Baranangsiang",
        )
    )
