"""Finds the names that a piece of code gives itself, and everywhere that they stand."""

from __future__ import annotations

import builtins
import re
from functools import cache
from typing import TYPE_CHECKING

from dowse.context.parsing import captures
from dowse.context.scopes import SCOPES
from dowse.context.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from dowse.model.evaluation.fragments import Fragment

    Span = tuple[int, int]
    """First byte and the one after the last."""

_MORE = {
    "python": "(for_in_clause left: (identifier) @name) (tuple_pattern (identifier) @name)"
    "(for_in_clause left: (pattern_list (identifier) @name))"
    "(lambda_parameters (identifier) @name)",
    "rust": "(tuple_struct_pattern type: (_) (identifier) @name)",
    "sql": "(cte . (identifier) @name) (relation alias: (identifier) @name)",
}
"""Names that `SCOPES`, made for what the cursor can use, passes over."""
_PLAIN = frozenset({"identifier", "type_identifier", "variable_name", "name", "constant", "word"})
"""Types of nodes that are whole names."""
_SHORT = frozenset(
    {
        "shorthand_property_identifier",
        "shorthand_property_identifier_pattern",
        "shorthand_field_identifier",
    }
)
"""Names of a variable and of the attribute that it goes to or comes from."""
_ATTRIBUTES = frozenset(
    {
        *(("attribute", "attribute"), ("keyword_argument", "name"), ("field_access", "field")),
        *(("member_access_expression", "name"), ("member_binding_expression", "name")),
        *(("member_call_expression", "name"), ("scoped_call_expression", "name")),
        *(("scoped_property_access_expression", "name"), ("argument", "name")),
        *(("scoped_identifier", "path"), ("scoped_identifier", "name"), ("field", "name")),
        *(("qualified_identifier", "name"), ("qualified_name", "name"), ("qualified_name", "")),
        *(("dot_index_expression", "field"), ("method_index_expression", "method")),
        *(("element_value_pair", "key"), ("scope_resolution", "name"), ("label", "")),
    }
)
"""Parent and field of names that something else has declared."""
_CALLED = frozenset({("method_invocation", "name"), ("call", "method"), ("command_name", "")})
"""Parent and field of called functions, in languages where variables do not share their names."""
_AMBIGUOUS = frozenset(
    {"anonymous_object_creation_expression", "property_promotion_parameter", "literal_element"}
)
"""Parents of names that may be a variable's, an attribute's or both."""
_RAW = {"c": rb"\w+", "cpp": rb"\w+", "rust": rb"(?<=\{)\w+"}
"""Names inside of what a grammar does not look into: bodies of macros, texts with `{name}`."""
_RAW_TYPES = frozenset({"preproc_arg", "string_content"})
_RECEIVERS = frozenset({"self", "cls", "this", "$this", "super", "Self", "parent", "static"})
_KEPT = _RECEIVERS | {"_", "main"}


class Names(dict[str, dict["Span", bool]]):
    """The names that a piece gives itself and that may change without changing what it does.

    Of each, the spans in the fragment's source where it stands, in order, and whether it names an
    attribute there as well.
    """

    def __init__(self) -> None:
        super().__init__()
        self.definitions: set[str] = set()
        """Those of functions and classes."""


def read_names(fragment: Fragment) -> Names:
    """Find a piece's own name, its parameters and local variables; in SQL, aliases.

    Members of classes are attributes, and no attribute may change: what else reads it is unknown.
    """
    reader = _Reader(fragment)
    for node, place, path in fragment.nodes():
        reader.see(node, place, path)
    return reader.names()


