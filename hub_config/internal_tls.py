"""TLS between hub, proxy, gate and sessions: who has which certificate, and who trusts whom.

JupyterHub's ``internal_ssl`` keeps the authorities and the hub's own certificates. A session's certificate names the
address of its container, which nobody knows before the container runs; so it is signed then, with a key that is not
kept here, and put into a small volume in the container's memory.
"""

import io
import ssl
import tarfile
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
from certipy.certipy import Certipy
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from traitlets.config import Config

from hub_config.routing import hub_dir
from hub_config.settings import HubSettings

__all__ = [
    "CERTIFICATES",
    "SESSION_PATHS",
    "apply_internal_tls",
    "hub_client",
    "hub_context",
    "session_papers",
    "tls_dir",
]

# Where a session finds them, in a volume of its own.
CERTIFICATES = "/certs"
SESSION_PATHS = {
    "keyfile": f"{CERTIFICATES}/session.key",
    "certfile": f"{CERTIFICATES}/session.crt",
    "cafile": f"{CERTIFICATES}/trusted.crt",
}

_STUDENT = 1000
# Clocks of one machine agree; those of several nearly.
_EARLIER, _VALID = timedelta(minutes=5), timedelta(days=365)
_AUTHORITY = "notebooks-ca"


def tls_dir(settings: HubSettings, host: str) -> Path:
    """Name the folder of authorities and of the hub's certificates.

    Parameters
    ----------
    settings
        The hub's settings.
    host
        The address at which sessions reach hub or gate. The hub's certificate names it, so another address has
        another folder.

    Returns
    -------
    Path
        The folder, which JupyterHub makes.
    """
    return hub_dir(settings.data_dir) / f"tls-{host}"


def apply_internal_tls(c: Config, settings: HubSettings, host: str) -> None:
    """Set whether hub, proxy and sessions speak TLS with each other, each showing a certificate.

    Parameters
    ----------
    c
        The configuration.
    settings, host
        As of `tls_dir`.
    """
    c.JupyterHub.internal_ssl = settings.internal_tls
    c.JupyterHub.internal_certs_location = str(tls_dir(settings, host))
    c.JupyterHub.trusted_alt_names = [f"IP:{host}"] if settings.internal_tls else []
    # A container's name means nothing on this machine; its address does.
    c.DockerSpawner.use_internal_hostname = False


@lru_cache(maxsize=8)
def hub_context(folder: Path, purpose: ssl.Purpose) -> ssl.SSLContext:
    """Build the TLS context of the hub itself, which the gate has as well.

    Parameters
    ----------
    folder
        As of `tls_dir`; JupyterHub has filled it.
    purpose
        ``SERVER_AUTH`` to ask others, ``CLIENT_AUTH`` to answer them. Either way the other side must show a
        certificate of this training base.

    Returns
    -------
    ssl.SSLContext
        The context.

    Raises
    ------
    OSError
        When the folder is not filled yet.
    """
    context = ssl.create_default_context(purpose, cafile=str(folder / "hub-ca_trust.crt"))
    context.verify_mode = ssl.CERT_REQUIRED
    own = folder / "hub-internal"
    context.load_cert_chain(own / "hub-internal.crt", own / "hub-internal.key")
    return context


def hub_client(settings: HubSettings, host: str) -> httpx.Client:
    """Make a client that asks hub, gate and public pages as the hub itself does.

    Parameters
    ----------
    settings, host
        As of `tls_dir`.

    Returns
    -------
    httpx.Client
        To be closed by the caller. With TLS it needs the certificates, which JupyterHub makes when it starts.
    """
    # Without TLS there is nobody to trust, and reading this machine's authorities takes its time.
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls = hub_context(tls_dir(settings, host), ssl.Purpose.SERVER_AUTH) if settings.internal_tls else nobody
    return httpx.Client(trust_env=False, verify=tls)


def session_papers(folder: Path, trusted: Path, name: str, address: str) -> bytes:
    """Sign a session's certificate.

    Parameters
    ----------
    folder
        As of `tls_dir`.
    trusted
        File of the authorities that sessions trust: the hub's and the proxy's, so not each other's.
    name
        Whose session it is.
    address
        Of its container.

    Returns
    -------
    bytes
        A tar archive for `CERTIFICATES`; the trusted authorities come first, so that who finds key and certificate
        has everything.
    """
    certipy: Any = Certipy(store_dir=str(folder))
    authority = certipy.store.get_files(_AUTHORITY)
    issuer = authority.cert.load(), authority.key.load()
    # Of an elliptic curve: made in a millisecond, where RSA takes a rush's processors for seconds.
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(each)) for each in (address, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = certipy.sign(
        # A common name has at most 64 characters.
        certipy.create_request(key, CN=f"session-{name}"[:64]),
        issuer,
        (now - _EARLIER, now + _VALID),
        extensions=[
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), True),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer[0].public_key()), False),
            (names, False),
        ],
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    contents = {
        SESSION_PATHS["cafile"]: trusted.read_bytes(),
        SESSION_PATHS["keyfile"]: private,
        SESSION_PATHS["certfile"]: certificate.public_bytes(Encoding.PEM),
    }
    return _archive({Path(path).name: content for path, content in contents.items()})


def _archive(contents: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in contents.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.uid, entry.gid = len(content), 0o400, _STUDENT, _STUDENT
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
