"""Turns the sentence of a docstring into what a person types into a search box."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dowse.model.evaluation.sentences import first_sentence

if TYPE_CHECKING:
    import random

_COMMON = """
accept access acquire activate add adjust align allocate analyze append apply assert assign attach
authenticate begin bind block build cache calculate call cancel capitalize capture cast change
check choose clean clear clone close collect combine compare compile compress compute concatenate
configure connect construct consume convert copy count create crop cut decode decompress decrypt
define delete deploy deserialize destroy detach detect determine disable disconnect display divide
download draw drop dump edit emit enable encode encrypt ensure enumerate escape estimate evaluate
exclude execute exit expand export extend extract fetch fill filter find fit fix flatten flip
flush force format generate get give group handle hash hide identify ignore implement import
increase increment indent initialize insert inspect install instantiate interpolate invert invoke
iterate join keep kill launch limit list listen load lock look loop make map mark match measure
merge modify monitor mount move multiply normalize obtain open order overwrite pad parse pause
perform permute pick plot poll pop populate predict prepend preserve prevent print process produce
prompt provide publish pull push put query quote raise read rebuild receive recover reduce refresh
register release reload remove rename render repeat replace request reset resize resolve restart
restore resume retrieve return reverse rotate round run sample save scale scan schedule scroll
search select send serialize set shift show shuffle shut sign simulate skip sleep slice solve sort
split start stop store stream strip submit subscribe subtract sum swap switch sync synchronize
take tell test toggle tokenize track transform translate transpose traverse trigger trim truncate
turn uninstall unpack unzip update upgrade upload use validate verify view visit wait walk wrap
write yield zip
"""
"""What docstrings and commands begin with, in the base form. Words that begin other sentences as
often (`base`, `default`, `type`) are none of them."""
_VERBS = frozenset(_COMMON.split())
_LEAD = re.compile(
    r"""^(?:use\s)?(?:(?:an?|this|the)\s)?(?:(?:simple|small|convenience|helper|utility)\s)*
    (?:function|method|helper|utility|command|script|routine|decorator)\s
    (?:(?:used\s)?to|that|which)\s""",
    re.I | re.X,
)
"""`Helper function that returns …`, `a method to return …`."""
_ADVERB = re.compile(r"\w+ly$", re.I)
_NOUN = frozenset({"of", "for", "is", "are", "was", "were", "and", "or", "with", "by"})
"""After `number` or `sets`, these say that it is no verb."""
_OBJECT = re.compile(r"[\w'\"`.<\[{(-]")
"""How what is done to something goes on; an operator says that this is code."""
_ALSO = re.compile(r"\b(and|or|then|also)(\s+)(\w+s)\b")
_REMARK = re.compile(r"\s\([^()]*\)|\s+(?=[,;:])")
_ARTICLE = re.compile(r"\b(?:an?|the)\s+")
_END = " .!?:;,"
_SPOKEN = {"csharp": "c#", "cpp": "c++", "tsx": "typescript", "go": "golang"}
"""How people write languages whose grammars have other names."""
_CALLED = {"bash": "command", "sql": "query"}
"""What a piece of code is called where it is no function."""
_PLAIN = ("how to {0}", "how do i {0}", "how can i {0}", "best way to {0}", "{2} to {0}")
_IN_LANGUAGE = ("{1} how to {0}", "how to {0} in {1}", "{1} {0}", "{0} in {1}", "{1} {2} to {0}")
_SHORT = ("{1} {0}", "{0} in {1}")
"""Patterns of searches, which are typed without articles half of the time."""
_MAX_WORDS = 20
"""Longer sentences are no questions that anybody types."""


def as_question(sentence: str, language: str, draw: random.Random) -> str | None:
    """A question or a web query for what a docstring's first sentence says the code does.

    `Returns the sum of a list` becomes `how to return the sum of a list`, or `python return sum of
    list`: lower case, in the base form, without a full stop, half of the time with the language.

    Args:
        sentence: a docstring, or its first sentence.
        language: as `dowse.context.languages` names it; empty where it is unknown.
        draw: chooses among the patterns.

    Returns:
        None where the text does not begin with a verb that is known, as questions do not.
    """
    action = _action(first_sentence(sentence, "") or sentence)
    if action is None:
        return None
    spoken = _SPOKEN.get(language, language)
    with_language = spoken and spoken not in action.split() and draw.random() < 1 / 2
    pattern = draw.choice(_IN_LANGUAGE if with_language else _PLAIN)
    if pattern in _SHORT and draw.random() < 1 / 2:
        action = _ARTICLE.sub("", action)
    return pattern.format(action, spoken, _CALLED.get(language, "function"))


def _action(sentence: str) -> str | None:
    """What is done, beginning with a verb in the base form: `return the sum of a list`."""
    text = _LEAD.sub("", " ".join(_REMARK.sub("", sentence).split()).strip(_END), count=1)
    adverb, _, rest = text.lower().partition(" ")
    text = f"{adverb} " if _ADVERB.match(adverb) else ""
    verb, _, rest = (rest if text else f"{adverb} {rest}").partition(" ")
    base = _base(verb)
    words = rest.split()
    if base is None or not _OBJECT.match(rest) or words[0] in _NOUN or len(words) > _MAX_WORDS:
        return None
    if base != verb:
        rest = _ALSO.sub(lambda found: f"{found[1]}{found[2]}{_base(found[3]) or found[3]}", rest)
    return f"{text}{base} {rest}"


def _base(verb: str) -> str | None:
    """A known verb from its base form or its third person."""
    for ending, instead in (("", ""), ("ies", "y"), ("es", ""), ("s", "")):
        base = verb.removesuffix(ending) + instead
        if verb.endswith(ending) and base in _VERBS:
            return base
    return None
