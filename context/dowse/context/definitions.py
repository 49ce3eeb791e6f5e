"""Where a file's definitions and top-level blocks are, read from its syntax tree.

Only nodes that can hold definitions are entered: their children are looked at, the insides of
functions are not, so that the cost is that of parsing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dowse.context.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from dowse.context.languages import Language

LONG = 40
"""Lines from which a definition or block is long: about what one screen shows."""

_BODIES = frozenset(
    {"block", "declaration_list", "statement_block", "compound_statement", "body_statement"}
    | {"preproc_ifdef", "preproc_if", "preproc_else", "preproc_elif"}
)
_BODILESS = frozenset({"struct_specifier", "union_specifier", "enum_specifier", "class_specifier"})
_RECEIVER = re.compile(r"\*?\s*(\w+)\s*(?:\[[^\]]*\])?\s*\)$")
_EXPORTS = re.compile(r"^(?:module\.)?exports\.(?=.)|\.prototype(?=\.)")
_GENERICS = re.compile(r"<.*", re.S)
_MAX_NAME = 100


@dataclass(slots=True)
class Found:
    """A definition or block before it becomes a snippet; all numbers are bytes."""

    symbol: str
    kind: Kind
    start: int
    """Where it starts, its decorators and doc comment included."""
    end: int
    head: int
    """Where its own first line starts, after decorators and doc comment."""
    body: int
    """Where its body starts; `end` where it has none."""
    members: list[Found] = field(default_factory=list)
    """Methods and classes directly inside a class."""

    def shift(self, by: int) -> Found:
        """The same in a text that has `by` bytes before this one; members stay behind."""
        start, end, head, body = (b + by for b in (self.start, self.end, self.head, self.body))
        return Found(self.symbol, self.kind, start, end, head, body)


@dataclass(frozen=True, slots=True)
class _Scope:
    """A node whose children are to be looked at."""

    node: Node
    path: str = ""
    owner: Found | None = None
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class _Named:
    """A node that is a definition, found below its wrappers."""

    node: Node
    kind: Kind
    name: str
    body: Node | None


def find_definitions(root: Node, language: Language, source: bytes) -> list[Found]:
    """Definitions and blocks of a tree, in no particular order.

    Args:
        root: the tree's root.
        language: one that has a definition table.
        source: the text, without line ends that are a lone CR.
    """
    search = _Search(language, source)
    search.scopes.append(_Scope(root, blocks=True))
    while search.scopes:
        _Siblings(search, search.scopes.pop()).visit()
    return search.found


def definition_at(node: Node, language: Language, source: bytes) -> tuple[Kind, str] | None:
    """Kind and name of the definition that a node is, or None where it is none."""
    found = _Search(language, source).definition(node)
    return (found.kind, found.name) if found else None


class _Search:
    """What is found so far in one text, and what is still to be looked at."""

    def __init__(self, language: Language, source: bytes) -> None:
        self.language = language
        self.source = source
        self.scopes: list[_Scope] = []
        self.found: list[Found] = []

    def newlines(self, start: int, end: int) -> int:
        return self.source.count(b"\n", start, end)

    def end(self, node: Node) -> int:
        """The node's end without line ends, which some grammars count to a comment."""
        end = node.end_byte
        while end > node.start_byte and self.source[end - 1] in b"\r\n":
            end -= 1
        return end

    def text(self, start: int, end: int) -> str:
        return " ".join(self.source[start:end].decode("utf-8", "replace").split())

    def first_line(self, start: int, end: int) -> str:
        stop = self.source.find(b"\n", start, end)
        line = self.text(start, end if stop < 0 else stop).rstrip(" {([:=")
        return line if len(line) <= _MAX_NAME else line[: _MAX_NAME - 1] + "…"

    def title(self, start: int, end: int) -> str:
        """What stands before the brace: the selectors of a CSS rule."""
        brace = self.source.find(b"{", start, end)
        name = self.text(start, end if brace < 0 else brace)
        return name if len(name) <= _MAX_NAME else name[: _MAX_NAME - 1] + "…"

    def named(self, node: Node) -> Iterator[_Named]:
        """The definitions that a node is or wraps."""
        waiting = [node]
        while waiting:
            each = waiting.pop()
            found = self.definition(each)
            if found is not None:
                yield found
            elif each.type in self.language.wrappers:
                waiting.extend(reversed(each.named_children))

    def definition(self, node: Node) -> _Named | None:
        type_ = node.type
        language = self.language
        if type_ in language.definitions:
            if type_ in _BODILESS and node.child_by_field_name("body") is None:
                return None
            if type_ == "type_definition" and not self._defines_members(node):
                return None
            body = node.child_by_field_name("body")
            return _Named(node, language.definitions[type_], self._name(node), body)
        if type_ in language.bindings:
            return self._binding(node)
        if type_ in language.values and type_ != "object":
            return _Named(node, language.values[type_], "default", node.child_by_field_name("body"))
        return None

    def _defines_members(self, typedef: Node) -> bool:
        type_ = typedef.child_by_field_name("type")
        return type_ is not None and type_.child_by_field_name("body") is not None

    def _binding(self, node: Node) -> _Named | None:
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        if value is None and node.named_child_count > 1:
            value = node.named_children[-1]
        if value is not None and value.type == "expression_list":
            value = value.named_child(0)
        if value is None or value.type not in self.language.values:
            return None
        if value.type == "object":
            body = value if self._holds_functions(value) else None
            return body and _Named(node, Kind.CLASS, self._name(node), body)
        kind = self.language.values[value.type]
        return _Named(node, kind, self._name(node), value.child_by_field_name("body"))

    def _holds_functions(self, value: Node) -> bool:
        return any(
            child.type in self.language.definitions
            or (child.type == "pair" and self._is_function(child.child_by_field_name("value")))
            for child in value.named_children
        )

    def _is_function(self, value: Node | None) -> bool:
        return value is not None and self.language.values.get(value.type) is Kind.FUNCTION

    def _name(self, node: Node) -> str:
        wanted = self.language.names.get(node.type)
        fields = (wanted,) if wanted else ("name", "left", "key")
        child = next((c for f in fields if (c := node.child_by_field_name(f))), None)
        if child is None:
            child = next(
                (c for c in node.named_children if c.type in (wanted, "variable_list")), None
            )
        if child is None:
            return ""
        name = self._plain_name(self._declared(child))
        receiver = node.child_by_field_name("receiver")
        match = receiver and _RECEIVER.search(self.text(receiver.start_byte, receiver.end_byte))
        return f"{match[1]}.{name}" if match else name

    def _declared(self, node: Node) -> Node:
        """The name inside a C declarator or a generic type."""
        while True:
            inner = node.child_by_field_name("declarator")
            if inner is None and node.type == "generic_type":
                inner = node.child_by_field_name("type")
            if inner is None and node.type in ("reference_declarator", "parenthesized_declarator"):
                inner = node.named_child(node.named_child_count - 1)
            if inner is None or node.type == "operator_cast":
                return node
            node = inner

    def _plain_name(self, node: Node) -> str:
        name = self.text(node.start_byte, node.end_byte).strip("'\"$`")
        name = _EXPORTS.sub("", name.replace("::", ".").replace("->", "."))
        if "operator" not in name:
            name = _GENERICS.sub("", name).replace(":", ".")
        # C# names an operator by its sign alone.
        name = name if re.search(r"\w", name) else f"operator{name}"
        return name[:_MAX_NAME]

    def namespace(self, node: Node) -> Node | None:
        """The namespace-like node that a node is or wraps, as in `export namespace`."""
        while node.type in self.language.wrappers and node.named_child_count:
            node = node.named_children[-1]
        return node if node.type in self.language.namespaces else None

    def holds_definition(self, node: Node) -> bool:
        """Whether a namespace-like node holds a definition at any level of such nodes."""
        waiting = [node]
        while waiting:
            for child in waiting.pop().named_children:
                inner = self.namespace(child)
                if inner is not None or child.type in _BODIES:
                    waiting.append(inner or child)
                elif child.type != "assignment" and any(self.named(child)):
                    return True
        return False


