"""Finds code blocks of Markdown and reStructuredText, and the sentence before each."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

from dowse.context.languages import language_of_id, language_of_path
from dowse.model.evaluation.sentences import first_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*\{?\.?([\w+#-]*)[^\n`]*\n(.*?)^[ \t]*\1", re.M | re.S)
_DIRECTIVE = re.compile(
    r"^\.\.[ ]+(?:code-block|code|sourcecode)::[ ]*([\w+#-]*)[^\n]*\n"
    r"((?:[ \t]+[^\n]*\n|[ \t]*\n)+)",
    re.M,
)
_OPTION = re.compile(r"\A(?:[ \t]*:\w[^\n]*\n)+")
_PROMPT = re.compile(r"^(?:>>> ?|\.\.\. ?)", re.M)
_SHELL = frozenset({"console", "shell", "sh", "shell-session", "bash", "zsh", "text", "output"})
"""Sessions in a terminal: commands for installation and their output, no code to search."""
_BEFORE = 600
"""Characters before a block in which its sentence stands."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`*\"'])")
_UNDERLINE = re.compile(r"[=~^\-\"'#*+`:.]{3,}")


def code_blocks(text: str) -> Iterator[tuple[str, str, str]]:
    """Sentence, code and language of each block that has both a language and a sentence."""
    for pattern in (_FENCE, _DIRECTIVE):
        for match in pattern.finditer(text):
            *_, name, body = match.groups()
            language = _language(name)
            sentence = _sentence_before(text[max(0, match.start() - _BEFORE) : match.start()])
            code = dedent(_without_prompts(_OPTION.sub("", body))).strip("\n")
            if language and sentence and code.strip():
                yield sentence, code, language


def _language(name: str) -> str:
    name = name.casefold()
    if name in _SHELL:
        return ""
    name = {"pycon": "python", "python3": "python", "py": "python"}.get(name, name)
    found = language_of_id(name) or (language_of_path(f"x.{name}") if name else None)
    return found.name if found else ""


def _without_prompts(code: str) -> str:
    """Keep of a session what was typed."""
    code = dedent(code)
    if ">>> " not in code:
        return code
    typed = (line for line in code.splitlines() if _PROMPT.match(line))
    return "\n".join(_PROMPT.sub("", line) for line in typed)


def _sentence_before(text: str) -> str | None:
    """The last sentence of the paragraph right before a block; a heading where there is none."""
    paragraphs = re.split(r"\n[ \t]*\n", text.rstrip())
    lines = [line for line in paragraphs[-1].splitlines() if not _UNDERLINE.fullmatch(line.strip())]
    if not lines or paragraphs[-1].lstrip().startswith(("```", "~~~", ".. ", "|", "<")):
        return None
    paragraph = " ".join(line.strip().lstrip("#>-* ") for line in lines)
    last = _SENTENCE_END.split(paragraph)[-1].rstrip(": ")
    return first_sentence(f'"""{last}"""', "")
