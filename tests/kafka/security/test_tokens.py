"""Tokens are asked for once, renewed before they expire, and their failures say what to look at."""

import asyncio

import pytest

from streams.kafka.clients.tokens import Tokens, TokenUnavailable
from tests.kafka.security.provider import CLIENT, SECRET, Provider, serving

pytestmark = pytest.mark.asyncio


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def tokens_of(provider: Provider, clock: Clock, scope: str = "") -> Tokens:
    return Tokens(provider.url, CLIENT, SECRET, scope=scope, clock=clock)


async def test_many_connections_at_once_ask_for_one_token() -> None:
    async with serving(Provider(0)) as provider:
        tokens = tokens_of(provider, Clock(), scope="kafka")
        got = await asyncio.gather(*(tokens.token() for _ in range(5)))
        assert len(set(got)) == 1
        assert provider.asked == [{"grant_type": "client_credentials", "scope": "kafka"}]


@pytest.mark.parametrize("lifetime", [100, "100"])
async def test_token_is_renewed_after_four_fifths_of_its_life(lifetime: object) -> None:
    clock = Clock()
    async with serving(Provider(0, lifetime)) as provider:
        tokens = tokens_of(provider, clock)
        first = await tokens.token()
        clock.seconds += 79
        assert await tokens.token() == first
        clock.seconds += 1
        assert await tokens.token() != first


async def test_token_outlives_an_outage_of_its_provider_until_it_expires() -> None:
    clock = Clock()
    async with serving(Provider(0, 100)) as provider:
        tokens = tokens_of(provider, clock)
        first = await tokens.token()
        provider.is_down = True
        clock.seconds += 99
        assert await tokens.token() == first
        clock.seconds += 1
        with pytest.raises(TokenUnavailable, match="answered 503"):
            await tokens.token()
        provider.is_down = False
        assert await tokens.token() != first


async def test_refusal_says_why_and_not_the_secret() -> None:
    async with serving(Provider(0)) as provider:
        with pytest.raises(TokenUnavailable, match="answered 401 invalid_client who are you") as raised:
            await Tokens(provider.url, "somebody", "else").token()
        assert "else" not in str(raised.value)


@pytest.mark.parametrize("answers", [b"", b"<html>", b"\xff", b'{"access_token":7}', b'{"token":"x"}'])
async def test_answer_without_a_token_is_said_to_be_one(answers: bytes) -> None:
    async with serving(Provider(0)) as provider:
        provider.answers = answers
        with pytest.raises(TokenUnavailable, match="holds no token"):
            await tokens_of(provider, Clock()).token()


async def test_provider_that_is_not_there_is_named() -> None:
    with pytest.raises(TokenUnavailable, match=r"no token from http://127\.0\.0\.1:1/token"):
        await Tokens("http://127.0.0.1:1/token", CLIENT, SECRET).token()
