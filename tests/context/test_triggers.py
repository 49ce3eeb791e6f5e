from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dowse.context.languages import TABLED, Language, language_named
from dowse.context.lines import Lines
from dowse.context.triggers import Trigger, find_trigger, find_triggers, may_trigger

# Every trigger says what it is; what says "no" must not be found.
SAMPLES = {
    "python": '''
import re  # find: trailing comment

def load(path):
    """Docstring.

    # find: no, docstring
    """
    # Find: line comment
    #   that goes on
    #
    # not this
    text = "# find: no, string" + f"# find: no {path}"
    return re.compile(r"#find:no")
    #find:without spaces
''',
    "javascript": """
// find: line comment
//   that goes on
import { get } from "http";
/**
 * find: block comment
 *   that goes on
 *
 * not this
 */
const a = `// find: no ${get /* find: inside a template */}`;
const r = /\\/\\/ find: no/; // find: trailing comment
/// find: three
// not this
/** Documentation.
 * find: no, not at the start
 */
""",
    "typescript": """
export interface Options { url: string /* find: block comment */ }
const s: string = "// find: no";
// find: line comment
""",
    "tsx": """
export const Page = () => (
  <main title="// find: no">
    {/* find: inside of JSX */}
    // find: no, text
    <p>/* find: no */</p>
  </main>
);
// find: line comment
""",
    "go": """
package main

// find: line comment
// that goes on
func main() {
	s := `// find: no`
	/* find: block comment */
	println(s, "// find: no") // find: trailing comment
}
""",
    "rust": """
/// find: doc comment
/// that goes on
fn main() {
    let s = r#"// find: no"#; // find: trailing comment
    //! find: inner
    /* find: block /* nested */
    comment */
}
""",
    "java": '''
class A {
    /* find: block comment
     * that goes on */
    String s = "// find: no";
    String t = """
        // find: no
        """;
    // find: line comment
}
''',
    "c": """
#include <stdio.h> // find: trailing comment
/* find: block comment */
static const char *s = "/* find: no */";
#define X "// find: no"
int main(void) { return 0; /* find: second */ }
""",
    "cpp": """
// find: line comment
auto s = R"(// find: no)";
/*! find: block comment */
""",
    "csharp": """
/// find: doc comment
class A {
    string s = @"
// find: no";
    // find: line comment
    /* find: block comment */
}
""",
    "ruby": """
# find: line comment
#  that goes on
=begin
find: block comment
that goes on
=end
text = <<~TEXT
  # find: no
TEXT
puts "# find: no" # find: trailing comment
""",
    "php": """<!-- find: page -->
<script>
var a = <?php echo 1; ?>; // find: script
</script>
<?php
# find: hash comment
// find: line comment
$s = '# find: no';
$t = <<<EOT
// find: no
EOT;
/** find: block comment */
?>
<p>// find: no</p>
""",
    "bash": """#!/bin/bash
# find: line comment
# that goes on
cat <<EOF
# find: no
EOF
echo '# find: no' "# find: no" x#find:no # find: trailing comment
""",
    "lua": """
-- find: line comment
-- that goes on
--[[ find: block comment ]]
--[==[
find: long block
comment ]==]
local s = [[
-- find: no
]]
local t = "-- find: no" -- find: trailing comment
""",
    "sql": """
-- find: line comment
SELECT '-- find: no', "/* find: no */" /* find: block comment */ FROM t;
""",
    "html": """<!DOCTYPE html>
<!-- find: page
     that goes on -->
<p title="<!-- find: no -->">find: no // find: no</p>
<style>/* find: style */ p::after { content: "/* find: no */" }</style>
<script>
  // find: script
  const s = "// find: no";
</script>
<script type="application/json">{"a": "// find: no"}</script>
""",
    "css": """
/* find: block comment */
p::after { content: "/* find: no */"; }
""",
}

EXPECTED = {
    "python": ["trailing comment", "line comment that goes on", "without spaces"],
    "javascript": [
        *("line comment that goes on", "block comment that goes on", "inside a template"),
        *("trailing comment", "three"),
    ],
    "typescript": ["block comment", "line comment"],
    "tsx": ["inside of JSX", "line comment"],
    "go": ["line comment that goes on", "block comment", "trailing comment"],
    "rust": ["doc comment that goes on", "trailing comment", "inner", "block /* nested */ comment"],
    "java": ["block comment that goes on", "line comment"],
    "c": ["trailing comment", "block comment", "second"],
    "cpp": ["line comment", "block comment"],
    "csharp": ["doc comment", "line comment", "block comment"],
    "ruby": ["line comment that goes on", "block comment that goes on", "trailing comment"],
    "php": ["page", "script", "hash comment", "line comment", "block comment"],
    "bash": ["line comment that goes on", "trailing comment"],
    "lua": ["line comment that goes on", "block comment", "long block comment", "trailing comment"],
    "sql": ["line comment", "block comment"],
    "html": ["page that goes on", "style", "script"],
    "css": ["block comment"],
}


def language(name: str) -> Language:
    found = language_named(name)
    assert found is not None
    return found


PYTHON = language("python")


