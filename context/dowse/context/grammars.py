"""What the grammars call things: the node types of seventeen languages by their role."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dowse.context.types import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One grammar: the files it reads, and its node types by their role.

    All sets hold node types of the grammar. An empty `definitions` says that the language has no
    table, and that its files are cut into blocks without being parsed.
    """

    name: str
    """The grammar's name in tree-sitter-language-pack."""
    extensions: tuple[str, ...] = ()
    """Endings of file names, in lower case, with the dot."""
    files: tuple[str, ...] = ()
    """Whole file names."""
    ids: tuple[str, ...] = ()
    """LSP language ids beside `name`."""
    interpreters: tuple[str, ...] = ()
    """Programs that a `#!` line may name."""
    definitions: Mapping[str, Kind] = field(default_factory=dict)
    """What becomes a snippet; a FUNCTION directly inside a CLASS is a METHOD."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Field, or type of the child, that names a definition, where it is not the field `name`."""
    wrappers: frozenset[str] = frozenset()
    """Nodes around a definition that belong to it: `export`, decorators, `template <…>`."""
    values: Mapping[str, Kind] = field(default_factory=dict)
    """Expressions that are definitions once they are bound to a name."""
    bindings: frozenset[str] = frozenset()
    """Nodes that bind a name to a value."""
    namespaces: frozenset[str] = frozenset()
    """Nodes searched for definitions that are no snippets themselves: `namespace`, `#ifdef`."""
    qualifying: frozenset[str] = frozenset()
    """Those of `namespaces` whose name becomes a part of the symbols inside."""
    attributes: frozenset[str] = frozenset()
    """Siblings before a definition that belong to it, besides comments."""
    imports: frozenset[str] = frozenset()
    """Statements that import."""
    import_calls: bytes = b""
    """Pattern of statements that import by calling a function."""
    strings: frozenset[str] = frozenset()
    """Strings whose later lines must keep their white space."""
    comments: frozenset[str] = frozenset()
    """Comment nodes whose type does not contain the word "comment"."""
    statements: frozenset[str] = frozenset()
    """Nodes whose children's indentation has a meaning; empty where it has none."""
    indent: str = "    "
    """One level of indentation in a file that shows none."""
    block_lines: int = 2
    """Blocks with fewer lines than this are no snippets."""

    def is_comment(self, node_type: str) -> bool:
        """Whether nodes of this type are comments or parts of one."""
        return "comment" in node_type.lower() or node_type in self.comments


def _kinds(functions: str = "", classes: str = "", blocks: str = "") -> Mapping[str, Kind]:
    rows = ((functions, Kind.FUNCTION), (classes, Kind.CLASS), (blocks, Kind.BLOCK))
    return {name: kind for names, kind in rows for name in names.split()}


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_PYTHON = Language(
    "python",
    extensions=(".py", ".pyi", ".pyw"),
    files=("SConstruct", "SConscript", "wscript"),
    interpreters=("python", "pypy"),
    definitions=_kinds("function_definition", "class_definition"),
    wrappers=_set("decorated_definition"),
    namespaces=_set(
        "if_statement else_clause elif_clause try_statement except_clause finally_clause "
        "with_statement block"
    ),
    imports=_set("import_statement import_from_statement future_import_statement"),
    strings=_set("string"),
    statements=_set("module block"),
)

_JAVASCRIPT_VALUES = _kinds("arrow_function function_expression generator_function", "class object")
_JAVASCRIPT_WRAPPERS = "export_statement lexical_declaration variable_declaration "
_REQUIRE = rb"(?:const|let|var)\s[^=;]+=\s*require\(|['\"]use "
_JAVASCRIPT_FUNCTIONS = "function_declaration generator_function_declaration method_definition "

_JAVASCRIPT = Language(
    "javascript",
    extensions=(".js", ".mjs", ".cjs", ".jsx", ".es6"),
    files=("Jakefile",),
    ids=("javascriptreact", "jsx"),
    interpreters=("node", "nodejs"),
    definitions=_kinds(_JAVASCRIPT_FUNCTIONS, "class_declaration"),
    wrappers=_set(_JAVASCRIPT_WRAPPERS + "expression_statement"),
    values=_JAVASCRIPT_VALUES,
    bindings=_set("variable_declarator assignment_expression field_definition pair"),
    names={"field_definition": "property"},
    attributes=_set("decorator"),
    imports=_set("import_statement"),
    import_calls=_REQUIRE,
    strings=_set("template_string"),
    indent="  ",
)