class _Siblings:
    """Goes through the children of one scope, in order."""

    def __init__(self, search: _Search, scope: _Scope) -> None:
        self._search = search
        self._scope = scope
        self._blocks = scope.blocks
        self._lead: int | None = None
        self._previous = scope.node.start_byte
        self._run: Found | None = None
        self._run_lines = 0
        self._last: Found | None = None

    def visit(self) -> None:
        for child in self._scope.node.children:
            if child.is_named:
                self._visit(child)
                self._previous = self._search.end(child)
            elif child.type == ";":
                self._semicolon(child)
        self._close()

    def _visit(self, child: Node) -> None:
        language = self._search.language
        type_ = child.type
        if language.is_comment(type_) or type_ in language.attributes:
            self._leading(child)
            return
        start = self._start(child)
        self._lead = None
        if self._imports(child) or (type_ == "string" and language.statements):
            self._close()
        elif (inner := self._search.namespace(child)) is not None and self._enters(inner):
            self._enter(inner)
        elif named := [*self._search.named(child)]:
            self._close()
            self._define(child, start, named)
        elif self._blocks and type_ != "identifier":
            self._extend_run(child, start)

    def _imports(self, child: Node) -> bool:
        language = self._search.language
        calls = language.import_calls
        return child.type in language.imports or bool(
            calls and re.compile(calls).match(self._search.source, child.start_byte)
        )

    def _leading(self, child: Node) -> None:
        """A comment or attribute waits for the definition below it."""
        before = self._search.newlines(self._previous, child.start_byte)
        first = self._previous == self._scope.node.start_byte
        if before == 0 and not first:
            # It stands behind code on the same line, and belongs to that.
            if self._run is not None:
                self._run.end = self._search.end(child)
        elif self._lead is None or before > 1:
            self._lead = child.start_byte

    def _start(self, child: Node) -> int:
        near = self._search.newlines(self._previous, child.start_byte) < 2
        return self._lead if self._lead is not None and near else child.start_byte

    def _enters(self, child: Node) -> bool:
        long = self._search.newlines(child.start_byte, child.end_byte) > LONG
        return long or self._search.holds_definition(child)

    def _enter(self, child: Node) -> None:
        self._close()
        search, scope = self._search, self._scope
        name = child.child_by_field_name("name")
        path = scope.path
        if name is not None and child.type in search.language.qualifying:
            path = _join(path, search.text(name.start_byte, name.end_byte))
        for part in self._parts(child):
            blocks = scope.blocks and part.type in _BODIES
            search.scopes.append(_Scope(part, path, scope.owner, blocks))

    def _parts(self, namespace: Node) -> list[Node]:
        """What of a namespace-like node holds statements: `try` has a body and its clauses."""
        if namespace.type in _BODIES:
            return [namespace]
        searched = _BODIES | self._search.language.namespaces
        return [c for c in namespace.named_children if c.type in searched] or [namespace]

    def _define(self, outer: Node, start: int, named: list[_Named]) -> None:
        for each in named:
            span = outer if len(named) == 1 else each.node
            if self._is_abstract(each):
                continue
            self._last = self._found(each, start if span is outer else span.start_byte, span)

    def _is_abstract(self, named: _Named) -> bool:
        """Whether it is a method without code, which the outline of its class tells."""
        bare = named.kind is Kind.FUNCTION and named.body is None
        return bare and self._search.source.endswith(b";", 0, named.node.end_byte)

    def _found(self, named: _Named, start: int, span: Node) -> Found:
        search, scope = self._search, self._scope
        end, head = search.end(span), named.node.start_byte
        # `export const f = …` starts at its wrapper, a decorated function after its decorators.
        if search.newlines(span.start_byte, head) == 0:
            head = span.start_byte
        name = named.name or search.title(head, end) or named.kind.value
        symbol = _join(scope.path, name)
        body = named.body.start_byte if named.body is not None else end
        found = Found(symbol, self._kind(named), start, end, head, body)
        search.found.append(found)
        if scope.owner is not None:
            scope.owner.members.append(found)
        self._look_inside(named, found)
        return found

    def _kind(self, named: _Named) -> Kind:
        inside = self._scope.owner is not None or "." in named.name
        return Kind.METHOD if named.kind is Kind.FUNCTION and inside else named.kind

    def _look_inside(self, named: _Named, found: Found) -> None:
        if named.body is None:
            return
        if found.kind is Kind.CLASS:
            self._search.scopes.append(_Scope(named.body, found.symbol, found))
        elif self._search.newlines(found.head, found.end) > LONG:
            # What a long function defines inside is worth finding by itself.
            self._search.scopes.append(_Scope(named.body, found.symbol))

    def _semicolon(self, token: Node) -> None:
        for found in (self._last, self._run):
            if found is not None and found.end == self._previous:
                found.end = self._previous = token.end_byte

    def _extend_run(self, child: Node, start: int) -> None:
        search = self._search
        end = search.end(child)
        if self._run is not None:
            self._run_lines += search.newlines(self._run.end, end)
            if search.newlines(self._run.end, start) > 1 or self._run_lines > LONG:
                self._close()
        if self._run is None:
            name = search.first_line(child.start_byte, end)
            symbol = _join(self._scope.path, name)
            self._run = Found(symbol, Kind.BLOCK, start, end, child.start_byte, end)
            self._run_lines = search.newlines(start, end)
        self._run.end = self._run.body = end

    def _close(self) -> None:
        run, self._run = self._run, None
        if run is not None and self._says_something(run):
            self._search.found.append(run)
        self._last = None

    def _says_something(self, run: Found) -> bool:
        lines = self._search.newlines(run.head, run.end) + 1
        export_list = self._search.source.startswith(b"__all__", run.head)
        return lines >= self._search.language.block_lines and bool(run.symbol) and not export_list


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
