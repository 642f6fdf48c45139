"""How clients of the broker show who they are: TLS, SASL by password, tokens by the client credentials grant.

Settings become one `Security`, made once per process and shared by all its clients, so that they share one token.

    SecurityError       the settings can not be used (missing file, key without certificate, name without password)
    TokenUnavailable    (tokens) no token was to be had; clients try again
"""

import ssl
from pathlib import Path
from typing import Any, Final

import msgspec

from streams.kafka.clients.tokens import Tokens
from streams.settings_kafka import SecuritySettings

OAUTH: Final = "OAUTHBEARER"
SECTION: Final = "kafka.security"


class SecurityError(Exception):
    """The settings of the connection can not be used; `problems` names each key and what is wrong, one line each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep the problems as they will be shown; none of them repeats a secret."""
        super().__init__("; ".join(problems))
        self.problems = problems


class Security(msgspec.Struct, frozen=True):
    """What every client of one process connects with; secrets stay masked in its `repr`."""

    settings: SecuritySettings
    tls: ssl.SSLContext | None = None
    tokens: Tokens | None = None

    @property
    def protocol(self) -> str:
        """Kafka's word for it: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
        transport = "SSL" if self.tls else "PLAINTEXT"
        return f"SASL_{transport}" if self.settings.mechanism else transport

    def arguments(self) -> dict[str, Any]:
        """Give the keyword arguments that aiokafka's consumers, producers and admin clients all take."""
        told: dict[str, Any] = {"security_protocol": self.protocol}
        if self.tls:
            told["ssl_context"] = self.tls
        if self.settings.mechanism:
            told["sasl_mechanism"] = self.settings.mechanism
        if self.tokens:
            told["sasl_oauth_token_provider"] = self.tokens
        elif self.settings.mechanism:
            told["sasl_plain_username"] = self.settings.username
            told["sasl_plain_password"] = self.settings.password.get_secret_value()
        return told


def secure(settings: SecuritySettings) -> Security:
    """Read certificates and prepare logins; nothing is connected to yet. SecurityError names all that is wrong."""
    problems = [*_unpaired(settings), *_unreadable(settings)]
    if problems:
        raise SecurityError(tuple(f"{SECTION}.{problem}" for problem in problems))
    if settings.mechanism != OAUTH:
        return Security(settings, _tls(settings))
    tokens = Tokens(
        settings.token_url,
        settings.username,
        settings.password.get_secret_value(),
        scope=settings.token_scope,
        trust=_trust_of_tokens(settings),
    )
    return Security(settings, _tls(settings), tokens)


def _unpaired(settings: SecuritySettings) -> list[str]:
    """Name what is set and would be silently ignored, and what is missing beside it."""
    mechanism, password = settings.mechanism, settings.password.get_secret_value()
    files = {"ca_file": settings.ca_file, "certificate_file": settings.certificate_file, "key_file": settings.key_file}
    # The address of tokens may need an authority of its own where the broker speaks plain text.
    needless = [name for name, file in files.items() if file and not (name == "ca_file" and mechanism == OAUTH)]
    token_words = {"token_url": settings.token_url, "token_scope": settings.token_scope}
    found = [] if settings.tls else [f"{name}: is set, and tls is not" for name in needless]
    if settings.key_file and not settings.certificate_file:
        found.append("certificate_file: key_file is set, and no certificate to go with it")
    if settings.key_password.get_secret_value() and not settings.certificate_file:
        found.append("key_password: is set, and there is no key")
    if not mechanism and (settings.username or password):
        found.append("mechanism: username or password is set, and no mechanism to log in by")
    if mechanism and not settings.username:
        found.append(f"username: {mechanism} needs one")
    if mechanism and not password:
        found.append(f"password: {mechanism} needs one")
    if mechanism == OAUTH and not settings.token_url.startswith(("https://", "http://")):
        found.append("token_url: OAUTHBEARER needs the https:// address that tokens are asked for at")
    if mechanism != OAUTH:
        found += [f"{name}: is set, and mechanism is not OAUTHBEARER" for name, word in token_words.items() if word]
    return found


def _unreadable(settings: SecuritySettings) -> list[str]:
    found = []
    for name in ("ca_file", "certificate_file", "key_file"):
        file: Path | None = getattr(settings, name)
        try:
            if file:
                file.read_bytes()
        except OSError as error:
            found.append(f"{name}: {file}: {error.strerror}")
    return found


def _tls(settings: SecuritySettings) -> ssl.SSLContext | None:
    if not settings.tls:
        return None
    context = _trusting(settings.ca_file)
    if settings.certificate_file:
        # A password that is given, even an empty one, keeps OpenSSL from asking for it on the terminal.
        password = settings.key_password.get_secret_value()
        try:
            context.load_cert_chain(settings.certificate_file, settings.key_file, password)
        except (ssl.SSLError, OSError, ValueError) as error:
            named = f"{settings.certificate_file} with {settings.key_file or 'the key in it'}"
            raise SecurityError((f"{SECTION}.certificate_file: {named}: {_reason(error)}",)) from None
    return context


def _trusting(authorities: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authorities)
    except (ssl.SSLError, OSError) as error:
        raise SecurityError((f"{SECTION}.ca_file: {authorities}: {_reason(error)}",)) from None


def _trust_of_tokens(settings: SecuritySettings) -> ssl.SSLContext:
    """Trust the system's authorities beside `ca_file`: tokens may be a public provider's where the broker is ours."""
    context = ssl.create_default_context()
    if settings.ca_file:
        try:
            context.load_verify_locations(settings.ca_file)
        except (ssl.SSLError, OSError) as error:
            raise SecurityError((f"{SECTION}.ca_file: {settings.ca_file}: {_reason(error)}",)) from None
    return context


def _reason(error: Exception) -> str:
    """Say what OpenSSL found, without its coordinates in C."""
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None)
    return str(reason or "no certificate or key in it").lower().replace("_", " ")