def words(name: str, source: str | bytes, word: str = "find") -> list[str]:
    data = source.encode() if isinstance(source, str) else source
    return [trigger.words for trigger in find_triggers(data, language(name), word)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", SAMPLES)
def test_triggers_are_comments_and_nothing_else(name: str, newline: str) -> None:
    assert words(name, SAMPLES[name].replace("\n", newline)) == EXPECTED[name]


@pytest.mark.parametrize("name", SAMPLES)
def test_each_trigger_is_found_from_its_lines_and_from_the_line_below(name: str) -> None:
    source = SAMPLES[name].encode()
    lines = Lines(source)
    for trigger in find_triggers(source, language(name)):
        for line in range(trigger.start_line, trigger.end_line + 1):
            assert may_trigger(lines, line)
            assert find_trigger(source, language(name), line) is not None
        assert find_trigger(source, language(name), trigger.start_line - 2) != trigger


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("clojure", ";; find: other"),
        ("haskell", "{- find: other -}"),
        ("ocaml", "(* find: other *)"),
        ("vim", '" find: other'),
        ("latex", "% find: other"),
        ("toml", "# find: other"),
        ("yaml", "a: '# find: no' # find: other"),
        ("powershell", "<# find: other #>"),
        ("vue", "<script>\n// find: other\n</script>"),
        ("xml", "<a><!-- find: other --></a>"),
        ("julia", "#= find: other =#"),
        ("fortran", "program a\n! find: other\nend program"),
        ("kotlin", 'val s = "// find: no" // find: other'),
        ("embeddedtemplate", "<%# find: other %>"),
    ],
)
def test_other_grammars_by_their_comment_nodes(name: str, source: str) -> None:
    assert words(name, source) == ["other"]


def test_where_a_trigger_stands() -> None:
    source = "x = 1\n    # find: é one\n    #  two\ny\n".encode()
    expected = Trigger("é one two", 1, 2, 10, 35, "    ")
    assert find_triggers(source, PYTHON) == [expected]
    found = [find_trigger(source, PYTHON, line) for line in range(-1, 7)]
    assert found == [None, None, expected, expected, expected, None, None, None]


def test_a_trailing_comment_has_the_indentation_of_its_line() -> None:
    (trigger,) = find_triggers(b"if x:\n\tf()  # find: it\n", PYTHON)
    assert (trigger.indentation, trigger.start_byte) == ("\t", 12)


def test_the_trigger_on_a_line_goes_before_the_one_above() -> None:
    source = b"# find: one\n# find: two\n"
    found = [find_trigger(source, PYTHON, line) for line in range(3)]
    assert [each and each.words for each in found] == ["one", "two", "two"]


@pytest.mark.parametrize(
    "source",
    ["# find:", "# find:  \n# more", "# finding: x", "# refind: x", "# find x", "# find:: x", ""],
)
def test_what_is_no_trigger(source: str) -> None:
    assert words("python", source) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"\xef\xbb\xbf# find: bom\n# more", ["bom more"]),
        (b"x = '\xff\xfe'\n\xff = 2\n# find: bytes", ["bytes"]),
        (b"\x0c# find: form feed\n", ["form feed"]),
        ("s = '😀' # find: a 😀 b".encode(), ["a 😀 b"]),
        (b"def f(:\n    x = [1,\n    # find: unfinished\n\ndef g(\n", ["unfinished"]),
        (b"class A:\n    def f(self):\n        # find: empty body\n", ["empty body"]),
        (b"# find: a\n  # other column\n", ["a"]),
        (b"# find: a\n## other sign\n", ["a"]),
    ],
)
def test_odd_texts(source: bytes, expected: list[str]) -> None:
    assert words("python", source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "/* find: retry\nfunction f() {}\n/* other */",
        "function f() {\n  /* find: retry\n  return 1;\n}",
        "/* find: retry",
    ],
)
def test_a_block_comment_that_is_not_closed_ends_with_its_line(source: str) -> None:
    assert words("javascript", source) == ["retry"]


def test_the_word_is_literal_text() -> None:
    assert words("python", "# f.nd: a\n\n# find: b\n", "f.nd") == ["a"]
    assert words("python", "# НАЙТИ: a\n\n# @dowse: b", "найти") == ["a"]
    assert words("python", "# @dowse: b", "@dowse") == ["b"]


def test_ordinary_lines_need_no_parse() -> None:
    lines = Lines(b"# find: x\n" + b"y = 1\n" * 100)
    assert may_trigger(lines, 1)
    assert not any(may_trigger(lines, line) for line in (-1, 60, 100, 101, 5000))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TABLED), st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_are_survived(kind: Language, before: bytes, after: bytes) -> None:
    source = before + b"find: x" + after
    lines = Lines(source)
    for trigger in find_triggers(source, kind):
        assert 0 <= trigger.start_byte < trigger.end_byte <= len(source)
        assert 0 <= trigger.start_line <= trigger.end_line < len(lines)
        assert trigger.words == " ".join(trigger.words.split()) != ""
        assert may_trigger(lines, trigger.end_line)
    for line in range(len(lines)):
        find_trigger(source, kind, line)
