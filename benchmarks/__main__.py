"""Run every benchmark, or those that are named, and keep their figures in `results/`."""

from __future__ import annotations

import json
import os
import platform
import sys
from importlib import import_module
from pathlib import Path

NAMES = ("startup", "first_answer", "round_trip", "throughput", "memory", "agreement", "scale")
RESULTS = Path(__file__).parent / "results"


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")
    return {
        "cpu": model or platform.processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def main() -> None:
    for name in sys.argv[1:] or NAMES:
        print(f"{name} …", file=sys.stderr, flush=True)
        figures = import_module(f"benchmarks.{name}").measure()
        result = {"command": f"python -m benchmarks {name}", "machine": machine(), **figures}
        text = json.dumps(result, indent=2, ensure_ascii=False)
        (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(text)


if __name__ == "__main__":
    main()
