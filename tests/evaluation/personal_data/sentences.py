"""The sentences: templates, filled with invented values. Every second template is held out.

Written before the detector was tuned, and frozen: the tests know the set by its hash.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from . import values

_SEED = 20260317
#: how many sentences are made of each template
_EACH = 14


class Span(NamedTuple):
    """Something in a sentence, as `Finding` says it."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text with all that is personal in it."""

    text: str
    personal: frozenset[Span]
    #: places the complaint is routed by, which no redaction may touch
    places: tuple[str, ...]
    held_out: bool


#: what a template may name: the kind it must be found as, or none, and who writes it
_FIELDS: dict[str, tuple[str | None, Callable[[Random], str]]] = {
    "phone": ("PHONE", values.phone),
    "spelled": ("PHONE", values.spelled_phone),
    "eight": ("PHONE", values.phone_without_zero),
    "landline": ("PHONE", values.landline),
    "nik": ("NIK", values.identity),
    "nik_mistyped": ("NIK", values.mistyped_identity),
    "kk": ("KK", values.identity),
    "npwp": ("NPWP", values.npwp),
    "bpjs": ("BPJS", values.bpjs),
    "sim": ("SIM", values.driving_licence),
    "passport": ("PASSPORT", values.passport),
    "born": ("BIRTH_DATE", values.birth_date),
    "account": ("BANK_ACCOUNT", values.bank_account),
    "email": ("EMAIL", values.email),
    "handle": ("HANDLE", values.handle),
    "user": ("HANDLE", values.bare_handle),
    "plate": ("PLATE", values.plate),
    "vehicle_plate": ("PLATE", values.plate_after_vehicle),
    "name": ("NAME", values.name),
    "full_name": ("NAME", values.full_name),
    "small_name": ("NAME", values.small_name),
    "great_name": ("NAME", values.great_name),
    "address": (None, values.address),
    "area": (None, values.area),
    "bank": (None, values.bank),
    "amount": (None, values.amount),
    "day": (None, values.day),
    "hours": (None, values.hours),
    "ticket": (None, values.ticket),
    "customer": (None, values.customer),
    "token": (None, values.token),
    "coordinates": (None, values.coordinates),
    "year": (None, values.year),
    "count": (None, values.count),
    "institution": (None, values.institution),
}