def _typescript(
    name: str, extensions: tuple[str, ...], ids: tuple[str, ...], interpreters: tuple[str, ...] = ()
) -> Language:
    return Language(
        name,
        extensions=extensions,
        ids=ids,
        interpreters=interpreters,
        definitions=_kinds(
            _JAVASCRIPT_FUNCTIONS,
            "class_declaration abstract_class_declaration interface_declaration "
            "enum_declaration type_alias_declaration",
        ),
        wrappers=_set(_JAVASCRIPT_WRAPPERS + "expression_statement ambient_declaration"),
        values=_JAVASCRIPT_VALUES,
        bindings=_set("variable_declarator assignment_expression public_field_definition pair"),
        namespaces=_set("internal_module module"),
        qualifying=_set("internal_module"),
        attributes=_set("decorator"),
        imports=_set("import_statement import_alias"),
        import_calls=_REQUIRE,
        strings=_set("template_string"),
        indent="  ",
    )


_TYPESCRIPT = _typescript("typescript", (".ts", ".mts", ".cts"), (), ("deno", "ts-node", "tsx"))
_TSX = _typescript("tsx", (".tsx",), ("typescriptreact",))

_GO = Language(
    "go",
    extensions=(".go",),
    definitions={
        **_kinds("function_declaration", "type_spec type_alias"),
        "method_declaration": Kind.METHOD,
    },
    wrappers=_set("type_declaration var_declaration"),
    values=_kinds("func_literal"),
    bindings=_set("var_spec"),
    imports=_set("package_clause import_declaration"),
    strings=_set("raw_string_literal"),
    indent="\t",
)

_RUST = Language(
    "rust",
    extensions=(".rs",),
    interpreters=("rust-script",),
    definitions=_kinds(
        "function_item macro_definition",
        "struct_item enum_item union_item trait_item impl_item type_item",
    ),
    names={"impl_item": "type"},
    namespaces=_set("mod_item foreign_mod_item"),
    qualifying=_set("mod_item"),
    attributes=_set("attribute_item"),
    imports=_set("use_declaration extern_crate_declaration"),
    strings=_set("string_literal raw_string_literal"),
)

_JAVA = Language(
    "java",
    extensions=(".java",),
    interpreters=("java",),
    definitions=_kinds(
        "method_declaration constructor_declaration compact_constructor_declaration",
        "class_declaration interface_declaration enum_declaration record_declaration "
        "annotation_type_declaration",
    ),
    namespaces=_set("enum_body_declarations"),
    imports=_set("package_declaration import_declaration"),
    strings=_set("string_literal"),
)

_C_NAMES = {"function_definition": "declarator", "type_definition": "declarator"}
_C_CLASSES = "struct_specifier union_specifier enum_specifier type_definition "
_C_NAMESPACES = "preproc_ifdef preproc_if preproc_else preproc_elif linkage_specification "

_C = Language(
    "c",
    extensions=(".c",),
    definitions=_kinds("function_definition preproc_function_def", _C_CLASSES),
    names=_C_NAMES,
    namespaces=_set(_C_NAMESPACES + "declaration_list"),
    imports=_set("preproc_include"),
    strings=_set("string_literal"),
)

_CPP = Language(
    "cpp",
    # C headers parse under this grammar too, C++ headers do not parse under C's.
    extensions=(
        *(".cc", ".cpp", ".cxx", ".c++", ".h", ".hh", ".hpp", ".hxx", ".h++"),
        *(".inl", ".ipp", ".tpp", ".txx", ".ino"),
    ),
    ids=("c++",),
    definitions=_kinds(
        "function_definition preproc_function_def",
        _C_CLASSES + "class_specifier concept_definition",
    ),
    names=_C_NAMES | {"init_declarator": "declarator"},
    wrappers=_set("template_declaration declaration"),
    values=_kinds("lambda_expression"),
    bindings=_set("init_declarator"),
    namespaces=_set(_C_NAMESPACES + "namespace_definition declaration_list"),
    imports=_set("preproc_include using_declaration"),
    strings=_set("string_literal raw_string_literal"),
)

_CSHARP = Language(
    "csharp",
    extensions=(".cs", ".csx"),
    ids=("c#",),
    definitions=_kinds(
        "method_declaration constructor_declaration destructor_declaration operator_declaration "
        "conversion_operator_declaration indexer_declaration",
        "class_declaration interface_declaration struct_declaration enum_declaration "
        "record_declaration delegate_declaration",
    ),
    names={"operator_declaration": "operator", "indexer_declaration": "this"},
    namespaces=_set("namespace_declaration file_scoped_namespace_declaration preproc_if"),
    imports=_set("using_directive extern_alias_directive"),
    strings=_set("verbatim_string_literal raw_string_literal interpolated_string_expression"),
)

