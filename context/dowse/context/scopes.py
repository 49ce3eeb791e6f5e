"""Tree-sitter queries that tell which names a place in a file can use.

`@name` is a name that its surroundings can use, `@import` a module or name that the file imports,
"""

from __future__ import annotations

_PYTHON = """
(assignment left: (identifier) @name)
(assignment left: (pattern_list (identifier) @name))
(assignment left: (tuple_pattern (identifier) @name))
(named_expression name: (identifier) @name)
(for_statement left: (identifier) @name)
(for_statement left: (pattern_list (identifier) @name))
(for_statement left: (tuple_pattern (identifier) @name))
(as_pattern_target (identifier) @name)
(function_definition name: (_) @definition) @scope
(class_definition name: (_) @definition) @scope
(parameters (identifier) @name)
(default_parameter name: (identifier) @name)
(typed_parameter . (identifier) @name)
(typed_default_parameter name: (identifier) @name)
(parameters [(list_splat_pattern (identifier) @name) (dictionary_splat_pattern (identifier) @name)])
(import_statement name: (dotted_name) @import)
(import_statement name: (aliased_import name: (dotted_name) @import alias: (identifier) @import))
(import_from_statement module_name: (_) @import)
(import_from_statement name: (dotted_name) @import)
(import_from_statement name: (aliased_import name: (_) @import alias: (identifier) @import))
"""

_JAVASCRIPT = """
(variable_declarator name: (identifier) @name)
(function_declaration name: (_) @definition) @scope
(generator_function_declaration name: (_) @definition) @scope
(class_declaration name: (_) @definition) @scope
(for_in_statement left: (identifier) @name)
(catch_clause parameter: (identifier) @name)
(arrow_function parameter: (identifier) @name)
(import_statement source: (string) @import)
(import_clause (identifier) @import)
(namespace_import (identifier) @import)
(import_specifier name: (_) @import)
(import_specifier alias: (_) @import)
(call_expression function: (identifier) arguments: (arguments (string))) @call
(shorthand_property_identifier_pattern) @name
(pair_pattern value: (identifier) @name)
(array_pattern (identifier) @name)
(rest_pattern (identifier) @name)
(method_definition) @scope
(arrow_function) @scope
(function_expression) @scope
"""

_PLAIN_PARAMETERS = """
(formal_parameters (identifier) @name)
(formal_parameters (assignment_pattern left: (identifier) @name))
"""

_TYPED_PARAMETERS = """
(required_parameter pattern: (identifier) @name)
(optional_parameter pattern: (identifier) @name)
(interface_declaration name: (_) @name)
(enum_declaration name: (_) @name)
(type_alias_declaration name: (_) @name)
"""

_GO = """
(short_var_declaration left: (expression_list (identifier) @name))
(range_clause left: (expression_list (identifier) @name))
(var_spec name: (identifier) @name)
(const_spec name: (identifier) @name)
(parameter_declaration name: (identifier) @name)
(variadic_parameter_declaration name: (identifier) @name)
(function_declaration name: (_) @definition) @scope
(type_spec name: (_) @name)
(import_spec path: (_) @import)
(import_spec name: (_) @import)
(method_declaration) @scope
(func_literal) @scope
"""

_RUST = """
(let_declaration pattern: (identifier) @name)
(let_declaration pattern: (mut_pattern (identifier) @name))
(let_declaration pattern: (tuple_pattern (identifier) @name))
(let_condition pattern: (tuple_struct_pattern (identifier) @name))
(for_expression pattern: (identifier) @name)
(for_expression pattern: (tuple_pattern (identifier) @name))
(parameter pattern: (identifier) @name)
(parameter pattern: (mut_pattern (identifier) @name))
(closure_parameters (identifier) @name)
(function_item name: (_) @definition) @scope
(struct_item name: (_) @name)
(enum_item name: (_) @name)
(trait_item name: (_) @definition) @scope
(const_item name: (_) @name)
(static_item name: (_) @name)
(use_declaration argument: (_) @import)
(extern_crate_declaration name: (_) @import)
(impl_item) @scope
(closure_expression) @scope
"""

_JAVA = """
(variable_declarator name: (identifier) @name)
(formal_parameter name: (identifier) @name)
(spread_parameter (variable_declarator name: (identifier) @name))
(enhanced_for_statement name: (identifier) @name)
(catch_formal_parameter name: (identifier) @name)
(resource name: (identifier) @name)
(lambda_expression parameters: (identifier) @name)
(inferred_parameters (identifier) @name)
(method_declaration name: (_) @definition) @scope
(class_declaration name: (_) @definition) @scope
(interface_declaration name: (_) @definition) @scope
(enum_declaration name: (_) @definition) @scope
(record_declaration name: (_) @definition) @scope
(import_declaration (_) @import)
(constructor_declaration) @scope
(lambda_expression) @scope
"""

