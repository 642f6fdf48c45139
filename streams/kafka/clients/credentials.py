"""The same security in Faust's words: its app takes `broker_credentials`, and makes its own clients of them."""

from faust.auth import OAuthCredentials, SASLCredentials, SSLCredentials
from faust.types.auth import CredentialsT

from streams.kafka.clients.security import Security


def broker_credentials(security: Security) -> CredentialsT | None:
    """Give what a Faust app takes as `broker_credentials`; None where the broker is spoken to in plain text."""
    settings = security.settings
    if security.tokens:
        return OAuthCredentials(oauth_cb=security.tokens, ssl_context=security.tls)
    if settings.mechanism:
        return SASLCredentials(
            username=settings.username,
            password=settings.password.get_secret_value(),
            ssl_context=security.tls,
            mechanism=settings.mechanism,
        )
    return SSLCredentials(context=security.tls) if security.tls else None
