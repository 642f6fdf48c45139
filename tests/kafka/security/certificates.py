"""Certificates for one test: an authority, a server on this machine, and a client."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

KEY_PASSWORD = "swordfish"


class Issued(NamedTuple):
    """Files in PEM: the certificate, its key, and both in one (as a broker takes its key store)."""

    certificate: Path
    key: Path
    both: Path


class Authority:
    """Signs what it is asked to; `file` is its own certificate."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        begun = _begun(self._name, self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self._certificate = begun.add_extension(usage, critical=True).sign(self._key, SHA256())
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._certificate.public_bytes(Encoding.PEM))

    def issue(self, name: str, *, password: str = "") -> Issued:
        """Issue a certificate good for localhost and 127.0.0.1; its key is encrypted where a password is given."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        begun = _begun(_name(name), self._name, key).add_extension(names, critical=False)
        certificate = begun.add_extension(identifier, critical=False).sign(self._key, SHA256())
        written = certificate.public_bytes(Encoding.PEM)
        locked = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        issued = Issued(*(self._folder / f"{name}{ending}.pem" for ending in ("", ".key", ".both")))
        issued.certificate.write_bytes(written)
        issued.key.write_bytes(_written(key, locked))
        issued.both.write_bytes(_written(key, NoEncryption()) + written)
        return issued


def _written(key: ec.EllipticCurvePrivateKey, locked: KeySerializationEncryption) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
