"""Turns docstrings, doc comments and commit subjects into the sentences that a person would ask."""

from __future__ import annotations

import html
import re

from dowse.context.words import term_weights, terms

MIN_WORDS = 3
"""Shorter texts, such as "Constructor.", fit hundreds of definitions."""
MAX_WORDS = 50
"""Longer ones are no sentences but lists and tables."""

_MAX_CHARACTERS = 2_000
"""Of a description that are looked at; no first sentence is longer."""

_SIGNS = re.compile(
    r"^\s*(?:/\*+!?|\*+/|\*(?!\*)|//[/!]*|#+!?|--+(?:\[=*\[)?|=begin|=end|\]=*\])[ \t]?"
)
_BLOCK_END = re.compile(r"\s*(?:\*+/|\]=*\])\s*$")
_QUOTES = re.compile(r"""^[A-Za-z]{0,2}(\"{3}|'{3}|"|')(.*)\1$""", re.S)
_SUMMARY = re.compile(r"<summary>(.*?)(?:</summary>|\Z)", re.S | re.I)
_LEAD = re.compile(r"^\s*[@\\](?:brief|short|summary|description|desc|details)\b:?[ \t]*", re.M)
_REST = re.compile(
    r"""^[ \t]*(?:[@\\][A-Za-z]\w*\b|:\w[^:\n]*:(?:\s|$)|>>>|```|~~~|\.\.[ ]|
    (?:Args|Arguments|Parameters|Params|Returns?|Yields?|Raises|Throws|Examples?|Notes?|Usage|
    Attributes|Warning|See[ ]also|References)\s*:?\s*$|(?:note|warning|todo|fixme)\s*:|
    [-=~*_#]{4,}\s*$|\#[ ]+\S)""",
    re.M | re.X | re.I,
)
_INLINE = (
    (re.compile(r"\{@\w+\s+(?:[^\s}|]+[ |]\s*)?([^}]*)\}"), r"\1"),
    (re.compile(r"<(?:see|seealso|paramref|typeparamref)\s+\w+=\"(?:\w:)?([^\"]*)\"\s*/>"), r"\1"),
    (re.compile(r"</?[A-Za-z][^<>]*>"), " "),
    (re.compile(r":[\w:+.-]+:`~?!?([^`<]*)(?:\s*<[^`]*>)?`"), r"\1"),
    (re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?"), r"\1"),
    (re.compile(r"[`*]+([^`*]+)[`*]+_{0,2}"), r"\1"),
    (re.compile(r"\b(?:https?|ftp)://\S+"), " "),
)
_SENTENCE_END = re.compile(
    r"(?<=[.!?。])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bcf\.)(?<!\betc\.)\s+(?=[^a-z])"
)
_DIRECTIVE = re.compile(
    r"""\W*(?:frozen_string_literal|-\*-|(?:en)?coding[:=]|eslint|pylint|noqa|nolint|prettier-|ts-|
    clang-format|pragma|istanbul|shellcheck|rubocop|go:|type:|region\b|endregion\b|\+build|
    SPDX-|Copyright\b)""",
    re.I | re.X,
)
"""Lines of a comment that speak to a tool."""
_CODE = re.compile(r"[{}();=<>|\\\[\]$&^~]")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")

_BOILERPLATE = re.compile(
    r"""^(?:(?:the\s|a\s|default\s|class\s|private\s|public\s|copy\s|move\s)*(?:con|de)structor\b|
    (?:please\s)?(?:see|refer\sto|same\sas|like|alias\s(?:of|for|to)|shorthand\sfor|
        wrapper\s(?:of|for|around)|overrides?|inherit\w*|implements?)\b[^ ]*\s+\S+$|see\b|
    (?:todo|fixme|xxx|hack|nb|note|usage)\b|.*\b(?:todo|fixme)\b|
    \W*(?:deprecated|obsolete|undocumented|internal|unused|reserved|not\simplemented)\b|
    .*\b(?:auto-?\s?generated|do\snot\sedit|copyright|spdx-license|licensed\sunder|
        all\srights\sreserved)\b|
    (?:initiali[sz]es?|creates?)\s(?:a\snew\sinstance\sof\s|new\s|the\s|self|this)\s?\S*\.?$|
    (?:getter|setter|accessor|main\s(?:function|entry\spoint|program|method)|entry\spoint)\b)""",
    re.I | re.X,
)

_PREFIX = re.compile(r"^(?:\[[^\]]*\]|\([^)]*\)|[\w./*,{}-]+(?:\([^)]*\))?!?:(?=\s)|:\w+:)\s*")
_ISSUE = re.compile(
    r"""[\[(]?(?:\b(?:fix(?:es|ed)?|clos(?:es?|ed)|resolv(?:es?|ed)|refs?|see|issue|bug)[\s:]+)?
    (?:\#\d+|\b(?:GH|PR|issue|bug)[ -]?\#?\d+\b)[\])]?|
    (?:^|[\[(])(?!UTF|SHA|ISO|RFC|MD|AES|CVE|PEP|ECMA|IEEE)[A-Z][A-Z0-9]+-\d+\b[\])]?""",
    re.X | re.I,
)
"""Numbers of issues with their brackets and verbs; names of standards look alike."""
_ROUTINE = re.compile(
    r"""^(?:merged?\b|revert\b|re-?apply\b|initial\b|first\scommit|init\b|wip\b|fixup!|squash!|amend!|
    (?:up)?dat(?:e|es|ed|ing)\s(?:the\s)?(?:\S+\s){0,2}(?:readme|changelog|docs?|documentation|
        depend\w+|deps|version|submodules?|lock\s?file|copyright|licen[sc]e|translations?)\b|
    bump\b|upgrade\s|downgrade\s|pin\s|(?:prepare|cut|tag|make)\s.*\brelease|releas\w+\b|v?\d+\.\d+|
    (?:fix\w*|correct\w*)\s(?:a\s|the\s|some\s|more\s|minor\s|several\s)*(?:typos?|lint\w*|
        format\w*|whitespace|spelling|grammar|style|flake8|ruff|mypy|tests?|ci|build)\b|
    (?:apply|address|incorporate|respond)\b.*\b(?:review|suggestions?|comments?|feedback)\b|
    (?:run|apply)\s(?:black|isort|ruff|prettier|clang-format|gofmt|rustfmt|pre-commit)\b|
    (?:minor|small|misc\w*|various|some|more|general|trivial)\s(?:\w+\s){0,2}
        (?:changes?|fix(?:es)?|updates?|improvements?|tweaks?|clean-?\s?ups?|edits?|stuff)$|
    clean(?:ing|ed)?\s?-?up$|back\sto\sdev\w*|pre-commit\sauto|translat\w+\s|auto-?format)""",
    re.I | re.X,
)


def first_sentence(description: str, symbol: str) -> str | None:
    """The first sentence of a docstring or doc comment, without signs, markup and fields.

    Args:
        description: the comment or string with all its signs.
        symbol: the definition's name; it is dropped where the sentence starts with it, as in Go.

    Returns:
        None where the text is too short, too long, boilerplate, or no natural language.
    """
    text = _LEAD.sub("", _without_signs(description)[:_MAX_CHARACTERS])
    if summary := _SUMMARY.search(text):
        text = summary[1]
    if rest := _REST.search(text):
        text = text[: rest.start()]
    paragraph = re.split(r"\n\s*\n", text.strip(), maxsplit=1)[0]
    for pattern, kept in _INLINE:
        paragraph = pattern.sub(kept, paragraph)
    sentence = _SENTENCE_END.split(" ".join(html.unescape(paragraph).split()), maxsplit=1)[0]
    return _natural(_without_name(sentence, symbol), _BOILERPLATE)


def commit_sentence(subject: str) -> str | None:
    """What a commit's subject line says, without prefixes and numbers of issues.

    Returns:
        None where it says nothing of code: merges, releases, formatting, or no natural language.
    """
    text = _ISSUE.sub(" ", subject[:_MAX_CHARACTERS]).strip()
    while (shorter := _PREFIX.sub("", text).strip()) != text:
        text = shorter
    for pattern, kept in _INLINE:
        text = pattern.sub(kept, text)
    return None if _ROUTINE.match(text) else _natural(text, _BOILERPLATE)


def repeats_name(sentence: str, symbol: str) -> bool:
    """Whether at least half of what a sentence says stands in the definition's name."""
    weights, named = term_weights(sentence), set(terms(symbol))
    return 2 * sum(w for term, w in weights.items() if term in named) >= sum(weights.values())


def _without_signs(description: str) -> str:
    if quoted := _QUOTES.match(description.strip()):
        return quoted[2]
    lines = (_BLOCK_END.sub("", _SIGNS.sub("", line)) for line in description.splitlines())
    return "\n".join(line for line in lines if not _DIRECTIVE.match(line))


def _without_name(sentence: str, symbol: str) -> str:
    first, _, rest = sentence.partition(" ")
    name = symbol.rpartition(".")[2]
    bare = first.strip("`'\"*:,").removesuffix("()").lstrip(".#")
    named = bare in (name, symbol) and (bare != bare.lower() or "_" in bare or rest[:1].islower())
    return rest.lstrip("-–—: ") if named else sentence


def _natural(text: str, boilerplate: re.Pattern[str]) -> str | None:
    sentence = " ".join(text.split()).strip(" .!?:;,-–—*")
    if sentence[:1] in "\"'" and sentence[:1] == sentence[-1:]:
        sentence = sentence[1:-1].strip(" .!?:;,-–—*")
    words = _WORD.findall(sentence)
    if not MIN_WORDS <= len(words) <= MAX_WORDS or boilerplate.match(sentence):
        return None
    tokens = sentence.split()
    spoken = sum(bool(_WORD.fullmatch(token.strip(".,:;!?()\"'“”’"))) for token in tokens)
    # Code that was commented out, tables and paths have more signs than words.
    mostly_words = 5 * spoken >= 3 * len(tokens)
    return sentence if mostly_words and 8 * len(_CODE.findall(sentence)) <= len(sentence) else None