_PERSONAL = """
hub saya di {phone} ya min
Mohon hubungi {phone}, petugas belum datang juga
WA {phone} biar cepat
nomor sy {phone} pak
HP: {phone}
kontak saya {phone} (WA), rumah di {address}
lampu PJU di {address} mati, info lebih lanjut {phone}
{phone} hubungi saya soal pipa bocor
Bisa telepon ke {phone} kalau mau survei lokasi
nomor saya {phone}, sebelumnya {phone}
no hp {phone} jangan disebar
tolong dihubungi di nomor {phone}!
ini nomor suami saya: {phone}
chat aja ke {phone}, foto ada di saya
cp {phone} warga {address}
pohon tumbang di {address}. Info: {phone}
saya bisa ditemui kapan saja ({phone})
transfer DANA ke {phone} katanya biar diurus
sms ke {phone} jam {hours}
nuhun kang, ieu nomer abdi {phone} bilih peryogi
nomerku {phone} yo mas, banyune mati
call me {phone} about the flooded street
sudah saya kirim tanggal {day}, kontak {phone}
tiket {ticket} belum dibalas, hubungi {phone}
{amount} diminta oknum lewat {phone}
Petugas bilang {count} hari, nyatanya tidak. {phone}
nomor WA: {phone}; alamat: {address}
telpon saya {spelled}
hp saya {spelled} ya pak
nomor wa {spelled}, tolong dicek
kontak: {spelled}
hubungi saja {spelled} untuk lokasi
silakan ke {spelled} bila perlu
hp {eight}
no wa saya {eight} pak, air keruh
hubungi {eight} ya
whatsapp: {eight}, got mampet di {address}
telp rumah {landline} tidak pernah dihubungi
tlp {landline} sore hari
hubungi kantor saya {landline} jam kerja
NIK saya {nik} sudah dikirim
nik {nik} tidak terdaftar
No. KTP: {nik}, menunggu sejak {day}
ktp {nik} belum dicetak juga
data saya {nik} salah ketik di dukcapil
{nik} itu nik bapak saya, bansos dicoret
bansos belum turun, NIK {nik}, {address}
nik suami {nik}, nik istri {nik}
tolong dicek {nik} di DTKS
punya ibu saya {nik} ya min
KTP elektronik dengan nomor {nik} rusak
warga dengan NIK: {nik} belum terdata
Nomor Induk Kependudukan {nik} ganda
NIK {nik}
nik saya {nik_mistyped} katanya tidak valid
No KTP {nik_mistyped} ditolak sistem
kk {kk} belum diperbarui
Nomor Kartu Keluarga {kk} tidak ditemukan
No. KK: {kk}, NIK: {nik}
KK saya {kk}, alamat {address}
kartu keluarga no {kk} salah nama
nomor KK {kk} pindah dari {area}
NPWP {npwp} tidak valid
npwp saya {npwp} belum aktif
No. NPWP: {npwp}
NPWP usaha {npwp}, lokasi {address}
BPJS {bpjs} nonaktif
no bpjs {bpjs} tidak aktif padahal bayar
kartu BPJS saya {bpjs} ditolak puskesmas
Nomor BPJS Kesehatan: {bpjs}
SIM saya {sim} mati
no SIM {sim} tidak bisa diperpanjang
Nomor SIM: {sim}
SIM C {sim} hilang di {address}
paspor {passport} hilang di angkot
no paspor {passport} sudah habis
Nomor Paspor: {passport}
passport saya {passport} belum selesai
tgl lahir {born} salah di KTP
lahir tanggal {born}, akta belum jadi
Tanggal lahir: {born}
anak saya lahir {born} belum punya akta
TTL: Bogor, {born}
tanggal lahir saya {born} keliru
rekening {bank} {account} pengembalian belum masuk
no rek {account} {bank}
diminta transfer ke {bank} {account}
norek saya {account}
nomor rekening: {account}
rek. {account} oleh oknum parkir
bayar ke rekening {account} a.n. {full_name}
Rek {bank}: {account}, bansos belum cair
minta uang ke {account} ({bank})
no. rekening {bank} {account} salah cetak
email saya {email} belum dapat balasan
kirim ke {email} hasil labnya
Email: {email}
surel {email} tidak menerima kode
kirim bukti ke {email} terima kasih
hubungi {email} atau {phone}
balas ke {email}, alamat {address}
{email}
kata {handle} sudah lapor
{handle} juga mengalami air mati
cc {handle} lampu merah mati di {address}
RT {handle}: banjir di {area}
dm aja {handle}.
(via {handle})
cek ig: {user} ada videonya
ig : {user}
lihat https://www.instagram.com/{user} untuk video
fb: {user}
videonya di tiktok.com/{handle}
{handle} {handle} lihat, macet parah di {address}
@pemkotbogor tolong dibalas, kata {handle} sudah lama
Angkot {plate} ngebut di depan {institution}
mobil {plate} buang sampah ke sungai
truk {plate} lewat jam {hours}, jalan licin
{plate} parkir di trotoar {address}
pelaku pakai motor {plate}
plat {plate} tabrak lari
nopol {vehicle_plate} parkir sembarangan
plat nomor {vehicle_plate} lawan arah
mobil plat {vehicle_plate} menutup pagar
no pol {vehicle_plate}, warna putih
nama saya {name}, jalan rusak di {address}
nama saya {name} mau lapor banjir
Nama: {name}
Nama : {full_name}, HP: {phone}
nama sy {small_name}, tinggal di {area}
nama saya {small_name} mau tanya jadwal vaksin
Perkenalkan saya {name} dari {area}
perkenalkan nama saya {name}, mau lapor got mampet
Saya {full_name}, warga {area}, tanggul retak
saya {name} dari {area} mau usul taman baca
sy {full_name}, warga {area}, air mati dari jam {hours}
ktp an {great_name} belum jadi
atas nama {name} hilang di kelurahan
a.n. {full_name} belum terdaftar
warga an. {full_name}, {address}
Hormat saya, {full_name}
Terima kasih. Salam, {full_name}
tetangga saya Pak {name} bakar sampah tiap sore
pak {name} bakar sampah terus
Bu {name} sakit stroke butuh ambulans di {address}
tolong ibu {name} belum dapat bansos
Bapak {full_name} menutup saluran air
Ibu {full_name} ({count} th) belum dibantu
guru bernama {name} memungut uang les
oknum bernama {full_name} minta {amount}
sdr. {full_name} membuang limbah
Sdri {full_name} petugas loket ramah sekali
mbak {name} di loket {count} jutek
mas {name} petugas kebersihan rajin
kang {name} hatur nuhun, jalan geus alus
teh {name} di kelurahan membantu sekali
Pelapor: {full_name}
Pemohon: {full_name}, {address}
korban {full_name} dirawat di {institution}
suami saya {full_name} kecelakaan di {address}
Dari {full_name} ({phone}): pohon mau tumbang
hub {name} {phone} untuk lokasi
Pungli oleh Pak {name} di {institution}
abdi {full_name} ti {area}, jalanna ruksak
NIK : {nik}\\nNama : {great_name}\\nAlamat : {address}
Nama: {full_name}\\nNo HP: {phone}\\nLaporan: lampu mati di {address}
Nama lengkap: {full_name}\\nTempat/Tgl Lahir : BOGOR, {born}
Yth. Bapak Wali Kota,\\nsaya {full_name}, {address}. Mohon bantuan.\\n{phone}
Assalamualaikum, saya {full_name} (NIK {nik}) warga {area}, KTP belum jadi. WA {phone}
rekening {bank} {account} atas nama {full_name}, hp {phone}
""".strip().splitlines()

