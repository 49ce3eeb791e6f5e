from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.languages import TABLED, language_named
from dowse.model.evaluation.descriptions import Described, has_definitions, read_definitions

C_LIKE = "{\n  return 2; // remark\n}\n"
SOURCES = {
    "python": (
        '"""Module words."""\n\n\n@cache\n# above\ndef area(radius):\n'
        '    """Square DOCUMENTED."""\n    return radius * radius  # remark\n\n\n'
        "LIMIT = (\n    3,\n)\n'''Attribute words.'''\n"
    ),
    "javascript": "// plain\n/** Square DOCUMENTED. */\nfunction area(radius) " + C_LIKE,
    "typescript": "/**\n * Square DOCUMENTED.\n */\nexport function area(r: number) " + C_LIKE,
    "tsx": "/** Square DOCUMENTED. */\nexport const area = (r: number) => " + C_LIKE,
    "go": "package p\n\n// area is DOCUMENTED.\nfunc area(r int) int " + C_LIKE,
    "rust": "/// Square DOCUMENTED.\n#[inline]\npub fn area(r: u32) -> u32 " + C_LIKE,
    "java": "class area {\n/** Square DOCUMENTED. */\nint area(int r) " + C_LIKE + "}\n",
    "c": "/* Square DOCUMENTED. */\nint area(int r)\n" + C_LIKE,
    "cpp": "/// Square DOCUMENTED.\ntemplate <class T>\nT area(T r)\n" + C_LIKE,
    "csharp": (
        "class A {\n/// <summary>Square DOCUMENTED.</summary>\nint area(int r)\n" + C_LIKE + "}\n"
    ),
    "ruby": "# Square DOCUMENTED.\ndef area(r)\n  2 # remark\nend\n",
    "php": "<?php\n/** Square DOCUMENTED. */\nfunction area($r) " + C_LIKE,
    "bash": "# Square DOCUMENTED.\narea() {\n  echo 2 # remark\n}\n",
    "lua": "--- Square DOCUMENTED.\nfunction area(r)\n  return 2 -- remark\nend\n",
    "sql": "-- Square DOCUMENTED.\nCREATE TABLE area (\n  r int -- remark\n);\n",
}


def read(name: str, source: str) -> list[Described]:
    language = language_named(name)
    assert language is not None
    return read_definitions(source.encode(), language, 400)


def test_every_language_with_functions_is_tried_below() -> None:
    assert {each.name for each in TABLED if has_definitions(each)} == SOURCES.keys()


@pytest.mark.parametrize("name", SOURCES)
def test_the_description_is_told_and_taken_out(name: str) -> None:
    found = read(name, SOURCES[name])
    (described,) = [each for each in found if each.description]
    assert described.symbol.endswith("area")
    assert "DOCUMENTED" in described.description
    searched = "\n".join(text for each in found for text in each.passages)
    assert "DOCUMENTED" not in searched
    assert "area" in searched
    assert "remark" in searched  # a comment inside the body is no description


def test_python_keeps_decorators_and_loses_every_bare_string() -> None:
    area, limit = read("python", SOURCES["python"])
    assert area.passages == ("@cache\ndef area(radius):\n    return radius * radius  # remark",)
    assert area.line == 6
    assert "Attribute words" not in " ".join(limit.passages)
    assert not limit.is_named


def test_a_class_is_searched_by_its_outline_and_its_methods_by_themselves() -> None:
    source = (
        'class A:\n    """Class words."""\n    x = 1\n    """Attribute words."""\n'
        '    def f(self):\n        """Method words."""\n        pass\n'
    )
    outline, method = read("python", source)
    assert outline.passages == ("class A:\n    x = 1\n    def f(self):",)
    assert (outline.description, method.description) == (
        '"""Class words."""',
        '"""Method words."""',
    )


def test_doc_comments_of_declarations_inside_a_class_are_taken_out_too() -> None:
    source = "/** Outer words. */\ninterface Shape {\n  /** Inner words. */\n  int area();\n}\n"
    (shape,) = read("java", source)
    assert shape.description == "/** Outer words. */"
    assert "words" not in shape.passages[0]
    assert "int area();" in shape.passages[0]


def test_a_plain_comment_is_no_description_where_doc_comments_have_a_sign() -> None:
    (area,) = read("javascript", "// old idea\nfunction area(r) {\n  return 2;\n}\n")
    assert area.description == ""
    assert "old idea" not in area.passages[0]


def test_a_docstring_alone_leaves_the_head() -> None:
    (method,) = read("python", 'def f():\n    """Only words."""\n')
    assert method.passages == ("def f():",)


@given(st.sampled_from(sorted(SOURCES)), st.text(), st.integers(0, 60))
def test_broken_text_is_read_without_an_error(name: str, noise: str, place: int) -> None:
    source = SOURCES[name]
    for each in read(name, source[:place] + noise + source[place:]):
        assert all(each.passages)
