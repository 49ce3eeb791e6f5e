"""Draws docs/demo.svg from a real run of `dowse demo`: run it with the project's interpreter."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

TARGET = Path(__file__).with_name("demo.svg")
COLUMNS = 104
STYLES = (
    (r"# find: .*", "bold green"),
    (r"Insert: [^—\n]+", "cyan"),
    (r"\(words only\)", "yellow"),
    (r"(?m)^By .*:$", "bold"),
    (r"\b(def|return|class|if|else|raise|import|from)\b", "magenta"),
)


def main() -> None:
    """Run the demonstration and draw what it prints."""
    command = [sys.executable, "-m", "dowse.server", "demo"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print("[bold]$ dowse demo[/bold]")
    text = Text(shown.rstrip())
    for pattern, style in STYLES:
        text.highlight_regex(pattern, style)
    console.print(text)
    console.save_svg(str(TARGET), title="dowse")


if __name__ == "__main__":
    main()
