# SPDX-License-Identifier: CC0-1.0
"""Subprocesses: run other programs, with their output, input, time limit and environment."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path


def run_command(command: Sequence[str], folder: Path | None = None, timeout: float = 60) -> str:
    """Run a shell command given as a list and return its output; a failure raises with stderr.

    The list goes to the program as it is, so nothing in it can be misread by a shell.
    """
    result = subprocess.run(
        command, cwd=folder, timeout=timeout, capture_output=True, encoding="utf-8"
    )
    if result.returncode != 0:
        raise RuntimeError(f"{command[0]} failed ({result.returncode}): {result.stderr.strip()}")
    return result.stdout


def run_with_input(command: Sequence[str], text: str) -> str:
    """Run a program, send a text to its standard input and return its standard output."""
    result = subprocess.run(command, input=text, capture_output=True, encoding="utf-8", check=True)
    return result.stdout


def run_with_environment(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run a program with additional environment variables and return its exit code."""
    return subprocess.run(command, env={**os.environ, **variables}).returncode


def output_lines(command: Sequence[str]) -> Iterator[str]:
    """Run a program and yield its output line by line while it is still running."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", bufsize=1
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield line.rstrip("\n")
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)


def run_pipeline(first: Sequence[str], second: Sequence[str]) -> str:
    """Pipe the output of one program into another, like `first | second` in a shell."""
    with subprocess.Popen(first, stdout=subprocess.PIPE) as producer:
        result = subprocess.run(
            second, stdin=producer.stdout, capture_output=True, encoding="utf-8", check=True
        )
    if producer.returncode != 0:
        raise subprocess.CalledProcessError(producer.returncode, first)
    return result.stdout


def run_and_kill_group(command: Sequence[str], seconds: float) -> int | None:
    """Run a program and kill it with all its children after a timeout (not on Windows)."""
    process = subprocess.Popen(command, start_new_session=True)
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None


def stop_process(process: subprocess.Popen[bytes], patience: float = 5.0) -> int:
    """Stop a child process: ask it to terminate, and kill it when it does not in time."""
    process.terminate()
    try:
        return process.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def start_in_background(command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a program in the background, detached from the terminal, with its output in a file."""
    with log.open("ab") as file:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def require_program(name: str) -> str:
    """Check that a program is installed and return its full path, like `which`."""
    path = shutil.which(name)
    if path is None:
        raise RuntimeError(f"{name} is not installed or not on the PATH")
    return path


async def run_command_async(*command: str, timeout: float = 60) -> tuple[int, str, str]:
    """Run a program from async code and return exit code, stdout and stderr."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(timeout):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, out.decode(), err.decode()