_CLEAN = """
Jalan rusak di {address} sejak {year}, mohon diperbaiki
lampu PJU mati di {address}, gelap sekali
{address} banjir setinggi {count} cm
sampah menumpuk di {address} sudah {count} hari
tarif naik dari {amount} ke {amount}
dipungut {amount} di parkiran {institution}
anggaran {amount} tahun {year} ke mana
biaya {amount} tanpa kwitansi
retribusi {amount} per bulan, katanya {amount}
bayar {amount} tanggal {day} belum tercatat
denda {amount} dibayar {day} jam {hours}
laporan saya {day} jam {hours} belum ditanggapi
loket tutup {hours} padahal jadwal {hours}
pelayanan {hours} hari {day} offline
sejak tanggal {day} sampai {day} air mati
{day} {hours} banjir di {area}
Tiket {ticket} belum ada kabar
tiket saya {ticket} kok ditutup
nomor tiket {ticket} sejak {day}
No. laporan {ticket} tidak bisa dibuka
ID pelanggan {customer} listrik padam
no pelanggan {customer} PDAM mati air
idpel {customer} tagihan naik dua kali
nomor meter {customer} tidak bisa isi token
No. Meter: {customer}, {address}
rekening listrik {customer} sudah dibayar
rekening air {customer} salah catat
nomor sambungan {customer} bocor
nomor aduan {customer} sudah seminggu
resi {customer} paket bansos belum sampai
no registrasi {customer} ditolak
kode pembayaran PBB {customer} kedaluwarsa
token {token} ditolak meteran
stroom {token} gagal, nomor meter {customer}
lokasi {coordinates} longsor kecil
koordinat: {coordinates}
titik {coordinates} dekat {address}
https://maps.google.com/?q={coordinates} lubangnya di sini
jalan provinsi km {count} rusak parah
KM {count} tol arah {area} macet
ada {count} lubang di {address}
{count} rumah terendam, {count} warga mengungsi
{count} siswa menyeberang tiap pagi di depan {institution}
kuota {count} kk belum kebagian beras
angkot {count} jurusan {area} ngetem lama
bus Trans Pakuan koridor {count} telat {count} menit
trayek {count} A tidak lewat {area} lagi
bus nomor {count} penuh dari {area}
sejak {year} janji, {year} janji, {year} belum diaspal
Perda No. {count} Tahun {year} belum ditegakkan
surat nomor 600/{count}-DPUPR/{year} belum dijawab
SK {count} tahun {year} sudah habis
#BogorBanjir di {area} lagi
#save{area} tolak tower BTS
macet #{year} di {address}
lihat berita kotabogor.go.id/berita/{year}/{count}
{institution} tutup lebih awal dari jam {hours}
antre {count} jam di {institution}
pelayanan {institution} bagus sekali, terima kasih
Kapan {institution} diperbaiki?
Pak RT dan Bu Lurah tolong turun ke {address}
Pak Wali Kota, kapan {address} diaspal
Bapak Camat {area} tidak pernah datang
Bu Kades dan Pak Sekda mohon tindak lanjut
Kepada Yth. Bapak Kepala Dinas Perhubungan, mohon rambu di {address}
saya warga {area} mau lapor banjir
Saya dari {area}, air keruh sejak {day}
Saya tinggal di {address}, air mati
saya pedagang di {institution}, retribusi {amount}
saya mendukung ganjil genap di {area}
nama jalan di {address} salah tulis
nama {institution} salah di papan
atas nama warga {area} kami menolak tower
Kami warga {address} menolak tower BTS
dari {area} ke {area} macet {count} menit
ketua RT tidak transparan soal kas {amount}
mas petugas loket {count} lambat
min tolong lampu di {address} mati
makasih min @pemkotbogor jalan {address} sudah mulus
@pemkotbogor kapan {address} diperbaiki
call center 112 tidak diangkat, 119 juga sibuk
kode pos 161{count} tertukar
harga cabai {amount} - {amount} per kg di {institution}
hasil lab {count} mg, batas {count} mg, tanggal {day}
debit {count} m3 per detik, curah hujan {count} mm
lebar {count} m, panjang {count}.{count} m di {address}
rumah di Blok B 10 AB {area} gelap
Blok F {count} nomor {count} Perumahan Cimanggu banjir
nomor antrean {count} dipanggil dua kali
PJU nomor {count} di {address} mati
tiang listrik nomor {customer} miring
NOP 32.71.060.001.012-0345.0 PBB naik jadi {amount}
KK, KTP dan akta butuh berapa hari?
NIK saya tidak terdaftar padahal sudah rekam {day}
no hp saya sudah didaftarkan, OTP tidak masuk sejak {day}
BPJS nonaktif, padahal bayar {amount} tiap bulan
rekening belum cair sampai {day}
rekening saya dipotong {amount} oleh koperasi
email tidak dibalas sejak {day}
nomor WA layanan {institution} tidak aktif
nomor polisi ganjil genap tanggal {day} membingungkan
perlu SIM atau paspor untuk daftar di {institution}?
akta lahir anak belum jadi sejak {day}
Hayang aya taman di {area}, hatur nuhun
banyune mati nang {area} wis {count} dina
the street light at {address} has been broken since {day}
open data {year} belum ada, minta jadwal {hours}
skor layanan {count} dari {count} responden
suhu {count} derajat, asap dari {institution}
""".strip().splitlines()