_RUBY = Language(
    "ruby",
    extensions=(".rb", ".rake", ".gemspec", ".ru", ".podspec"),
    files=("Rakefile", "Gemfile", "Vagrantfile", "Guardfile", "Podfile", "Fastfile", "Brewfile"),
    interpreters=("ruby", "jruby"),
    definitions=_kinds("method singleton_method", "class module"),
    wrappers=_set("call argument_list"),
    values=_kinds("lambda"),
    bindings=_set("assignment"),
    namespaces=_set("singleton_class"),
    import_calls=rb"(?:require|require_relative|load|autoload)\b",
    strings=_set("string heredoc_body"),
    indent="  ",
)

_PHP = Language(
    "php",
    extensions=(".php", ".phtml", ".php5", ".php8", ".inc"),
    interpreters=("php",),
    definitions=_kinds(
        "function_definition method_declaration",
        "class_declaration interface_declaration trait_declaration enum_declaration",
    ),
    wrappers=_set("expression_statement"),
    values=_kinds("anonymous_function arrow_function"),
    bindings=_set("assignment_expression"),
    namespaces=_set("namespace_definition if_statement compound_statement"),
    imports=_set("namespace_use_declaration php_tag php_end_tag text text_interpolation"),
    import_calls=rb"(?:require|include)(?:_once)?\b|declare\(",
    strings=_set("heredoc nowdoc encapsed_string string"),
)

_BASH = Language(
    "bash",
    extensions=(".sh", ".bash", ".zsh", ".ksh", ".bats", ".ebuild"),
    files=(
        "PKGBUILD",
        "APKBUILD",
        ".bashrc",
        ".bash_profile",
        ".profile",
        ".zshrc",
        ".bash_aliases",
    ),
    ids=("shellscript", "sh", "zsh", "ksh"),
    interpreters=("sh", "bash", "dash", "zsh", "ksh", "ash", "bats"),
    definitions=_kinds("function_definition"),
    import_calls=rb"(?:source|\.|set)\s",
    strings=_set("heredoc_body heredoc_end string raw_string"),
    indent="  ",
)

_LUA = Language(
    "lua",
    extensions=(".lua", ".rockspec"),
    interpreters=("lua", "luajit", "texlua"),
    definitions=_kinds("function_declaration"),
    wrappers=_set("variable_declaration"),
    values=_kinds("function_definition"),
    bindings=_set("assignment_statement"),
    import_calls=rb"(?:local\s+\w+\s*=\s*)?require\b|return\s+\w+\s*$",
    strings=_set("string"),
    indent="  ",
)

_SQL = Language(
    "sql",
    extensions=(".sql", ".ddl", ".dml", ".psql"),
    ids=("postgres", "mysql", "plpgsql", "mssql"),
    definitions=_kinds(
        "create_function create_trigger",
        "create_table create_view create_materialized_view create_type",
        "create_index create_schema create_database create_role create_sequence create_extension",
    ),
    names=dict.fromkeys(
        _set(
            "create_function create_trigger create_table create_view create_materialized_view "
            "create_type create_sequence"
        ),
        "object_reference",
    )
    | dict.fromkeys(
        _set("create_schema create_database create_role create_extension"),
        "identifier",
    )
    | {"create_index": "column"},
    wrappers=_set("statement"),
    comments=_set("marginalia"),
    strings=_set("literal"),
    block_lines=1,
)

_HTML = Language(
    "html",
    extensions=(".html", ".htm", ".xhtml"),
    definitions=_kinds(blocks="element"),
    strings=_set("attribute_value"),
    indent="  ",
)

_CSS = Language(
    "css",
    extensions=(".css",),
    definitions=_kinds(
        blocks="rule_set media_statement keyframes_statement supports_statement at_rule"
    ),
    imports=_set("import_statement charset_statement namespace_statement"),
    strings=_set("string_value"),
    indent="  ",
)

TABLED = (
    *(_PYTHON, _JAVASCRIPT, _TYPESCRIPT, _TSX, _GO, _RUST, _JAVA, _C, _CPP, _CSHARP),
    *(_RUBY, _PHP, _BASH, _LUA, _SQL, _HTML, _CSS),
)
"""The languages that have a definition table."""
