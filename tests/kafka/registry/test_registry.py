"""The client and the registry's interface: what is asked, what its refusals mean, and what is never taken for one."""

import pytest

from schemas.codecs import packaged_schema
from streams.kafka.intake.registry import BACKWARD_TRANSITIVE, Incompatible, NotRegistered, RegistryAway, asking
from streams.settings_kafka import RegistrySettings
from tests.kafka.registry.double import RegistryDouble, serving
from tests.kafka.registry.versions import EVENT, NEWER, OLDER, OLDEST, changed

pytestmark = pytest.mark.asyncio
SUBJECT = "web.events-value"
STRICTER = changed(EVENT, more=({"name": "must", "type": "string"},))


def settings(url: str, timeout_seconds: int = 10) -> RegistrySettings:
    return RegistrySettings.model_validate({"url": url, "timeout_seconds": timeout_seconds})


async def test_schema_is_registered_once_and_found_by_its_id() -> None:
    async with serving(RegistryDouble()) as double, asking(settings(double.url + "/")) as registry:
        number = await registry.register(SUBJECT, EVENT)
        assert await registry.register(SUBJECT, EVENT) == number
        assert (await registry.schema(number)).schema == EVENT
        assert await registry.versions(SUBJECT) == [1]
        assert (await registry.version(SUBJECT, 1)).schema == EVENT


async def test_transitive_rule_holds_against_every_version_not_only_the_last() -> None:
    async with serving(RegistryDouble()) as double, asking(settings(double.url)) as registry:
        first = changed(OLDEST, without=frozenset({"name"}))
        await registry.register(SUBJECT, first)
        double.subjects[SUBJECT].append(double.put(OLDER))
        assert (await registry.compatible(SUBJECT, EVENT)).is_compatible
        assert await registry.level(SUBJECT) == "BACKWARD"
        await registry.demand(SUBJECT)
        assert await registry.level(SUBJECT) == BACKWARD_TRANSITIVE
        verdict = await registry.compatible(SUBJECT, EVENT)
        assert (verdict.is_compatible, verdict.messages) == (False, ("$.name: new field without a default",))


async def test_version_that_could_not_read_older_ones_is_incompatible() -> None:
    async with serving(RegistryDouble()) as double, asking(settings(double.url)) as registry:
        await registry.register(SUBJECT, EVENT)
        with pytest.raises(Incompatible, match=r"web\.events-value: .*\$\.must"):
            await registry.register(SUBJECT, STRICTER)
        with pytest.raises(Incompatible, match="Invalid schema"):
            await registry.register(SUBJECT, '{"type":"record"}')
        assert await registry.register(SUBJECT, NEWER)


async def test_anything_goes_under_a_subject_that_is_not_there() -> None:
    async with serving(RegistryDouble()) as double, asking(settings(double.url)) as registry:
        assert (await registry.compatible("none/such", STRICTER)).is_compatible
        with pytest.raises(NotRegistered):
            await registry.versions("none/such")


async def test_login_is_taken_from_the_address_and_shown_nowhere() -> None:
    async with serving(RegistryDouble(is_locked=True)) as double:
        double.put(EVENT, 7)
        with_login = settings(double.url.replace("//", "//ann:se%3Asame@"))
        assert "same" not in repr(with_login)
        async with asking(with_login) as registry:
            assert (await registry.schema(7)).schema == packaged_schema("event")
        async with asking(settings(double.url.replace("//", "//ann:wrong@"))) as registry:
            with pytest.raises(RegistryAway, match="answered 401 Unauthorized") as away:
                await registry.schema(7)
            assert "wrong" not in str(away.value)


@pytest.mark.parametrize(
    "answers",
    [(500, b""), (404, b"<html>no such page</html>"), (404, b'{"error_code":404}'), (200, b"<html>"), (200, b"{}")],
)
async def test_what_is_no_registry_s_answer_is_never_taken_for_a_missing_schema(answers: tuple[int, bytes]) -> None:
    async with serving(RegistryDouble()) as double, asking(settings(double.url)) as registry:
        double.answers = answers
        with pytest.raises(RegistryAway):
            await registry.schema(1)


async def test_registry_that_is_not_there_is_away() -> None:
    async with asking(settings("http://127.0.0.1:1")) as registry:
        with pytest.raises(RegistryAway, match=r"http://127\.0\.0\.1:1"):
            await registry.schema(1)
