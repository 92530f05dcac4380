"""Who hands a bundle over: an Ed25519 signature over its manifest (RFC 8032), keys as PEM files.

The key belongs to a person or an office and lies where they keep it, never in the record. A
signature says who handed the bundle over; that nothing in it was changed since is what the chain
and the heads that the parties were told say.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from windhover.errors import BadInput, WindhoverError
from windhover.record.files import plain_words

SIGNATURE: Final = "manifest.sig"
SIGNER: Final = "signer.pem"
_MAX_KEY_BYTES: Final = 1 << 14


def new_key(path: Path) -> bytes:
    """Write a new private key that only its owner can read; → the public key as PEM.

    Raises `WindhoverError` where the file exists: a key is never written over.
    """
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with plain_words(path):
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise WindhoverError(f"{path} exists.", "A key is never written over.") from None
        with os.fdopen(handle, "wb") as file:
            file.write(text)
    return public_of(key)


def load_key(path: Path) -> Ed25519PrivateKey:
    """Raises `BadInput` for a file that is no Ed25519 private key without a pass phrase."""
    try:
        key = serialization.load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput(
            f"{path} is not an Ed25519 private key without a pass phrase.",
            "Make one: windhover journal key FILE.",
        )
    return key


def public_of(key: Ed25519PrivateKey) -> bytes:
    """The public key as PEM."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def fingerprint(public_pem: bytes) -> str:
    """SHA-256 of the raw 32 bytes of a public key, hex: short enough to be read over the telephone.

    Raises `BadInput` for what is no Ed25519 public key.
    """
    raw = _public(public_pem).public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )
    return sha256(raw).hexdigest()


def fingerprint_of_file(path: Path) -> str:
    """The same of a PEM file, private or public."""
    data = _read(path)
    return fingerprint(public_of(load_key(path)) if b"PRIVATE" in data else data)


def holds(public_pem: bytes, signature: bytes, data: bytes) -> bool:
    """Whether `signature` is that key's over `data`."""
    try:
        _public(public_pem).verify(signature, data)
    except (BadInput, InvalidSignature):
        return False
    return True


def _public(public_pem: bytes) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(public_pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise BadInput("That is not an Ed25519 public key in PEM.")
    return key


def _read(path: Path) -> bytes:
    with plain_words(path), path.open("rb") as file:
        return file.read(_MAX_KEY_BYTES)
