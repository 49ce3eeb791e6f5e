"""The capabilities of VS Code, Neovim and Emacs, completed where pytest-lsp's sets are older."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types as lsp
from pytest_lsp import client_capabilities


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of editor."""

    name: str
    encoding: str
    """What server and client agree on."""
    capabilities: lsp.ClientCapabilities

    @property
    def resolves(self) -> bool:
        """Whether it asks for the edit of an action once it is chosen."""
        document = self.capabilities.text_document
        actions = document.code_action if document else None
        return bool(actions and actions.resolve_support)


def _visual_studio_code() -> Kind:
    """As vscode-languageclient 10 and 11 declare it: UTF-16 alone, inline completion."""
    capabilities = client_capabilities("visual-studio-code")
    assert capabilities.general is not None
    assert capabilities.text_document is not None
    capabilities.general.position_encodings = [lsp.PositionEncodingKind.Utf16]
    capabilities.text_document.inline_completion = lsp.InlineCompletionClientCapabilities(
        dynamic_registration=True
    )
    return Kind("vscode", "utf-16", capabilities)


def _neovim() -> Kind:
    return Kind("neovim", "utf-8", client_capabilities("neovim@v0.11.0"))


def _emacs() -> Kind:
    return Kind("emacs", "utf-32", client_capabilities("emacs@v29.1"))


VSCODE, NEOVIM, EMACS = _visual_studio_code(), _neovim(), _emacs()
KINDS = (VSCODE, NEOVIM, EMACS)
PLAIN = Kind("plain", "utf-16", lsp.ClientCapabilities())
"""A client that states nothing about itself."""
