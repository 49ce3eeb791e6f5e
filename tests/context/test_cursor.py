from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dowse.context.cursor import MAX_NAMES, cursor_context
from dowse.context.languages import LANGUAGES, TABLED, Language, language_named
from dowse.context.scopes import SCOPES
from dowse.context.types import CursorContext

# The caret stands at "^"; then: function, class, names from the nearest, imports.
SAMPLES = {
    "python": (
        """import os
from a.b import c as d
LIMIT = 3
class Client:
    retries: int = 2
    def get(self, url, *args, timeout=1):
        first, second = 1, 2
        for each in args:
            with open(url) as file:
                pass
        def inner(hidden): local = 1
        ^# find: x

    def other(self, unseen): pass
def late(unseen): pass
""",
        ("get", "Client"),
        "inner file each second first timeout args url get retries Client LIMIT late",
        "os a.b c d",
    ),
    "javascript": (
        """import a, { b as c } from "m";
const fs = require("fs");
function top(x, { y, z: w }, ...rest) {
  const [first] = x;
  rest.map((item) => {
    ^// find: x
  });
  const after = 1;
}
function late(unseen) {}
""",
        ("top", None),
        "item first rest w y x top fs late",
        "a b c m fs",
    ),
    "typescript": (
        """import { A } from "a";
interface Options { url: string }
export class Page {
  load(path: string, options?: Options) {
    let result = 1;
    ^// find: x
  }
  other(unseen: string) {}
}
""",
        ("load", "Page"),
        "result options path Page Options",
        "A a",
    ),
    "tsx": (
        """export const Page = ({ title }: Props) => {
  const [open, setOpen] = useState(false);
  ^// find: x
  return <p />;
};
""",
        ("Page", None),
        "setOpen open title Page",
        "",
    ),
    "go": (
        """package main
import (
	"fmt"
	x "a/b"
)
var limit = 1
func (s *Server) Serve(port int) (err error) {
	q := 1
	^// find: x
}
func late(unseen int) {}
""",
        ("Serve", "Server"),
        "q err port s limit late",
        "fmt x a/b",
    ),
    "rust": (
        """use std::io;
struct Point;
impl Point {
    fn shift(&self, by: u8) {
        let (a, b) = by;
        ^// find: x
    }
    fn other(unseen: u8) {}
}
""",
        ("shift", "Point"),
        "b a by shift Point",
        "std::io",
    ),
    "java": (
        """import java.util.List;
class Bag {
    int size;
    void add(int item, String... more) {
        int local = 2;
        ^// find: x
    }
    void other(int unseen) {}
}
""",
        ("add", "Bag"),
        "local more item add size Bag",
        "java.util.List",
    ),
    "c": (
        """#include <stdio.h>
int limit;
int proto(int unseen);
static int *grow(int size, char *text) {
    int c = 1, *d;
    ^/* find: x */
}
void late(int unseen) {}
""",
        ("grow", None),
        "d c text size grow proto limit late",
        "stdio.h",
    ),
    "cpp": (
        """#include <string>
int a::Parser::parse(const std::string& text) const {
    auto x = 1;
    ^// find: x
}
""",
        ("parse", "a.Parser"),
        "x text",
        "string",
    ),
    "csharp": (
        """using System;
class Bag {
    int size;
    void Add(int item) {
        var local = 1;
        ^// find: x
    }
}
""",
        ("Add", "Bag"),
        "local item Add size Bag",
        "System",
    ),
    "ruby": (
        """require "json"
module Tools
  class Client
    def get(path, retries = 1, *rest)
      body = 2
      ^# find: x
    end
  end
end
""",
        ("get", "Client"),
        "body rest retries path get Client Tools",
        "json",
    ),
    "php": (
        """<?php
use App\\Base as Other;
class Page {
    private $id;
    function draw($to) {
        $local = 1;
        ^// find: x
    }
}
""",
        ("draw", "Page"),
        "$local $to draw $id Page",
        "App\\Base Other",
    ),
    "bash": (
        "source lib.sh\nX=1\nsay() {\n  local text=1\n  ^# find: x\n}\n",
        ("say", None),
        "text say X",
        "lib.sh",
    ),
    "lua": (
        "local m = require('json')\nfunction M.get(a, b)\n  local c = 1\n  ^-- find: x\nend\n",
        ("get", "M"),
        "c b a M.get m",
        "json",
    ),
    "sql": ("CREATE TABLE t (id INT);\n^-- find: x\n", (None, None), "id t", ""),
    "html": ('<div id="a">\n  ^<!-- find: x -->\n</div>\n', (None, None), "a", ""),
    "css": ('@import "a";\n.b { --c: 1 }\n^/* find: x */\n', (None, None), "--c b", "a"),
}


