from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dowse.context.languages import LANGUAGES, TABLED, Language, language_named
from dowse.context.lines import Lines
from dowse.context.snippets import exceeds_depth, extract
from dowse.context.types import Definition, Kind, Limits


def language(name: str) -> Language:
    found = language_named(name)
    assert found is not None
    return found


def outline(name: str, source: str) -> list[tuple[str, str, int, int]]:
    found = (each.snippet for each in extract(source.encode(), language(name)))
    return [(s.kind.value, s.symbol, s.start_line, s.end_line) for s in found]


def texts(name: str, source: str) -> list[str]:
    data = source.encode()
    found = (each.snippet for each in extract(data, language(name)))
    return [data[s.start_byte : s.end_byte].decode() for s in found]


SAMPLES = {
    "python": (
        '''"""Module docstring."""
import os
from typing import Any

__all__ = [
    "load",
]

# Retries a call.
@functools.cache
def load(path: str) -> Any:
    """Docstring."""
    def inner(): pass
    return path


class Client(Base):
    """A client."""

    timeout: float = 3

    @property
    async def url(self) -> str:
        return "x"

    class Meta:
        ordering = []

try:
    import fast
except ImportError:
    def fallback():
        return None

for name in os.listdir():
    print(name)
''',
        [
            ("function", "load", 8, 13),
            ("class", "Client", 16, 26),
            ("method", "Client.url", 21, 23),
            ("class", "Client.Meta", 25, 26),
            ("function", "fallback", 31, 32),
            ("block", "for name in os.listdir()", 34, 35),
        ],
    ),
    "javascript": (
        """import a from "a";
const fs = require("fs");
/** Adds. */
export const add = async (x, y) => x + y;
export default function () {}
module.exports.save = function (path) { return path; };
Client.prototype.get = (url) => url;
class Client extends Base {
  retries = 3;
  #send = async () => {};
  constructor(url) { super(url); }
}
const tools = {
  open() {},
  close: () => {},
  name: "tools",
};
app.use(cors());
app.listen(80);
""",
        [
            ("function", "add", 2, 3),
            ("function", "default", 4, 4),
            ("function", "save", 5, 5),
            ("method", "Client.get", 6, 6),
            ("class", "Client", 7, 11),
            ("method", "Client.#send", 9, 9),
            ("method", "Client.constructor", 10, 10),
            ("class", "tools", 12, 16),
            ("method", "tools.open", 13, 13),
            ("method", "tools.close", 14, 14),
            ("block", "app.use(cors());", 17, 18),
        ],
    ),
    "typescript": (
        """import type { A } from "a";
@Component({})
export abstract class Page<T> {
  constructor(private name: string) {}
  abstract render(): void;
}
export interface Options { url: string }
type Id = string | number;
export enum Color { Red }
export namespace Util {
  export function pad(s: string): string { return s; }
}
""",
        [
            ("class", "Page", 1, 5),
            ("method", "Page.constructor", 3, 3),
            ("class", "Options", 6, 6),
            ("class", "Id", 7, 7),
            ("class", "Color", 8, 8),
            ("function", "Util.pad", 10, 10),
        ],
    ),
    "tsx": (
        "export const Page = ({ title }: Props) => (\n  <h1>{title}</h1>\n);\n",
        [("function", "Page", 0, 2)],
    ),
    "go": (
        """package main

import "fmt"

// Serve serves.
func Serve(port int) error { return nil }

func (s *Server[T]) Close() {}

type Server[T any] struct { port int }

type (
	Handler func()
	ID = int
)

var hook = func() {}
""",
        [
            ("function", "Serve", 4, 5),
            ("method", "Server.Close", 7, 7),
            ("class", "Server", 9, 9),
            ("class", "Handler", 12, 12),
            ("class", "ID", 13, 13),
            ("function", "hook", 16, 16),
        ],
    ),
    "rust": (
        """use std::io;

/// A point.
#[derive(Debug)]
pub struct Point<T> { x: T }

impl<T> fmt::Display for Point<T> {
    fn fmt(&self) {}
}

pub trait Shape { fn area(&self) -> f64; fn name(&self) -> String { String::new() } }

macro_rules! square { ($x:expr) => { $x * $x } }

#[cfg(test)]
mod tests {
    #[test]
    fn works() {}
}
""",
        [
            ("class", "Point", 2, 4),
            ("class", "Point", 6, 8),
            ("method", "Point.fmt", 7, 7),
            ("class", "Shape", 10, 10),
            ("method", "Shape.name", 10, 10),
            ("function", "square", 12, 12),
            ("function", "tests.works", 16, 17),
        ],
    ),
    "java": (
        """package a;
import java.util.List;
/** A list. */
@Deprecated
public class Bag<T> {
    private int size = 0;
    public Bag() {}
    @Override
    public int size() { return size; }
    interface Visitor { void visit(int x); }
}
enum Color { RED; Color next() { return RED; } }
record Point(int x, int y) {}
""",
        [
            ("class", "Bag", 2, 10),
            ("method", "Bag.Bag", 6, 6),
            ("method", "Bag.size", 7, 8),
            ("class", "Bag.Visitor", 9, 9),
            ("class", "Color", 11, 11),
            ("method", "Color.next", 11, 11),
            ("class", "Point", 12, 12),
        ],
    ),
    "c": (
        """#ifndef A_H
#define A_H
#include <stdio.h>
#define MAX(a, b) \\
    ((a) > (b) ? (a) : (b))
typedef struct node { int value; } node_t;
struct list { int size; };
typedef int number;

/* Grows it. */
static char *grow(struct list *l) { return 0; }
#ifdef DEBUG
void dump(void) {}
#endif
#endif
""",
        [
            ("function", "MAX", 3, 4),
            ("class", "node_t", 5, 5),
            ("class", "list", 6, 6),
            ("function", "grow", 9, 10),
            ("function", "dump", 12, 12),
        ],
    ),
    "cpp": (
        """#include <string>
namespace a::b {
// A stack.
template <class T> class Stack : public Base {
public:
    explicit Stack(int n) : n_(n) {}
    ~Stack() = default;
    bool operator==(const Stack& o) const { return true; }
private:
    int n_;
};
}
int a::b::Parser::parse() const { return 0; }
template <typename T> T twice(T&& x) { return x + x; }
auto square = [](int x) { return x * x; };
enum class Color { Red };
""",
        [
            ("class", "Stack", 2, 10),
            ("method", "Stack.Stack", 5, 5),
            ("method", "Stack.operator==", 7, 7),
            ("method", "a.b.Parser.parse", 12, 12),
            ("function", "twice", 13, 13),
            ("function", "square", 14, 14),
            ("class", "Color", 15, 15),
        ],
    ),
    "csharp": (
        """using System;
namespace N {
    /// <summary>A bag.</summary>
    [Serializable]
    public class Bag<T> : IBag {
        public int Size { get; set; }
        public Bag() {}
        public async Task<int> LoadAsync(string path) { return 1; }
        public static Bag operator +(Bag a, Bag b) => a;
    }
    public interface IBag { void Clear(); }
    public record Point(int X, int Y);
}
""",
        [
            ("class", "Bag", 2, 9),
            ("method", "Bag.Bag", 6, 6),
            ("method", "Bag.LoadAsync", 7, 7),
            ("method", "Bag.operator+", 8, 8),
            ("class", "IBag", 10, 10),
            ("class", "Point", 11, 11),
        ],
    ),
    "ruby": (
        """require "json"

# Helpers.
module Tools
  class Client < Base
    attr_reader :url

    def get(path)
      path
    end

    def self.open; end

    class << self
      def close; end
    end

    private def secret; end
  end
end
task :build do
  sh "make"
end
""",
        [
            ("class", "Tools", 2, 19),
            ("class", "Tools.Client", 4, 18),
            ("method", "Tools.Client.get", 7, 9),
            ("method", "Tools.Client.open", 11, 11),
            ("method", "Tools.Client.close", 14, 14),
            ("method", "Tools.Client.secret", 17, 17),
            ("block", "task :build do", 20, 22),
        ],
    ),
    "php": (
        """<?php
namespace App\\Http;
use App\\Base;
/** A page. */
#[Route('/')]
final class Page extends Base {
    private int $n = 1;
    public function __construct(private int $id) {}
    abstract function draw();
}
interface Drawable { function draw(); }
trait Named { function name() { return 'x'; } }
function helper(array $a) { return $a; }
$double = fn($x) => $x * 2;
""",
        [
            ("class", "Page", 3, 9),
            ("method", "Page.__construct", 7, 7),
            ("class", "Drawable", 10, 10),
            ("class", "Named", 11, 11),
            ("method", "Named.name", 11, 11),
            ("function", "helper", 12, 12),
            ("function", "double", 13, 13),
        ],
    ),
    "bash": (
        """#!/bin/bash
set -e
# Prints.
say() { echo "$1"; }
function build {
  make
}

for f in *; do
  say "$f"
done
""",
        [
            ("function", "say", 2, 3),
            ("function", "build", 4, 6),
            ("block", "for f in *; do", 8, 10),
        ],
    ),
    "lua": (
        """local json = require("json")
--- Opens.
function M.open(path) return path end
function M:close() end
local function helper(x) return x end
M.save = function(path) end
for k, v in pairs(M) do
  print(k, v)
end
return M
""",
        [
            ("method", "M.open", 1, 2),
            ("method", "M.close", 3, 3),
            ("function", "helper", 4, 4),
            ("method", "M.save", 5, 5),
            ("block", "for k, v in pairs(M) do", 6, 8),
        ],
    ),
    "sql": (
        """-- Users.
CREATE TABLE app.users (id INT PRIMARY KEY);
CREATE VIEW names AS SELECT name FROM users;
CREATE INDEX by_name ON users (name);

SELECT name
FROM users;
""",
        [
            ("class", "app.users", 0, 1),
            ("class", "names", 2, 2),
            ("block", "by_name", 3, 3),
            ("block", "SELECT name", 5, 6),
        ],
    ),
    "html": (
        """<!DOCTYPE html>
<html><body>
<nav><a href="/">x</a></nav>
<div id="main" class="y">
  <p>z</p>
</div>
<p>plain</p>
<script>
function go() { return 1; }
</script>
<style>
.a { color: red; }
</style>
</body></html>
""",
        [
            ("block", "nav", 2, 2),
            ("block", "div#main", 3, 5),
            ("function", "go", 8, 8),
            ("block", ".a", 11, 11),
        ],
    ),
    "css": (
        """@import "a.css";
/* Links. */
a, .b > c {
  color: red;
}
@media (max-width: 1px) { .d { color: blue; } }
@keyframes spin { from { top: 0; } }
""",
        [
            ("block", "a, .b > c", 1, 4),
            ("block", "@media (max-width: 1px)", 5, 5),
            ("block", "@keyframes spin", 6, 6),
        ],
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", SAMPLES)
def test_definitions_and_blocks(name: str, newline: str) -> None:
    source, expected = SAMPLES[name]
    assert outline(name, source.replace("\n", newline)) == expected


def test_every_language_with_a_table_has_a_sample() -> None:
    assert {*SAMPLES} == {each.name for each in TABLED}


def test_a_definition_starts_with_its_comment_and_ends_with_its_semicolon() -> None:
    source = "int x;\n\n// far\n\n// near\n\tstruct s { int a; };\nint y; // not this\nint f() {}\n"
    assert texts("c", source) == ["// near\n\tstruct s { int a; };", "int f() {}"]


def test_an_outline_holds_header_fields_and_signatures() -> None:
    source = SAMPLES["python"][0].encode()
    (client,) = (d for d in extract(source, language("python")) if d.snippet.symbol == "Client")
    assert client.passages == (
        'class Client(Base):\n    """A client."""\n    timeout: float = 3\n'
        "    async def url(self) -> str:\n    class Meta:",
    )


def test_a_long_function_is_searched_by_parts_and_offered_whole() -> None:
    body = "".join(f"    step_{n} = call({n})\n" for n in range(100))
    source = f"def long(a, b):\n{body}".encode()
    (found,) = extract(source, language("python"))
    assert found.snippet.end_line == 100
    assert len(found.passages) >= 3
    assert all(part.startswith("def long(a, b):\n") for part in found.passages)
    assert all(len(part) <= 1_600 for part in found.passages)
    assert "".join(found.passages).count("step_") == 100


def test_functions_inside_a_long_function_are_snippets_too() -> None:
    body = "".join(f"    step_{n} = call({n})\n" for n in range(50))
    source = f"def outer():\n    def inner():\n        return 1\n{body}"
    assert [row[1] for row in outline("python", source)] == ["outer", "outer.inner"]


def test_triggers_are_no_part_of_a_passage() -> None:
    source = "# find: a sum\ndef add(a, b):\n    # find: the rest\n    return a + b  # find: x\n"
    (found,) = extract(source.encode(), language("python"))
    assert found.passages == ("def add(a, b):\n    return a + b",)


def test_a_file_without_table_is_cut_at_blank_lines() -> None:
    paragraph = "".join(f"key_{n}: 1\n" for n in range(25))
    found = outline("yaml", f"{paragraph}\n{paragraph}\n\n{paragraph * 3}")
    assert [(start, end) for _, _, start, end in found] == [
        *((0, 24), (26, 50), (53, 92), (93, 127)),
    ]


def test_blocks_hold_about_forty_lines() -> None:
    source = "".join(f"call_{n}()\n" for n in range(100))
    assert [(s, e) for _, _, s, e in outline("python", source)] == [(0, 40), (41, 81), (82, 99)]


def test_depth_is_limited() -> None:
    deep = b"x = " + b"[" * 500 + b"]" * 500 + b"\ndef f(): pass\n"
    assert exceeds_depth(deep, language("python"), 400)
    assert not exceeds_depth(deep, language("python"), 4_000)
    assert extract(deep, language("python")) == []
    assert extract(deep, language("python"), Limits(max_depth=4_000))
    assert not exceeds_depth(SAMPLES["python"][0].encode() * 50, language("python"), 400)


@pytest.mark.parametrize(
    "source",
    [
        b"(" * 100_000,
        b"x = " + b"[" * 50_000 + b"]" * 50_000,
        b"x = " + b"1 + " * 100_000 + b"1",
        b"class A { " * 2_000,
        b"<div>" * 10_000,
        b"/* " * 20_000,
    ],
    ids=["open", "nested", "sum", "classes", "elements", "comments"],
)
@pytest.mark.parametrize("name", ["python", "javascript", "cpp", "html"])
def test_hostile_texts_end_soon(name: str, source: bytes) -> None:
    start = time.monotonic()
    extract(source, language(name), Limits(max_depth=10**9))
    assert time.monotonic() - start < 20


def check(source: bytes, definitions: list[Definition]) -> None:
    lines = Lines(source)
    starts = [each.snippet.start_byte for each in definitions]
    assert starts == sorted(starts)
    for each in definitions:
        found = each.snippet
        assert 0 <= found.start_byte < found.end_byte <= len(source)
        assert found.start_line == lines.line_of(found.start_byte)
        assert found.start_line <= found.end_line == lines.line_of(found.end_byte - 1)
        assert found.symbol
        assert "\n" not in found.symbol
        assert isinstance(found.kind, Kind)
        if len(each.passages) == 1 and found.kind is not Kind.CLASS and b"\r" not in source:
            text = source[found.start_byte : found.end_byte].decode("utf-8", "replace")
            assert each.passages == (text,) or b"find:" in source


FRAGMENTS = st.sampled_from(
    [part.encode() for source, _ in SAMPLES.values() for part in source.splitlines(keepends=True)]
)
MIXED = st.lists(FRAGMENTS | st.binary(max_size=8) | st.just(b"\r"), max_size=25).map(b"".join)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(TABLED), MIXED)
def test_any_text_gives_snippets_inside_of_it(kind: Language, source: bytes) -> None:
    check(source, extract(source, kind))


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(LANGUAGES), st.binary(max_size=200))
def test_any_bytes_are_survived(kind: Language, source: bytes) -> None:
    check(source, extract(source, kind))
