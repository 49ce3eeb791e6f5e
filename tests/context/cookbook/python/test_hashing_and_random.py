from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dowse.context.cookbook.python import hashing_and_random as recipes

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_checksums(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("abc")
    assert recipes.sha256_of_file(path) == recipes.sha256_of_text("abc") == ABC
    assert recipes.verify_checksum(path, ABC.upper() + "\n")
    assert not recipes.verify_checksum(path, ABC[:-1] + "0")
    first, second = {"a": 1, "b": [1, {"c": 2}]}, {"b": [1, {"c": 2}], "a": 1}
    assert recipes.fingerprint_of_data(first) == recipes.fingerprint_of_data(second)
    assert recipes.fingerprint_of_data(first) != recipes.fingerprint_of_data({"a": 1})


def test_passwords() -> None:
    stored = recipes.hash_password("secret")
    assert stored != recipes.hash_password("secret")
    assert recipes.verify_password("secret", stored)
    assert not recipes.verify_password("Secret", stored)


def test_signatures() -> None:
    signature = recipes.sign_message(b"body", b"key")
    assert recipes.verify_signature(b"body", signature, b"key")
    assert not recipes.verify_signature(b"body!", signature, b"key")
    assert not recipes.verify_signature(b"body", "ä", b"key")


def test_secrets() -> None:
    assert len({recipes.random_token() for _ in range(50)}) == 50
    assert uuid.UUID(recipes.random_id()).version == 4
    for _ in range(20):
        password = recipes.random_password(12)
        assert len(password) == 12
        assert any(map(str.islower, password))
        assert any(map(str.isupper, password))
        assert any(map(str.isdigit, password))
        assert not password.isalnum()


def test_sampling() -> None:
    items = range(100)
    assert recipes.random_sample(items, 5, seed=1) == recipes.random_sample(items, 5, seed=1)
    assert len(set(recipes.random_sample(items, 500))) == 100
    chosen = Counter(recipes.weighted_choice({"a": 3, "b": 1, "c": 0}, seed=s) for s in range(400))
    assert set(chosen) == {"a", "b"}
    assert chosen["a"] > chosen["b"]
    picked = Counter(n for s in range(500) for n in recipes.reservoir_sample(range(10), 3, seed=s))
    assert sum(picked.values()) == 1500
    assert all(90 < picked[n] < 210 for n in range(10))
    assert recipes.reservoir_sample([1, 2], 3) == [1, 2]


def test_splitting() -> None:
    train, test = recipes.split_train_test(range(10))
    assert (len(train), len(test)) == (8, 2)
    assert sorted(train + test) == list(range(10))
    assert (train, test) == recipes.split_train_test(range(10))


def test_buckets_are_stable() -> None:
    digest = hashlib.blake2b(b"user-1", digest_size=8).digest()
    assert recipes.stable_bucket("user-1", 10) == int.from_bytes(digest, "big") % 10
    assert {recipes.stable_bucket(str(n), 4) for n in range(100)} == {0, 1, 2, 3}


@given(st.binary())
def test_base64_round_trip(data: bytes) -> None:
    text = recipes.to_base64_url(data)
    assert not set(text) & set("+/=")
    assert recipes.from_base64_url(text) == recipes.from_base64_url(text + "==") == data