_C = """
(init_declarator declarator: (identifier) @name)
(init_declarator declarator: (pointer_declarator declarator: (identifier) @name))
(init_declarator declarator: (array_declarator declarator: (identifier) @name))
(declaration declarator: (identifier) @name)
(declaration declarator: (pointer_declarator declarator: (identifier) @name))
(declaration declarator: (array_declarator declarator: (identifier) @name))
(parameter_declaration declarator: (identifier) @name)
(parameter_declaration declarator: (pointer_declarator declarator: (identifier) @name))
(parameter_declaration declarator: (array_declarator declarator: (identifier) @name))
(declaration declarator: (function_declarator declarator: (identifier) @name))
(declaration declarator: (function_declarator parameters: (_) @scope))
(function_definition declarator: (function_declarator declarator: (identifier) @definition)) @scope
(function_definition declarator: (pointer_declarator
  declarator: (function_declarator declarator: (identifier) @definition))) @scope
(function_definition) @scope
(preproc_def name: (_) @name)
(preproc_function_def name: (_) @name)
(struct_specifier name: (type_identifier) @name body: (_))
(type_definition declarator: (type_identifier) @name)
(preproc_include path: (_) @import)
"""

_CPP_ONLY = """
(parameter_declaration declarator: (reference_declarator (identifier) @name))
(optional_parameter_declaration declarator: (identifier) @name)
(for_range_loop declarator: (identifier) @name)
(for_range_loop declarator: (reference_declarator (identifier) @name))
(field_declaration declarator: (field_identifier) @name)
(class_specifier name: (type_identifier) @definition body: (_)) @scope
(lambda_expression) @scope
(using_declaration (_) @import)
"""

_CSHARP = """
(variable_declarator name: (identifier) @name)
(parameter name: (identifier) @name)
(foreach_statement left: (identifier) @name)
(catch_declaration name: (identifier) @name)
(declaration_expression name: (identifier) @name)
(property_declaration name: (identifier) @name)
(method_declaration name: (_) @definition) @scope
(local_function_statement name: (_) @definition) @scope
(class_declaration name: (_) @definition) @scope
(interface_declaration name: (_) @definition) @scope
(struct_declaration name: (_) @definition) @scope
(enum_declaration name: (_) @definition) @scope
(using_directive (_) @import)
(constructor_declaration) @scope
(lambda_expression) @scope
"""

_RUBY = """
(assignment left: [(identifier) (constant) (instance_variable)] @name)
(assignment left: (left_assignment_list (identifier) @name))
(operator_assignment left: (identifier) @name)
(method_parameters (identifier) @name)
(block_parameters (identifier) @name)
(lambda_parameters (identifier) @name)
(optional_parameter name: (_) @name)
(keyword_parameter name: (_) @name)
(splat_parameter name: (_) @name)
(hash_splat_parameter name: (_) @name)
(block_parameter name: (_) @name)
(exception_variable (identifier) @name)
(method name: (_) @definition) @scope
(class name: (_) @definition) @scope
(module name: (_) @definition) @scope
(call method: (identifier) arguments: (argument_list (string))) @call
(singleton_method) @scope
(block) @scope
(do_block) @scope
"""

_PHP = """
(assignment_expression left: (variable_name) @name)
(simple_parameter name: (_) @name)
(variadic_parameter name: (_) @name)
(property_promotion_parameter name: (_) @name)
(foreach_statement (variable_name) @name)
(foreach_statement (pair (variable_name) @name))
(catch_clause name: (_) @name)
(static_variable_declaration name: (_) @name)
(property_element name: (_) @name)
(function_definition name: (_) @definition) @scope
(method_declaration name: (_) @definition) @scope
(class_declaration name: (_) @definition) @scope
(interface_declaration name: (_) @definition) @scope
(trait_declaration name: (_) @definition) @scope
(namespace_use_clause (_) @import)
(anonymous_function) @scope
(arrow_function) @scope
"""

_BASH = """
(variable_assignment name: (variable_name) @name)
(for_statement variable: (variable_name) @name)
(declaration_command (variable_name) @name)
(function_definition name: (_) @name)
(command name: (command_name) argument: (_)) @call
"""

_LUA = """
(variable_list name: (identifier) @name)
(variable_list (identifier) @name)
(for_numeric_clause name: (identifier) @name)
(parameters name: (identifier) @name)
(function_declaration name: (_) @definition) @scope
(function_definition) @scope
(function_call name: (identifier) arguments: (arguments (string))) @call
"""

_SQL = """
(create_table (object_reference name: (identifier) @name))
(create_view (object_reference name: (identifier) @name))
(create_function (object_reference name: (identifier) @name))
(relation (object_reference name: (identifier) @name))
(column_definition name: (identifier) @name)
"""

_HTML = """
(start_tag (attribute) @mark)
"""

_CSS = """
(declaration (property_name) @mark)
(class_selector (class_name) @name)
(id_selector (id_name) @name)
(keyframes_name) @name
(import_statement (_) @import)
"""

SCOPES = {
    "python": _PYTHON,
    "javascript": _JAVASCRIPT + _PLAIN_PARAMETERS,
    "typescript": _JAVASCRIPT + _TYPED_PARAMETERS,
    "tsx": _JAVASCRIPT + _TYPED_PARAMETERS,
    "go": _GO,
    "rust": _RUST,
    "java": _JAVA,
    "c": _C,
    "cpp": _C + _CPP_ONLY,
    "csharp": _CSHARP,
    "ruby": _RUBY,
    "php": _PHP,
    "bash": _BASH,
    "lua": _LUA,
    "sql": _SQL,
    "html": _HTML,
    "css": _CSS,
}
"""The query of each language that has a definition table."""
