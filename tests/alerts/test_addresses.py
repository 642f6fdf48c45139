"""A webhook goes to public addresses only, however they are written."""

import asyncio
import ipaddress

import pytest

from sinks.alerts.addresses import AddressRefused, addresses_of, endpoint_of, is_public, system_lookup

PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1",
    "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1",
    "192.168.0.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::",
    "2002:a00:1::", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "5f00::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:830::200e", "::ffff:8.8.8.8"]
WRITTEN_OTHERWISE = [
    "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/",
    "https://127.0.1/", "https://localhost/", "https://LocalHost/", "https://0/", "https://0x0a000001/",
    "https://10.1/", "https://3232235521/", "https://0300.0250.0.1/", "https://2852039166/",
]  # fmt: skip
NOT_URLS = [
    "", "hooks.example.org", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org", "//example.org",
    "https://", "https:///path", "https://user:secret@example.org/", "https://user@example.org/",
    "https://example.org:99999/", "https://example.org:port/", "https://example.org/#part", "https://exa mple.org/",
    "https://example.org\\@127.0.0.1/", "https://[::1", "https://[fe80::1%25eth0]/", "https://example.org/\r\nx: y",
    "https://ex%61mple.org/", "https://\u0435xample.org/", "https://example.org/" + "x" * 2048,
]  # fmt: skip


def resolved(url: str, *answers: str, allow_private: bool = False) -> list[str]:
    async def lookup(host: str, port: int) -> list[str]:
        return list(answers) or await system_lookup(host, port)

    endpoint = endpoint_of(url, allow_private=allow_private)
    return asyncio.run(addresses_of(endpoint, lookup, allow_private=allow_private))


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_is_not_public(address: str):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_internet_is_public(address: str):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_is_refused_in_a_url_and_behind_a_name(address: str):
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(AddressRefused):
        endpoint_of(f"https://{host}/hook", allow_private=False)
    with pytest.raises(AddressRefused, match="no public address"):
        resolved("https://hooks.example.org/", address)


@pytest.mark.parametrize("url", WRITTEN_OTHERWISE)
def test_other_spellings_of_an_address_inside_are_refused_too(url: str):
    with pytest.raises(AddressRefused, match="no public address"):
        resolved(url)


@pytest.mark.parametrize("url", NOT_URLS)
def test_what_is_no_plain_url_is_refused(url: str):
    with pytest.raises(AddressRefused):
        endpoint_of(url, allow_private=True)


def test_plain_http_is_refused_unless_it_is_permitted():
    with pytest.raises(AddressRefused, match="https"):
        endpoint_of("http://hooks.example.org/", allow_private=False)
    assert endpoint_of("http://hooks.example.org/", allow_private=True).port == 80


def test_a_name_that_leads_outside_and_inside_is_refused():
    with pytest.raises(AddressRefused):
        resolved("https://hooks.example.org/", "8.8.8.8", "10.0.0.1")
    assert resolved("https://hooks.example.org/", "8.8.8.8", "1.1.1.1") == ["8.8.8.8", "1.1.1.1"]


def test_for_development_near_addresses_may_be_permitted_but_never_link_local_ones():
    for address in ("127.0.0.1", "10.1.2.3", "::1", "fd00::1"):
        assert resolved("http://hooks.example.org/", address, allow_private=True) == [address]
    for address in ("169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1"):
        with pytest.raises(AddressRefused):
            resolved("http://hooks.example.org/", address, allow_private=True)


def test_what_is_shown_of_an_endpoint_holds_no_token():
    endpoint = endpoint_of("https://hooks.example.org/T000/secret?key=1", allow_private=False)
    assert endpoint.shown == "https://hooks.example.org:443"
