"""Draws docs/demo.svg from a real run of `dowse demo`: run it with the project's interpreter."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

TARGET = Path(__file__).with_name("demo.svg")
COLUMNS = 124
STYLES = (
    (r"# find: .*", "bold green"),
    (r"Insert: [^—\n]+", "cyan"),
    (r"\(words only\)", "yellow"),
    (r"(?m)^By .*:$", "bold"),
)


def main() -> None:
    """Run the demonstration and draw what it prints."""
    command = [sys.executable, "-m", "dowse.server", "demo"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    story, comment, code = shown.rstrip().rpartition("# find:")
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print("[bold]$ dowse demo[/bold]")
    text = Text(story.rstrip() + "\n")
    for pattern, style in STYLES:
        text.highlight_regex(pattern, style)
    console.print(text)
    console.print(Syntax(comment + code, "python", theme="ansi_dark", background_color="default"))
    console.print()  # the picture's edge cuts off underscores on the last line
    picture = console.export_svg(title="dowse")
    # fonts from the network would show in no README; the reader's own monospace font does
    TARGET.write_text(re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL), "utf-8")


if __name__ == "__main__":
    main()
