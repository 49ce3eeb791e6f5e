# SPDX-License-Identifier: CC0-1.0
"""Hashing, secrets and random values: checksums, passwords, tokens, sampling."""

import base64
import hashlib
import hmac
import json
import random
import secrets
import string
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def sha256_of_file(path: Path) -> str:
    """Calculate the SHA-256 checksum of a file without loading it into memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_text(text: str) -> str:
    """Calculate the SHA-256 hash of a string as hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def fingerprint_of_data(data: Any) -> str:
    """Hash JSON-like data so that equal data has an equal hash, whatever the order of keys."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify_checksum(path: Path, expected: str) -> bool:
    """Check that a downloaded file has the expected SHA-256 checksum."""
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    return hmac.compare_digest(actual, expected.strip().lower())


def hash_password(password: str) -> str:
    """Hash a password for storage with scrypt and a random salt."""
    salt = secrets.token_bytes(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
    return f"{salt.hex()}${digest.hex()}"


def verify_password(password: str, stored: str) -> bool:
    """Check a password against a stored scrypt hash `salt$digest`, in constant time."""
    salt, digest = (bytes.fromhex(part) for part in stored.split("$"))
    actual = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
    return hmac.compare_digest(actual, digest)


def sign_message(message: bytes, key: bytes) -> str:
    """Sign a message with HMAC-SHA256, for instance a webhook's body."""
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def verify_signature(message: bytes, signature: str, key: bytes) -> bool:
    """Verify the HMAC-SHA256 signature of a webhook in constant time."""
    expected = hmac.new(key, message, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


def random_token(size: int = 32) -> str:
    """Generate a cryptographically secure random token that is safe in URLs."""
    return secrets.token_urlsafe(size)


def random_password(length: int = 16) -> str:
    """Generate a secure random password with lower and upper case letters, digits and signs."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!#$%&*+-=?@_")
    chars = [secrets.choice(kind) for kind in kinds]
    chars += [secrets.choice("".join(kinds)) for _ in range(length - len(kinds))]
    secrets.SystemRandom().shuffle(chars)
    return "".join(chars)


def random_id() -> str:
    """Generate a unique random id (UUID version 4)."""
    return str(uuid.uuid4())


def random_sample(items: Sequence[T], count: int, seed: int | None = None) -> list[T]:
    """Pick random items from a list without repetition; a seed makes the choice reproducible."""
    return random.Random(seed).sample(items, min(count, len(items)))


def weighted_choice(weights: Mapping[T, float], seed: int | None = None) -> T:
    """Choose a random item with probabilities in proportion to the items' weights."""
    return random.Random(seed).choices(list(weights), list(weights.values()))[0]


def reservoir_sample(items: Iterable[T], count: int, seed: int | None = None) -> list[T]:
    """Pick random items from a stream of unknown length, each with the same probability."""
    generator = random.Random(seed)
    sample: list[T] = []
    for seen, item in enumerate(items, start=1):
        if len(sample) < count:
            sample.append(item)
        elif (place := generator.randrange(seen)) < count:
            sample[place] = item
    return sample


def split_train_test(
    items: Sequence[T], test_share: float = 0.2, seed: int = 0
) -> tuple[list[T], list[T]]:
    """Shuffle a data set and split it into a training and a test part, reproducibly."""
    shuffled = random.Random(seed).sample(items, len(items))
    cut = round(len(items) * (1 - test_share))
    return shuffled[:cut], shuffled[cut:]


def stable_bucket(key: str, buckets: int) -> int:
    """Assign a key to one of N buckets by a hash that is the same in every process.

    Python's own `hash()` of a string differs from run to run.
    """
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % buckets


def to_base64_url(data: bytes) -> str:
    """Encode bytes as URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64_url(text: str) -> bytes:
    """Decode URL-safe base64, with or without padding."""
    text = text.rstrip("=")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
