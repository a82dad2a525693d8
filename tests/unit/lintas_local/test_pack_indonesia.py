"""The general pack on sentences of our own: Indonesian, Sundanese, Javanese."""

from datetime import UTC, datetime

import pytest

from lintas_local.layout import PACKS
from lintas_local.pack import load_pack, ruleset
from router.domain import Decision, Mention, compile_document, decide


@pytest.fixture(scope="module")
def decided():
    compiled = compile_document(ruleset(load_pack(PACKS / "indonesia")))

    def decided(text: str) -> Decision:
        return decide(
            Mention(text=text, received_at=datetime(2026, 11, 24, 3, tzinfo=UTC)), compiled
        )

    return decided


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        # said plainly
        ("Jalan di depan balai desa berlubang dan becek sejak Lebaran", "pupr"),
        ("Jembatan gantung ke kebun teh sudah putus, tolong diperbaiki", "pupr"),
        ("Selokan di RT kami tersumbat, tiap hujan air meluap ke halaman", "pupr"),
        ("Lampu penerangan jalan di tikungan itu padam dua malam", "dishub"),
        ("Yth Dinas PUTR, PJU di dusun kami padam", "pupr"),
        ("Mohon dipasang cermin tikungan di turunan pasar lama", "dishub"),
        ("Tukang parkir minta sepuluh ribu tanpa karcis", "dishub"),
        ("Sampah di TPS kampung sudah menumpuk dan belatungan", "dlh"),
        ("Dahan pohon mahoni menutupi lampu jalan, tolong dipangkas", "dlh"),
        ("Lampu taman mati semua, anak-anak takut bermain", "dlh"),
        ("Air PDAM keruh dan bau kaporit", "pdam"),
        ("Atap rumah tidak layak huni milik janda tua itu hampir runtuh", "perkim"),
        ("Nama ibu saya hilang dari daftar penerima bansos", "dinsos"),
        ("Akta kelahiran adik saya salah tulis", "disdukcapil"),
        ("Dokter di puskesmas datang jam sebelas", "dinkes"),
        ("PPDB jalur zonasi tidak jelas, panitia bungkam", "disdik"),
        ("Musik keras dari karaoke sampai dini hari", "satpolpp"),
        ("Pesangon karyawan pabrik belum dibayar", "naker"),
        ("Menara BTS berdiri tanpa sosialisasi ke warga", "kominfo"),
        ("Gas melon langka, pangkalan gas kosong seminggu", "ukm-dagang"),
        ("SPPT PBB atas nama almarhum kakek belum dimutasi", "pajak"),
        ("Izin usaha lewat OSS macet di verifikasi", "dpmptsp"),
        ("Bantuan pupuk untuk kelompok tani tidak turun", "pangan-tani"),
        ("Ular masuk kamar mandi, mohon evakuasi ular", "damkar"),
        ("Tiang telkom miring di depan gang kami", "pupr"),
        # as it is typed
        ("jln kp sawah rusk parah bnyk lobang", "pupr"),
        ("pju dpn masjid blm nyala2 jg", "dishub"),
        ("smpah numpuk bgt dkt sklh", "dlh"),
        ("mau bikin ektp antriannya gmn", "disdukcapil"),
        ("ada lowngan utk lulusan smk ga min", "naker"),
        # Sundanese
        ("Jalan butut pisan, legok dimana mana, iraha didangdosan", "pupr"),
        ("Solokan mampet, cai ka jalan, caah wae unggal hujan", "pupr"),
        ("Lampu jalan pareum tos saminggu, poek pisan", "dishub"),
        ("Runtah numpuk di sisi jalan, bauna teu kiat", "dlh"),
        ("Tangkal ageung bade rungkad, punten dipotong", "dlh"),
        ("Cai PDAM teu ngocor ti kamari", "pdam"),
        ("Seuneu ageung, imah tatangga kahuruan", "damkar"),
        ("Bantosan sosial teu acan katampi ku pun bapa", "dinsos"),
        # Javanese
        ("Dalane rusak kabeh, akeh lubang, kapan didandani", "pupr"),
        ("Selokane mampet, banyune mbludak menyang dalan", "pupr"),
        ("Lampune dalan mati wis seminggu, peteng", "dishub"),
        ("Uwuh numpuk pinggir kali, mambu", "dlh"),
        ("Wit gedhe arep ambruk, nyuwun ditebang", "dlh"),
        ("Banyu PDAM mati ket wingi", "pdam"),
        ("Omah tanggaku kobongan, tulung pemadam", "damkar"),
        ("Bocah sekolah durung entuk seragam, gurune meneng wae", "disdik"),
        # what is denied is not what it is about
        ("Bukan soal sampah, ini soal jalan yang berlubang", "pupr"),
        ("Ini bukan mati lampu, air PDAM yang tidak mengalir", "pdam"),
        ("Jalannya tidak rusak, tetapi lampu jalan mati", "dishub"),
        ("Jam buka loket akta kematian tidak ditulis", "disdukcapil"),
        # words that only look alike
        ("Kami memohon bantuan sosial untuk lansia", "dinsos"),
        ("Lahir sebelum Lebaran, akta kelahiran belum jadi", "disdukcapil"),
        ("Saya sudah berusaha mengurus kartu keluarga tiga kali", "disdukcapil"),
        ("Air meluap dari saluran, jalan tergenang", "pupr"),
    ],
)  # fmt: skip
def test_each_sentence_finds_its_office(decided, text, lead):
    assert decided(text).lead == lead


