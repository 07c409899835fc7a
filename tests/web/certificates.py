"""Certificates made by openssl for tests: an authority, and what it signs."""

from __future__ import annotations

import subprocess
from pathlib import Path

_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
_USAGE = "-addext keyUsage=critical,keyCertSign,cRLSign"


def authority(folder: Path, name: str = "ca", usage: str = _USAGE) -> Path:
    """Make NAME.pem and NAME.key of an authority; return the certificate.

    Python 3.13 trusts no authority that does not say what its key is for (*usage*).
    """
    made = folder / f"{name}.pem"
    _openssl(
        f"req -x509 {_KEY} -days 2 -subj /CN={name} -addext basicConstraints=critical,CA:TRUE {usage}",
        folder / f"{name}.key",
        made,
    )
    return made


def signed(folder: Path, name: str, sans: str, ca: str = "ca") -> Path:
    """Make NAME.pem and NAME.key, signed by the authority *ca*; return the certificate."""
    made, request = folder / f"{name}.pem", folder / f"{name}.csr"
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName={sans}\nauthorityKeyIdentifier=keyid\n")
    _openssl(f"req -new {_KEY} -subj /CN={name}", folder / f"{name}.key", request)
    command = f"openssl x509 -req -in {request} -CA {folder}/{ca}.pem -CAkey {folder}/{ca}.key"
    more = f"-CAcreateserial -days 2 -extfile {extensions} -out {made}"
    subprocess.run([*command.split(), *more.split()], check=True, capture_output=True)
    return made


def self_signed(folder: Path, name: str, sans: str) -> Path:
    """Make NAME.pem and NAME.key of a certificate that signs itself; return the certificate."""
    made = folder / f"{name}.pem"
    _openssl(
        f"req -x509 {_KEY} -days 2 -subj /CN={name} -addext subjectAltName={sans}",
        folder / f"{name}.key",
        made,
    )
    return made


def _openssl(command: str, key: Path, made: Path) -> None:
    files = ["-keyout", str(key), "-out", str(made)]
    subprocess.run(["openssl", *command.split(), *files], check=True, capture_output=True)