_OPENINGS = (
    "", "", "", "", "Min, ", "Selamat pagi. ", "Assalamualaikum, ", "Lapor! ", "Mohon bantuan: ", "Punten, ",
    "Sudah {count} hari tidak ada kabar. ", "Jalan di {address} rusak. ",
)  # fmt: skip
_ENDINGS = (
    "", "", "", "", "", " 🙏", " Terima kasih.", " Mohon tindak lanjut!", ", lokasi {address}", " (foto terlampir)",
    ", tolong ya", " #bogor",
)  # fmt: skip
_FIELD = re.compile(r"\{(\w+)\}")
#: a name that ends a sentence would swallow these
_STANDS_ALONE = ("\\n", "https://")


def sentences() -> Iterator[Sentence]:
    """All of them, always the same and in the same order."""
    rng = Random(_SEED)
    for templates in (_PERSONAL, _CLEAN):
        for number, template in enumerate(templates):
            for _ in range(_EACH):
                yield _filled(rng, _embedded(rng, template), held_out=number % 2 == 1)


def _embedded(rng: Random, template: str) -> str:
    """The template within what else people write."""
    opening, ending = rng.choice(_OPENINGS), rng.choice(_ENDINGS)
    if any(mark in template for mark in _STANDS_ALONE):
        return template.replace("\\n", "\n")
    if template.endswith("}"):
        ending = f". {ending.lstrip(' ,').capitalize()}" if ending.strip() else ending
    return opening + template + ending


def _filled(rng: Random, template: str, *, held_out: bool) -> Sentence:
    text, end = "", 0
    personal: set[Span] = set()
    places: list[str] = []
    for field in _FIELD.finditer(template):
        text += template[end : field.start()]
        kind, write = _FIELDS[field[1]]
        value = write(rng)
        if kind:
            personal.add(Span(kind, len(text), len(text) + len(value)))
        elif field[1] in {"address", "area"}:
            places.append(value)
        text += value
        end = field.end()
    return Sentence(text + template[end:], frozenset(personal), tuple(places), held_out)
