"""The real servers come up and do their work, seen without this library."""

import time
from email.message import EmailMessage

import httpx
import psycopg
import pytest

from servers import AtprotoClient, BlueskyNetwork, MailServer
from waiting import until

pytestmark = pytest.mark.server


def test_bluesky_shows_a_mention_written_in_its_own_client(
    bluesky_network: BlueskyNetwork, bluesky_client: AtprotoClient
) -> None:
    agency, citizen = bluesky_network.create("dinas-uji"), bluesky_network.create("wati-contoh")
    post = bluesky_client.post_as(citizen, "Halo @dinas-uji.test, bantuan belum sampai 🙏")
    bluesky_client.wait_for(agency, [post])
    answer = httpx.get(
        f"{bluesky_network.pds}/xrpc/app.bsky.notification.listNotifications",
        headers={"Authorization": f"Bearer {bluesky_network.log_in(agency)}"},
        trust_env=False,
    )
    assert [(item["reason"], item["uri"]) for item in answer.json()["notifications"]] == [
        ("mention", post.uri)
    ]


def test_an_officer_answers_in_the_app_and_it_stands_in_the_thread(
    bluesky_network: BlueskyNetwork, bluesky_client: AtprotoClient
) -> None:
    post = bluesky_client.post_as(bluesky_network.warga, "@dinas.test lampu jalan mati")
    reply = bluesky_client.reply_as(bluesky_network.dinas, "Kami cek besok.", to=post.uri)
    bluesky_client.wait_for(bluesky_network.warga, [post, reply])
    thread = bluesky_client.thread(bluesky_network.warga, post.uri)
    assert [item["post"]["uri"] for item in thread["replies"]] == [reply.uri]


def test_bluesky_refuses_too_many_calls_and_says_until_when(
    bluesky_limited: BlueskyNetwork,
) -> None:
    url = f"{bluesky_limited.pds}/xrpc/com.atproto.server.resetPassword"
    body = {"token": "AAAAA-BBBBB", "password": "x"}
    answer = httpx.post(url, json=body, trust_env=False)
    while answer.status_code == 400:  # 50 in five minutes
        answer = httpx.post(url, json=body, trust_env=False)
    assert answer.status_code == 429
    assert (
        0 < int(answer.headers["ratelimit-reset"]) - time.time() <= 300
    )  # a moment, docs/quirks.md
    assert "retry-after" not in answer.headers


def test_mail_from_outside_is_delivered_and_can_be_read(mail_server: MailServer) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "warga1@warga.test", "disdik@prov.test"
    message["Subject"] = "Ijazah belum keluar"
    message["Message-ID"] = "<servers-1@warga.test>"
    message.set_content("Kapan selesai?")
    before = len(mail_server.messages("disdik@prov.test"))
    mail_server.deliver(message)
    until(lambda: len(mail_server.messages("disdik@prov.test")) > before, "mail to the agency")
    assert b"<servers-1@warga.test>" in mail_server.messages("disdik@prov.test")[-1]


def test_mail_is_sent_only_by_those_who_log_in(mail_server: MailServer) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "dinsos@prov.test", "warga2@warga.test"
    message.set_content("Sudah kami terima.")
    with mail_server.submitting("dinsos@prov.test") as server:
        assert server.send_message(message) == {}


def test_postgresql_gives_each_test_an_empty_database(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchone() == (0,)
