"""Settings: what beats what, what is refused, what is never shown, and that the reference says the truth."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from streams.settings import DEVELOPMENT_KEY, SettingsError, load_settings
from streams.settings_reference import settings_reference

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults_hold_without_any_file() -> None:
    settings = load_settings()
    assert settings.time.horizon_hours == 72
    assert settings.privacy.consent_default == "granted"
    assert settings.identity_key == DEVELOPMENT_KEY.encode()


def test_command_line_beats_environment_beats_file_beats_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "seamline.toml").write_text('tenant = "file"\n[local]\npartitions = 5\n[time]\nhorizon_hours = 48\n')
    monkeypatch.setenv("SEAMLINE_LOCAL__PARTITIONS", "6")
    monkeypatch.setenv("SEAMLINE_TENANT", "environment")
    settings = load_settings(overrides={"tenant": "line"})
    assert (settings.tenant, settings.local.partitions, settings.time.horizon_hours) == ("line", 6, 48)


def test_named_file_is_read_instead_of_the_one_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "seamline.toml").write_text('tenant = "here"\n')
    (tmp_path / "other.toml").write_text('tenant = "there"\n')
    assert load_settings(tmp_path / "other.toml").tenant == "there"


def test_environment_can_name_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.toml").write_text('tenant = "there"\n')
    monkeypatch.setenv("SEAMLINE_CONFIG", str(tmp_path / "other.toml"))
    assert load_settings().tenant == "there"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[identity]\nkeyy = 1\n", "identity.keyy"),
        ("tenant = ", "seamline.toml"),
        ("tenant = 'A B'", "tenant: "),
        ("[local]\npartitions = 0", "partitions"),
    ],
)
def test_wrong_file_is_refused_with_the_key(tmp_path: Path, content: str, problem: str) -> None:
    (tmp_path / "seamline.toml").write_text(content)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert problem in refused.value.problems[0]


def test_unknown_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLINE_CLICKHOUSE__DSM", "chdb://x")
    with pytest.raises(SettingsError, match=r"clickhouse\.dsm"):
        load_settings()


def test_missing_named_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load_settings(tmp_path / "absent.toml")


def test_secret_is_never_shown_and_never_repeated_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLINE_IDENTITY__KEY", "a-very-secret-key-of-acme")
    settings = load_settings(overrides={"clickhouse.dsn": "http://u:hunter22@host/db"})
    shown = f"{settings!r} {settings} {settings.model_dump_json()}"
    assert "acme" not in shown
    assert "hunter22" not in shown
    monkeypatch.setenv("SEAMLINE_IDENTITY__KEY", "short")
    with pytest.raises(SettingsError) as refused:
        _ = load_settings().identity_key
    assert "short" not in str(refused.value)


def test_key_file_beats_the_key(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("0123456789abcdef\n")
    assert load_settings(overrides={"identity.key_file": str(tmp_path / "key")}).identity_key == b"0123456789abcdef"
    with pytest.raises(SettingsError, match="No such file"):
        _ = load_settings(overrides={"identity.key_file": str(tmp_path / "absent")}).identity_key


def test_sources_can_come_from_file_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seamline.toml").write_text('[sources."/kiosk/1"]\nchannel = "kiosk"\nregion = "GB"\n')
    assert load_settings().sources["/kiosk/1"].channel == "kiosk"
    monkeypatch.setenv("SEAMLINE_SOURCES", '{"/web": {"channel": "web"}}')
    assert load_settings().sources["/web"].channel == "web"


def test_settings_are_frozen() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.tenant = "other"  # type: ignore[misc]


def test_reference_is_the_generated_one() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == settings_reference(), (
        "run: seamline config docs > docs/settings.md"
    )


def test_every_setting_says_what_it_means() -> None:
    rows = [line for line in settings_reference().splitlines() if line.startswith("| `")]
    assert len(rows) > 40
    assert all(len(row.split("|")[-2].strip()) > 10 for row in rows)
