from __future__ import annotations

import pytest

from dowse.context.cookbook.python import text as recipes


def test_cleaning() -> None:
    assert recipes.slugify("  Crème brûlée: 10 % off! ") == "creme-brulee-10-off"
    assert recipes.remove_accents("café Ångström") == "cafe Angstrom"
    assert recipes.normalize_whitespace(" a\t b\n\nc ") == "a b c"


def test_names() -> None:
    names = {"HTTPServer": "http_server", "userId": "user_id", "parseV2Json": "parse_v_2_json"}
    for camel, snake in names.items():
        assert recipes.camel_to_snake(camel) == snake
    assert recipes.snake_to_camel("user_home_id") == "userHomeId"


def test_shortening() -> None:
    assert recipes.truncate("hello", 5) == "hello"
    assert recipes.truncate("hello wonderful world", 12) == "hello…"
    assert recipes.truncate("hello world foo", 12) == "hello world…"
    assert recipes.truncate("incomprehensible", 6) == "incom…"
    assert recipes.wrap_paragraph("a b c d", width=4, indent="> ") == "> a\n> b\n> c\n> d"


def test_formatting() -> None:
    sizes = [0, 1023, 1536, 5 * 1024**2, 3 * 1024**4]
    said = [recipes.format_file_size(size) for size in sizes]
    assert said == ["0 B", "1023 B", "1.5 KiB", "5.0 MiB", "3.0 TiB"]
    assert recipes.pluralize(1, "file") == "1 file"
    assert recipes.pluralize(2, "entry", "entries") == "2 entries"
    words = ("a", "b", "c")
    joined = [recipes.join_with_and(words[:count]) for count in range(4)]
    assert joined == ["", "a", "a and b", "a, b and c"]


def test_comparing() -> None:
    assert recipes.most_common_words("The cat and the dog", 1) == [("the", 2)]
    assert recipes.closest_match("comit", ["commit", "branch"]) == "commit"
    assert recipes.closest_match("xyz", ["commit"]) is None
    assert recipes.edit_distance("kitten", "sitting") == 3
    assert recipes.edit_distance("", "abc") == recipes.edit_distance("abc", "") == 3
    assert recipes.unified_diff("a\nb", "a\nc").splitlines()[-2:] == ["-b", "+c"]
    assert recipes.equal_ignoring_case("Straße CAFE\u0301", "STRASSE café")
    assert not recipes.equal_ignoring_case("a", "b")


def test_natural_sorting() -> None:
    names = ["file10", "File2", "file", "2nd", "file2b"]
    expected = ["2nd", "file", "File2", "file2b", "file10"]
    assert sorted(names, key=recipes.natural_sort_key) == expected


def test_html() -> None:
    page = "<p>Fish &amp; <b>chips</b></p><script>alert(1)</script><style>p{}</style> now"
    assert recipes.html_to_text(page) == "Fish & chips now"
    assert recipes.html_list(["<b>"]) == "<ul><li>&lt;b&gt;</li></ul>"


def test_templates_refuse_missing_values() -> None:
    assert recipes.fill_template("Dear $name", {"name": "Ada"}) == "Dear Ada"
    with pytest.raises(KeyError):
        recipes.fill_template("$missing", {})


def test_decoding() -> None:
    assert recipes.decode_bytes("\ufeffä".encode()) == "ä"
    assert recipes.decode_bytes("€".encode("cp1252")) == "€"
    assert recipes.decode_bytes(b"\x81") == "\x81"


def test_hiding() -> None:
    assert recipes.mask_secret("sk-123456789") == "********6789"
    assert recipes.mask_secret("12345678") == "********"
    assert recipes.caesar_cipher("Hello, zoo!", 13) == "Uryyb, mbb!"
    assert recipes.caesar_cipher(recipes.caesar_cipher("abc", 3), -3) == "abc"