def language(name: str) -> Language:
    found = language_named(name)
    assert found is not None
    return found


def context_at(name: str, source: str) -> CursorContext:
    before, _, after = source.partition("^")
    text = f"{before}{after}".encode()
    return cursor_context(text, language(name), len(before.encode()))


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", SAMPLES)
def test_surroundings(name: str, newline: str) -> None:
    source, (function, class_), names, imports = SAMPLES[name]
    context = context_at(name, source.replace("\n", newline))
    assert (context.function, context.class_) == (function, class_)
    assert context.names == tuple(names.split())
    assert context.imports == tuple(imports.split())
    assert context.style.newline == newline


def test_every_language_with_a_table_has_a_sample() -> None:
    assert {*SAMPLES} == {each.name for each in TABLED}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(a):\n    ^# find: x\n", ("f", None)),
        ("class A:\n    def f(self):\n        ^# find: x\n\ndef g(): pass\n", ("f", "A")),
        ("class A:\n    def f(self): pass\n    ^# find: x\n", (None, "A")),
        ("def f(a):\n    return 1\n\n^# find: x\n", (None, None)),
        ("def f():\n    if x:\n        def g(): pass\n    ^# find: x\n", ("f", None)),
    ],
)
def test_indentation_tells_the_block_of_a_python_comment(
    source: str, expected: tuple[str | None, str | None]
) -> None:
    context = context_at("python", source)
    assert (context.function, context.class_) == expected


@pytest.mark.parametrize(
    ("name", "source", "indent"),
    [
        ("python", "if x:\n  if y:\n    z\n  w\n^", "  "),
        ("python", "if x:\n\tif y:\n\t\tz\n^", "\t"),
        ("python", "x = foo(a,\n        b)\nif x:\n    y\nif z:\n    w\n^", "    "),
        ("python", "^", "    "),
        ("go", "^", "\t"),
        ("javascript", "^", "  "),
        ("yaml", "a:\n  b:\n    c: 1\n^", "  "),
    ],
)
def test_indent_unit(name: str, source: str, indent: str) -> None:
    assert context_at(name, source).style.indent == indent


@pytest.mark.parametrize(
    ("source", "indentation"),
    [("x\n \t^# find: x", " \t"), ("\ufeff  ^# find: x", "  "), ("\f    ^# find: x", "    ")],
)
def test_indentation_is_spaces_and_tabs(source: str, indentation: str) -> None:
    assert context_at("python", source).indentation == indentation


def test_names_are_bounded_and_the_nearest_stay() -> None:
    source = "".join(f"name_{n} = 1\n" for n in range(500)) + "^"
    names = context_at("python", source).names
    assert len(names) == MAX_NAMES
    assert names[0] == "name_499"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(LANGUAGES), st.binary(max_size=120), st.integers(-5, 200))
def test_any_bytes_and_offsets_are_survived(kind: Language, source: bytes, byte: int) -> None:
    context = cursor_context(source, kind, byte)
    assert context.indentation.strip(" \t") == ""
    assert context.style.indent.strip(" \t") == ""
    assert context.style.indent


@pytest.mark.parametrize("name", SAMPLES)
def test_queries_do_not_look_at_text(name: str) -> None:
    # tree-sitter 0.26.1 crashes the process where a predicate meets bytes that are no UTF-8.
    assert "(#" not in SCOPES[name]
    source = b'require "\xd8"\nsource \xd8\nlocal m = require("\xd8")\n<a id="\xd8">\n' * 20
    assert cursor_context(source, language(name), len(source)).style.newline == "\n"
