"""Finds secrets, for which a pair is dropped, and personal data, which is replaced."""

from __future__ import annotations

import re

_SECRETS = re.compile(
    r"""-----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----|
    \b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36,}|\bgithub_pat_\w{40,}|
    \bglpat-[\w-]{20,}|\bxox[abprs]-[\w-]{10,}|\bsk_live_\w{16,}|\bsk-[A-Za-z0-9_-]{32,}|
    \bAIza[\w-]{35}\b|\bnpm_[A-Za-z0-9]{36}\b|\bpypi-[\w-]{50,}|
    \beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}|
    \b[a-z][a-z0-9+.-]*://[^\s/:@"'{}<>%$]+:[^\s/:@"'{}<>%$]+@""",
    re.X,
)
"""Keys by the marks that their makers give them, signed tokens (RFC 7519), passwords in URLs
(RFC 3986, section 3.2.1)."""
_NAMED = re.compile(
    r"""(?:api_?key|secret(?:_?key)?|access_?token|auth_?token|passw(?:or)?d)["']?\s*[:=]\s*
    (["'])(?=[^"']*\d)(?=[^"']*[A-Za-z])([\w+/=.-]{20,})\1""",
    re.X | re.I,
)
"""Long values with letters and digits under a name that says secret."""
_MAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9](?:[\w.+-]{0,62}[A-Za-z0-9_])?@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}\b"
)
REPLACEMENT = "user@example.com"
"""A domain that RFC 2606 keeps for documentation."""


def has_secret(text: str) -> bool:
    """Whether a text holds a key, a token, or a password in a URL."""
    return bool(_SECRETS.search(text) or _NAMED.search(text))


def without_mail(text: str) -> str:
    """The text with every e-mail address replaced."""
    return _MAIL.sub(REPLACEMENT, text)
