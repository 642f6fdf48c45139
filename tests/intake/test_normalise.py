# ruff: noqa: RUF001 - characters that look alike are what some of these tests are about
"""One customer written in two ways is one; what looks alike and is not stays apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.identifiers import Kind
from streams.intake.normalise import has_valid_checksum, normalise


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("  ada@example.com\t", "ada@example.com"),
        ("ada.l+shop@example.com", "ada.l+shop@example.com"),
        ("ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ada@example.com"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("STRASSE@example.com", "strasse@example.com"),
        ("straße@example.com", "strasse@example.com"),
        ("ada@shop.test", "ada@shop.test"),
    ],
)
def test_email_has_one_spelling(written: str, normal: str):
    assert normalise(Kind.EMAIL, written, "") == normal


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "a..b@example.com",
        "ada@exa mple.com",
        "ada@localhost",
        "ada@example.com,b@x.org",
        "ada\u200b@example.com",
        "ada@example.com\u202e",
        "\x00ada@example.com",
        "ada�@example.com",
        "a" * 400,
    ],
)
def test_what_is_no_email_is_no_identifier(written: str):
    assert normalise(Kind.EMAIL, written, "") is None


def test_cyrillic_look_alike_is_another_address():
    assert normalise(Kind.EMAIL, "раypal@example.com", "") != normalise(Kind.EMAIL, "paypal@example.com", "")


@pytest.mark.parametrize(
    ("written", "region", "normal"),
    [
        ("+49 30 901820", "", "+4930901820"),
        ("0049 30 901820", "", "+4930901820"),
        ("030 901820", "de", "+4930901820"),
        ("(410) 555-9412", "US", "+14105559412"),
        ("+４９ ３０ ９０１８２０", "", "+4930901820"),
        ("030 901820", "", None),
        ("555-9412", "US", None),
        ("no number", "DE", None),
        ("030 901820", "XX", None),
    ],
)
def test_phone_is_e164_or_no_identifier(written: str, region: str, normal: str | None):
    assert normalise(Kind.PHONE, written, region) == normal


@pytest.mark.parametrize(
    "unseen", ["\u200b", "\u200d", "\ufeff", "\u202e", "\u2066", "\x07", "\u00ad", "\u2028", "\ud800"]
)
@pytest.mark.parametrize("kind", [Kind.ACCOUNT, Kind.ANONYMOUS, Kind.ORDER])
def test_characters_nobody_sees_refuse_any_identifier(kind: Kind, unseen: str):
    assert normalise(kind, f"ab{unseen}cd", "") is None


def test_loyalty_numbers_may_be_written_in_groups():
    assert normalise(Kind.LOYALTY, " 1234 5678 90 ", "") == "1234567890"


def test_luhn_tells_a_typing_error():
    assert has_valid_checksum("79927398713")
    assert not has_valid_checksum("79927398714")
    assert not has_valid_checksum("CARD-1")
    assert not has_valid_checksum("٧٩٩٢")


@given(kind=st.sampled_from(Kind), value=st.text(max_size=80), region=st.sampled_from(["", "DE", "us", "??"]))
def test_normalising_never_raises(kind: Kind, value: str, region: str):
    assert normalise(kind, value, region) is None or isinstance(normalise(kind, value, region), str)
