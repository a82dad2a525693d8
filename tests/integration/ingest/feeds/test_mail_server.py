"""Letters over real SMTP and LMTP connections."""

import asyncio
import smtplib
from email.message import EmailMessage
from io import BytesIO

import pytest
from PIL import Image

pytestmark = pytest.mark.stack


def deliver(port: int, raw: bytes, to=("lapor@kota.example",), sender="siti@surat.example"):
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        return client.sendmail(sender, [*to], raw)


async def texts(ingest) -> list[str]:
    return [event["mention"]["text"] for event in await ingest.events()]


async def test_a_letter_is_kept_before_it_is_answered(ingest, listen, letter):
    async with listen() as port:
        assert await asyncio.to_thread(deliver, port, letter("satu")) == {}
        assert await texts(ingest) == ["Lampu jalan mati."]


async def test_delivered_five_times_in_parallel_it_is_one(ingest, listen, letter):
    async with listen() as port:
        await asyncio.gather(*[asyncio.to_thread(deliver, port, letter("satu")) for _ in range(5)])
    assert await ingest.count("complaint") == 1


async def test_a_letter_to_two_accounts_is_heard_by_each(ingest, listen, letter):
    to = ["lapor@kota.example", "Lapor+x@kota.example", "satpol@kota.example"]
    async with listen() as port:
        await asyncio.to_thread(deliver, port, letter("satu"), to)
    accounts = sorted(event["mention"]["account"] for event in await ingest.events())
    assert accounts == ["lapor", "satpol"]


async def test_an_address_of_nobody_is_refused_at_once(ingest, listen, letter):
    async with listen() as port:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            await asyncio.to_thread(deliver, port, letter("satu"), ["lain@kota.example"])
    assert refused.value.recipients["lain@kota.example"][0] == 550
    assert await ingest.count("complaint") == 0


async def test_an_answer_continues_its_complaint_for_its_writer_alone(ingest, listen, letter):
    async with listen() as port:
        await asyncio.to_thread(deliver, port, letter("satu"))
        again = letter("dua", "Masih mati.", In_Reply_To="<satu@surat.example>")
        await asyncio.to_thread(deliver, port, again)
        stranger = letter("tiga", "Saya juga.", In_Reply_To="<satu@surat.example>").replace(
            b"siti@", b"budi@"
        )
        await asyncio.to_thread(deliver, port, stranger, sender="budi@surat.example")
        forged = letter("empat", "Batal saja.", In_Reply_To="<satu@surat.example>")
        await asyncio.to_thread(deliver, port, forged, sender="x@jahat.example")
    first, second, *others = [event["complaint_id"] for event in await ingest.events()]
    assert first == second
    assert len({first, *others}) == 3


async def test_an_address_with_the_ticket_continues_its_complaint(ingest, listen, letter):
    async with listen() as port:
        await asyncio.to_thread(deliver, port, letter("satu"))
        [first] = await ingest.events()
        to = [f"lapor+{first['mention']['ticket']}@kota.example"]
        await asyncio.to_thread(deliver, port, letter("dua", "Masih mati."), to)
    assert await ingest.count("complaint") == 1


async def test_a_letter_over_the_limit_is_refused_for_good(ingest, listen, letter):
    async with listen(most_bytes=70_000) as port:
        with pytest.raises(smtplib.SMTPResponseException) as refused:
            await asyncio.to_thread(deliver, port, letter("satu", "a\r\n" * 50_000))
        # also where the client says no size before
        with pytest.raises(smtplib.SMTPDataError) as late:
            await asyncio.to_thread(_without_size, port, letter("satu", "a\r\n" * 50_000))
    assert (refused.value.smtp_code, late.value.smtp_code) == (552, 552)
    assert await ingest.count("complaint") == 0


