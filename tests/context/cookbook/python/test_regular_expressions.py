from __future__ import annotations

from dowse.context.cookbook.python import regular_expressions as recipes


def test_finding() -> None:
    text = "Mail ada@example.org, or bob.b+x@mail.example.com. See https://example.org/a?b=1."
    assert recipes.find_email_addresses(text) == ["ada@example.org", "bob.b+x@mail.example.com"]
    assert recipes.find_urls(text) == ["https://example.org/a?b=1"]
    assert recipes.find_numbers("-3 apples, 2.5kg, 1e3 and .5") == [-3, 2.5, 1000, 0.5]
    assert recipes.find_dates("from 2024-05-01 to 2024-13-01") == ["2024-05-01"]
    assert recipes.find_hashtags("#one two#no #drei3") == ["one", "drei3"]
    assert recipes.text_between("<a>[b\nc](d)[e]", "[", "]") == ["b\nc", "e"]


def test_log_lines() -> None:
    line = '10.0.0.1 - ada [01/May/2024:12:30:00 +0000] "GET /a HTTP/1.1" 200 512 "-" "curl"'
    parsed = recipes.parse_log_line(line)
    assert parsed is not None
    assert (parsed["host"], parsed["path"], parsed["status"]) == ("10.0.0.1", "/a", "200")
    assert recipes.parse_log_line("hello") is None


def test_replacing() -> None:
    swap = {"cat": "dog", "dog": "cat"}
    assert recipes.replace_words("cat dog catalog", swap) == "dog cat catalog"
    assert recipes.replace_words("cat", {}) == "cat"
    source = 'a = "// no"; // yes\nb = /* x\ny */ 2'
    assert recipes.remove_comments(source) == 'a = "// no"; \nb =  2'


def test_splitting() -> None:
    assert recipes.split_on("a, b;c | |d", [",", ";", "|"]) == ["a", "b", "c", "d"]
    text = "It costs 3.50 euros. Really? Yes!"
    assert recipes.split_sentences(text) == ["It costs 3.50 euros.", "Really?", "Yes!"]
    assert recipes.parse_key_values('a=1 b="two words" c=') == {"a": "1", "b": "two words", "c": ""}


def test_checking() -> None:
    assert recipes.contains_word("A Cat.", "cat")
    assert not recipes.contains_word("catalog", "cat")
    assert recipes.contains_word("I like C++ a lot", "c++")
    assert recipes.is_strong_password("Abcdefgh-1234")
    assert not recipes.is_strong_password("Abcdefgh12345")
    assert not recipes.is_strong_password("Ab-1")
    assert recipes.is_valid_email("ada@example.org")
    for broken in ("ada", "a@b", "a b@example.org", "a@example.org.", "a@@example.org"):
        assert not recipes.is_valid_email(broken)
