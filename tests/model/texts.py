"""Two hundred texts that a tokenizer or a model may get wrong: code, prose, and oddities."""

from __future__ import annotations

import random
from collections.abc import Iterator

CODE = [
    "def retry(call, attempts=3):\n    for attempt in range(attempts):\n        try:\n"
    "            return call()\n        except OSError:\n            time.sleep(2 ** attempt)\n",
    "const debounce = (fn, ms) => { let t; return (...a) => { clearTimeout(t); "
    "t = setTimeout(() => fn(...a), ms); }; };",
    "export function groupBy<T, K extends string>(xs: T[], f: (x: T) => K): Record<K, T[]> {}",
    "func Reverse(s string) string { r := []rune(s); for i, j := 0, len(r)-1; i < j; {} }",
    "impl<T: Clone> Stack<T> { pub fn push(&mut self, item: T) { self.items.push(item); } }",
    "public static <T> Optional<T> first(List<T> xs) { return xs.stream().findFirst(); }",
    '#include <stdio.h>\nint main(void) { printf("%d\\n", 0x1F & ~3u); return 0; }',
    "template <class It> auto sum(It b, It e) { return std::accumulate(b, e, 0LL); }",
    'var q = from x in xs where x.Age >= 18 orderby x.Name select $"{x.Name}!";',
    "def each_pair; return to_enum(:each_pair) unless block_given?; end",
    "<?php function slug(string $s): string { return preg_replace('~[^\\pL\\d]+~u', '-', $s); }",
    'for f in "$@"; do [[ -f "$f" ]] && sed -i \'s/\\t/    /g\' "$f"; done',
    "local t = setmetatable({}, { __index = function(_, k) return k .. '!' end })",
    "SELECT u.id, COUNT(*) FILTER (WHERE o.paid) FROM users u LEFT JOIN orders o USING (id);",
    '<a href="/x?y=1&amp;z=2" class="btn btn--primary">Öffnen</a>',
    "@media (max-width: 40em) { .card > img:not(:first-child) { margin: -1px auto; } }",
]

PROSE = [
    "Über die Wörter naïve, Café, Ærøskøbing und Straße; ŒUVRE, İstanbul, ǅungla, ﬁligree",
    "Ελληνικά: ΟΔΟΣ οδός, τελικό ς — και ἀρχή",
    "Русский текст: Ёлка, йод, съешь ещё этих мягких французских булок",
    "日本語のテキスト、カタカナとひらがな。漢字仮名交じり文",
    "中文分词：在数据库中查找用户，並回傳結果。𠀀𠮷",
    "한국어 텍스트를 토큰으로 나누기",
    "العربية: مَدْرَسَة ـ كتاب ١٢٣",
    "עִבְרִית: שָׁלוֹם",
    "हिन्दी: क्षत्रिय का परीक्षण",
    "ไทย: ภาษาไทยไม่มีช่องว่าง",
    "Tiếng Việt: Đường phố ở thành phố Hồ Chí Minh",
    "emoji 👩‍👩‍👧‍👦 🇩🇪 👍🏽 ❤️ 🤷🏻‍♂️ inside 🐍 words🐍here",
    "combining: e\u0301 a\u030a n\u0303 o\u0302\u0323 Z\u0351\u036b\u0343algo",
    "maths: ∑ xᵢ² ≤ ∞, ½ ⅓ ℵ₀ 𝔸𝒷𝐜 → ⇒ ±√2 ≠ ≈ ×÷",
    "quotes «guillemets» “curly” ‘single’ „low“ … — – ‐ ‑ · • § ¶ © ® ™ € £ ¥ ¢",
    "full-width ＡＢＣ１２３！？（）　ideographic space",
    "[CLS] literal [SEP] special [MASK] tokens [PAD] in [UNK] text [unused5] [sep]",
    "##pieces ##like ▁these ▁are plain text",
]

ODD = [
    "",
    " ",
    "\n\t\r\n  ",
    "\x00",
    "\x00a\x00b\x00",
    "a\x01b\x02c\x1fd\x7fe\x80f\x9fg",
    "\ufeffbyte order mark\ufeff",
    "soft\u00adhyphen zero\u200bwidth\u200cnon\u200djoiner \u2028line \u2029paragraph \u0085next",
    "\u202eright to left\u202c \u2066isolate\u2069",
    "private \ue000 use \U000f0000 and \ufffd replacement",
    "unassigned \u0378 \u0530 \U0003fffd characters",
    "lone surrogates \ud800 and \udfff here",
    "." * 300,
    "!" * 99 + " " + "?" * 101,
    "x" * 99,
    "x" * 100,
    "x" * 101,
    "y" * 5000 + " after",
    "é" * 100 + " " + "é" * 101,
    "e\u0301" * 100 + " after",
    "_" * 40 + "snake_case_name" * 8,
    "a" * 60 + "\u0301" * 80 + " stacked",
    "中" * 400,
    "word " * 2000,
    " " * 9000 + "late word",
    "0123456789" * 30,
    "0x" + "deadbeef" * 13,
    "https://example.org/a/b?c=d&e=f#g" * 4,
    "\u3000\u00a0\u2003\u202f blanks \u1680 of all kinds",
    "aGVsbG8gd29ybGQ=" * 30 + " base64",
]


def _scrambled(count: int) -> Iterator[str]:
    """Cuts and mixes of the texts above, with characters of every kind strewn in."""
    source = random.Random(20240229)
    pool = CODE + PROSE
    for _ in range(count):
        text = " ".join(source.sample(pool, 2))
        start = source.randrange(len(text) // 2)
        piece = list(text[start : start + source.randrange(20, 400)])
        for _ in range(source.randrange(6)):
            char = chr(source.choice([*range(0x20, 0x250), *range(0x2000, 0x2070), 0x1F600]))
            piece.insert(source.randrange(len(piece) + 1), char)
        yield "".join(piece)


def two_hundred() -> list[str]:
    """All of the above, filled up with cuts and mixes; always the same."""
    texts = CODE + PROSE + ODD
    return texts + list(_scrambled(200 - len(texts)))
