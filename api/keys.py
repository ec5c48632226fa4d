"""The keys of access tokens: the first signs, all of them verify, and each has one algorithm."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

HS256 = "HS256"
_HOW = "openssl genpkey -algorithm ed25519 -out key.pem"
_LEAST_RSA_BITS = 2048
# What a thumbprint is made of (RFC 7638, RFC 8037).
_THUMBPRINT = {"OKP": ("crv", "kty", "x"), "EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}


class KeyFileError(ValueError):
    """A key file that can't be used: which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key: `secret` signs and is None where another issuer has it; `jwk` is what all may know."""

    kid: str | None
    algorithm: str
    secret: Any
    public: Any
    jwk: dict[str, Any] | None


class Keyring:
    """All keys, by kid; a shared secret is the one without."""

    def __init__(self, paths: Sequence[str], secret: str | None) -> None:
        """Read the files. Raises KeyFileError."""
        keys = [read(path) for path in paths]
        if keys and keys[0].secret is None:
            raise KeyFileError(
                f"{paths[0]} is a public key, and the first signs: put the private one first"
            )
        if secret is not None:
            keys.append(Key(None, HS256, secret, secret, None))
        self._keys = {key.kid: key for key in keys}
        if len(self._keys) < len(keys):
            raise KeyFileError(f"one key is there twice: {', '.join(paths)}")
        self.signs = keys[0] if keys else None

    def find(self, kid: str | None) -> Key | None:
        """The key of that name."""
        return self._keys.get(kid)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys.values())

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JWK Set (RFC 7517)."""
        return {"keys": [key.jwk for key in self if key.jwk is not None]}


def read(path: str) -> Key:
    """The key in a PEM file. Raises KeyFileError."""
    try:
        pem = Path(path).read_bytes()
    except OSError as error:
        raise KeyFileError(f"{path} can't be read: {error.strerror}") from None
    try:
        is_public = b"PUBLIC KEY" in pem
        secret: Any = None if is_public else load_pem_private_key(pem, None)
        public: Any = load_pem_public_key(pem) if is_public else secret.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFileError(
            f"{path} holds no key in PEM, without a passphrase, as {_HOW} makes it"
        ) from None
    return _key(path, secret, public)


def _key(path: str, secret: Any, public: Any) -> Key:
    match public:
        case ed25519.Ed25519PublicKey():
            algorithm, jwk = "EdDSA", OKPAlgorithm.to_jwk(public, as_dict=True)
        case ec.EllipticCurvePublicKey() if isinstance(public.curve, ec.SECP256R1):
            algorithm, jwk = "ES256", ECAlgorithm.to_jwk(public, as_dict=True)
        case rsa.RSAPublicKey() if secret is None and public.key_size >= _LEAST_RSA_BITS:
            algorithm, jwk = "RS256", RSAAlgorithm.to_jwk(public, as_dict=True)
        case _:
            raise KeyFileError(
                f"{path} must be Ed25519 or P-256, or another issuer's public RSA key of"
                f" {_LEAST_RSA_BITS} bits or more: {_HOW}"
            )
    named = {name: jwk[name] for name in _THUMBPRINT[jwk["kty"]]}
    kid = _thumbprint(named)
    jwk = {**named, "kid": kid, "alg": algorithm, "use": "sig"}
    return Key(kid, algorithm, secret, public, jwk)


def _thumbprint(named: dict[str, str]) -> str:
    text = json.dumps(named, separators=(",", ":"), sort_keys=True)
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