def _without_size(port: int, raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.ehlo()
        client.mail("siti@surat.example")
        client.rcpt("lapor@kota.example")
        code, answer = client.data(raw)
        if code != 250:
            raise smtplib.SMTPDataError(code, answer)


async def test_while_nothing_durable_can_be_written_it_is_to_be_tried_again(ingest, listen, letter):
    backlog = ingest.app.state.deps.backlog
    async with listen() as port:
        backlog.added(10_000_000)
        with pytest.raises(smtplib.SMTPDataError) as later:
            await asyncio.to_thread(deliver, port, letter("satu"))
        assert later.value.smtp_code == 451
        assert await ingest.count("complaint") == 0
        await backlog.measure(ingest.app.state.deps.work)
        await asyncio.to_thread(deliver, port, letter("satu"))
    assert await ingest.count("complaint") == 1


async def test_a_bounce_and_a_machines_letter_open_nothing(ingest, listen, letter):
    async with listen() as port:
        await asyncio.to_thread(deliver, port, letter("satu"), sender="")
        await asyncio.to_thread(deliver, port, letter("dua", Auto_Submitted="auto-replied"))
    assert await ingest.count("complaint") == 0
    assert await ingest.count("set_aside") == 0


async def test_what_runs_in_a_circle_is_set_aside(ingest, listen, letter):
    async with listen() as port:
        loop = letter("x").replace(b"x@surat.example", b"x@lapor.kota.example")
        await asyncio.to_thread(deliver, port, loop)
    assert await ingest.count("complaint") == 0
    assert await ingest.count("set_aside") == 1


def with_files() -> bytes:
    picture = BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    message = EmailMessage()
    message["From"], message["Message-ID"] = "siti@surat.example", "<berkas@surat.example>"
    message.set_content("Lihat foto.")
    message.add_attachment(picture.getvalue(), maintype="image", subtype="png", filename="a.png")
    message.add_attachment(
        b"PK\x03\x04" + bytes(50), maintype="image", subtype="png", filename="b.png"
    )
    return message.as_bytes()


async def test_files_are_kept_and_those_of_no_kept_kind_are_set_aside(ingest, listen):
    async with listen() as port:
        await asyncio.to_thread(deliver, port, with_files())
        await asyncio.to_thread(deliver, port, with_files())
    [event] = await ingest.events()
    [media] = event["mention"]["media"]
    assert media["media_type"] == "image/png"
    reasons = await ingest.database.fetch("SELECT DISTINCT reason FROM set_aside")
    assert [row["reason"] for row in reasons] == ["unsupported"]


async def test_lmtp_answers_for_each_recipient(ingest, listen, letter):
    async with listen(protocol="lmtp") as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def ask(line: str, answers: int = 1) -> list[str]:
            writer.write(line.encode() + b"\r\n")
            return [(await reader.readline()).decode()[:3] for _ in range(answers)]

        greeting = await reader.readline()
        assert greeting.startswith(b"220")
        assert await ask("EHLO a") == ["500"]
        writer.write(b"LHLO a\r\n")
        while (await reader.readline())[3:4] == b"-":
            pass
        assert await ask("MAIL FROM:<siti@surat.example>") == ["250"]
        assert await ask("RCPT TO:<lapor@kota.example>") == ["250"]
        assert await ask("RCPT TO:<lain@kota.example>") == ["550"]
        assert await ask("RCPT TO:<satpol@kota.example>") == ["250"]
        assert await ask("DATA") == ["354"]
        writer.write(letter("satu"))
        assert await ask(".", 2) == ["250", "250"]
        assert await ask("QUIT") == ["221"]
        writer.close()
    assert await ingest.count("complaint") == 2


async def test_connections_over_the_limit_are_turned_away(ingest, listen, letter):
    async with listen(most_connections=1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert (await reader.readline()).startswith(b"220")
        other, other_writer = await asyncio.open_connection("127.0.0.1", port)
        assert (await other.readline()).startswith(b"421")
        other_writer.close()
        writer.write(b"QUIT\r\n")
        await reader.read()
        writer.close()
        await asyncio.to_thread(deliver, port, letter("satu"))
    assert await ingest.count("complaint") == 1


async def test_a_client_that_hangs_up_within_its_letter_leaves_nothing(ingest, listen, letter):
    async with listen() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        for line in ("HELO a", "MAIL FROM:<a@b.example>", "RCPT TO:<lapor@kota.example>", "DATA"):
            writer.write(line.encode() + b"\r\n")
            await reader.readline()
        writer.write(letter("satu"))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        await asyncio.to_thread(deliver, port, letter("dua"))
    assert await ingest.count("complaint") == 1


@pytest.mark.parametrize(
    "lines",
    [b"\xff\xfe\r\n", b"A" * 100_000 + b"\r\n", b"MAIL FROM:<\r\n", b"\r\n" * 100, b"DATA\r\n"],
    ids=["no text", "endless", "half an address", "nothing", "too early"],
)
async def test_nonsense_ends_no_more_than_its_own_session(ingest, listen, letter, lines):
    async with listen() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        writer.write(lines + b"QUIT\r\n")
        writer.write_eof()
        await reader.read()
        writer.close()
        await asyncio.to_thread(deliver, port, letter("satu"))
    assert await ingest.count("complaint") == 1