class _Reader:
    """What is known of the names of a piece, node after node."""

    def __init__(self, fragment: Fragment) -> None:
        self._fragment, self._language = fragment, fragment.language
        root, name = fragment.tree.root_node, fragment.language.name
        marks = captures(root, fragment.language, _patterns(name))
        self._bound = {_span(node) for node in marks.get("name", ())}
        self._given = {_span(node) for node in marks.get("definition", ())}
        self._imports = [_span(node) for node in marks.get("import", ())]
        self._spans: dict[str, dict[Span, bool]] = {}
        self._calls: dict[str, dict[Span, bool]] = {}
        self._local: set[str] = set()
        self._own: set[str] = set()
        self._members: set[str] = set()
        self._of_receivers: set[str] = set()
        self._kept = set(_KEPT) | set(dir(builtins) if name == "python" else ())
        self._kept.update(_imported_by_calls(fragment))

    def names(self) -> Names:
        found = Names()
        # A class and its constructors have one name; `self.f` may be the very function `f`.
        own = self._own - self._of_receivers
        kept = self._kept | (self._members - self._own) | (self._own & self._of_receivers)
        for name, spans in self._spans.items():
            is_magic = name.startswith("__") and name.endswith("__")
            if name in own | self._local and name not in kept and not is_magic:
                found[name] = spans | (self._calls.get(name, {}) if name in own else {})
        found.definitions = own & found.keys()
        return found

    def see(self, node: Node, place: str, path: Sequence[Node]) -> None:
        if node.type in self._language.definitions and (own := _own_name(node)):
            self._given.add(_span(own))
        if node.type in _RAW_TYPES and (pattern := _RAW.get(self._language.name)):
            self._kept.update(each.decode() for each in re.findall(pattern, node.text or b""))
        elif path and _is_name(node, path[-1]):
            self._sort_in(node, place, path)

    def _sort_in(self, node: Node, place: str, path: Sequence[Node]) -> None:
        name, span, parent = _text(node), _span(node), path[-1]
        spot = (parent.type, place)
        if span in self._given:
            self._spans.setdefault(name, {})[span] = False
            (self._members if self._is_member(path, 1) else self._own).add(name)
        elif spot in _CALLED and not _owner(parent):
            self._calls.setdefault(name, {})[span] = False
        elif spot in _ATTRIBUTES | _CALLED or self._is_attribute(node, place, path):
            self._note_attribute(name, parent, path)
        elif self._is_doubtful(node, span, path):
            self._kept.add(name)
        else:
            short = node.type in _SHORT or parent.type == "shorthand_field_initializer"
            self._spans.setdefault(name, {})[span] = short
            if span in self._bound:
                (self._members if self._is_member(path, 0) else self._local).add(name)

    def _note_attribute(self, name: str, parent: Node, path: Sequence[Node]) -> None:
        owner = parent.child(0)
        if self._language.name == "go" or (owner and _text(owner) in _RECEIVERS):
            self._of_receivers.add(name)
        if parent.type == "keyword_argument" and len(path) > 2:
            # A function that calls itself by keyword names its own parameters.
            function = path[-3].child_by_field_name("function")
            self._kept.update({name} if function and _text(function) in self._own else ())

    def _is_attribute(self, node: Node, place: str, path: Sequence[Node]) -> bool:
        if node.type not in _PLAIN | _SHORT:
            return True
        before = node.prev_sibling if path[-1].type == "token_tree" else None
        if before is not None:
            return before.type in (".", "::")
        is_left = path[-1].type == "assignment_expression" and place == "left"
        return is_left and len(path) > 1 and path[-2].type == "initializer_expression"

    def _is_doubtful(self, node: Node, span: Span, path: Sequence[Node]) -> bool:
        parent = path[-1]
        if self._language.name == "bash":
            # Words are data, and variables in capitals belong to the environment.
            return node.type == "word" or _text(node).isupper()
        if any(start <= span[0] < end for start, end in self._imports):
            return True
        private = any(each.type == "accessibility_modifier" for each in parent.children)
        return parent.type in _AMBIGUOUS or private

    def _is_member(self, path: Sequence[Node], levels: int) -> bool:
        """Whether what encloses a name, `levels` definitions further out, is a class."""
        table = {**self._language.definitions, **self._language.values}
        around = [
            table.get(node.type, Kind.FUNCTION)
            for node in path
            if node.type in table or node.type == "local_function_statement"
        ]
        return len(around) > levels and around[-1 - levels] is Kind.CLASS


@cache
def _patterns(name: str) -> str:
    # Tables and columns stand in a database, and only aliases are a statement's own.
    return _MORE[name] if name == "sql" else SCOPES[name] + _MORE.get(name, "")


def _own_name(node: Node) -> Node | None:
    """The last part of a definition's name, inside of C's declarators and Lua's paths."""
    if node.type.endswith("_specifier") and node.child_by_field_name("body") is None:
        return None  # `struct list *` only uses the name
    leaf = node.child_by_field_name("name") or node.child_by_field_name("declarator")
    while leaf is not None and leaf.named_child_count:
        fields = ("declarator", "name", "field", "method")
        leaf = next((each for name in fields if (each := leaf.child_by_field_name(name))), None)
    return leaf


def _is_name(node: Node, parent: Node) -> bool:
    if node.type == "variable_name":
        return True
    named = node.type in _PLAIN or "identifier" in node.type
    return named and not node.named_child_count and parent.type != "variable_name"


def _owner(node: Node) -> Node | None:
    return node.child_by_field_name("object") or node.child_by_field_name("receiver")


def _imported_by_calls(fragment: Fragment) -> Iterator[str]:
    """Words of statements such as `const x = require(…)`."""
    calls = fragment.language.import_calls
    if calls:
        for match in re.finditer(rb"(?<![^\n])[ \t]*(?:" + calls + rb")", fragment.source):
            yield from (word.decode("utf-8", "replace") for word in re.findall(rb"\w+", match[0]))


def _span(node: Node) -> Span:
    return node.start_byte, node.end_byte


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