@pytest.mark.parametrize(
    "text",
    [
        "Tadi malam tidak mati lampu",
        "Di sini bukan jalan rusak",
        "Jalan santai hari Minggu ramai sekali",
        "Bagaimana kabarnya?",
        # everyday words one letter from what rules look for
        "Pisang, kacang dan kentang itu lembut, sayang sudah gosong",
        "Biasanya kami pulang dengan kenyang, betapa berkahnya",
        "Kami hanya bertanya, ora ana apa apa",
    ],
)
def test_nothing_is_found_where_nothing_is_said(decided, text):
    assert decided(text).lead is None


@pytest.mark.parametrize(
    ("text", "mention_class"),
    [
        # complaints
        ("Selokan tersumbat, tolong dibersihkan", "complaint"),
        ("@pemdakita lampu jalan mati dari kemarin", "complaint"),
        ("RT @kabarkota: jalan rusak depan terminal, kapan diperbaiki?", "complaint"),
        ("Runtah teu diangkut tos lima dinten", "complaint"),
        ("Dalane isih rusak, durung didandani", "complaint"),
        ("Terima kasih, tapi lampunya sudah mati lagi", "complaint"),
        # a wish for later
        ("Saya usul dibuat taman baca di tiap kelurahan", "aspiration"),
        ("Alangkah baiknya trotoar diberi pohon peneduh", "aspiration"),
        ("Kumaha mun aya beus gratis keur murangkalih sakola", "aspiration"),
        ("Piye nek ana bis malem kanggo buruh", "aspiration"),
        # a question
        ("Bagaimana cara mengurus surat pindah?", "information_request"),
        ("Mau tanya, jam pelayanan samsat hari Sabtu?", "information_request"),
        ("Gmn cara daftar ikd ya min", "information_request"),
        ("Kumaha carana ngadamel akte murangkalih", "information_request"),
        ("Piye carane ngurus ktp ilang", "information_request"),
        # the government's own words, handed on
        ("RT @dpukita: 12/3 URC wilayah barat, perbaikan saluran Jl. Melati", "own_post"),
        ("Giat penertiban PKL Jl. Kenanga pagi ini cc @pemdakita", "own_post"),
        ("Via @damkarkita evakuasi sarang tawon di Jl. Anggrek", "own_post"),
        # nothing to do
        ("Lampu depan rumah sudah menyala, terima kasih", "other"),
        ("Hatur nuhun, lampuna tos hurung", "other"),
        ("Matur nuwun, dalane wis apik", "other"),
        ("@pemdakita selamat pagi, semoga sehat selalu", "other"),
        ("Yuk jaga kebersihan, buang sampah pada tempatnya @dlhkita", "other"),
        ("Slot gacor maxwin malam ini", "other"),
    ],
)
def test_each_sentence_has_its_class(decided, text, mention_class):
    assert decided(text).mention_class == mention_class


def test_who_only_addresses_somebody_is_never_dropped_without_a_person(decided):
    decision = decided("@pemdakita di belakang stasiun begini terus dari bulan lalu")
    assert (decision.mention_class, decision.outcome) == ("complaint", "triage")


def test_the_same_words_are_no_handed_on_report_without_anybody_named(decided):
    assert decided("Penertiban PKL di Jl. Kenanga hanya sekali").mention_class == "complaint"
    assert decided("Tulis ke budi@contoh.id soal uang sekolah").mention_class == "complaint"


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("Rumah terbakar di gang sempit, api besar", "emergency"),
        ("Imah kahuruan, seuneu ageung", "emergency"),
        ("Omah kobongan, genine gedhe", "emergency"),
        ("Anak hanyut di sungai belakang pasar", "emergency"),
        ("Bocah kesetrum kabel tiang lampu", "emergency"),
        ("Satu kelas keracunan makanan", "emergency"),
        ("Pohon tumbang menutup jalan, ada yang tertimpa", "emergency"),
        ("Caah geus asup ka imah", "high"),
        ("Jalan amblas, membahayakan pengendara", "high"),
        ("Tolong diperbaiki sebelum ada korban jiwa", "high"),
        ("Pohon tumbang di jalan desa", "high"),
        ("Tidak ada banjir, hanya becek", "normal"),
        ("Akta kematian untuk ayah yang meninggal dunia tahun lalu", "normal"),
        ("Kami terjebak macet satu jam", "normal"),
        ("Jadwal truk sampah berubah", "normal"),
    ],
)
def test_danger_to_life_comes_first(decided, text, urgency):
    assert decided(text).urgency == urgency


@pytest.mark.parametrize(
    ("text", "subject", "stance"),
    [
        ("Saya setuju makan bergizi gratis, anak saya terbantu", "free_meals", "pro"),
        ("MBG di sekolah kami bagus, lanjutkan", "free_meals", "pro"),
        ("Abdi satuju pisan kana MBG", "free_meals", "pro"),
        ("Saya tidak setuju dengan MBG, itu pemborosan", "free_meals", "contra"),
        ("MBG? kami ora setuju", "free_meals", "contra"),
        ("Teu satuju MBG, mending dihentikan", "free_meals", "contra"),
        ("Makan siang gratis hari ini menunya apa?", "free_meals", "neutral"),
        ("Saya setuju jalan ini diperbaiki", None, "neutral"),
    ],
)
def test_each_sentence_takes_its_side(decided, text, subject, stance):
    decision = decided(text)
    assert (decision.subject, decision.stance) == (subject, stance)
