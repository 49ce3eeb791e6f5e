"""Downloads models from the hub: only when asked to, resuming, and checked by SHA-256."""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from dowse.context.errors import ModelError
from dowse.model.manifest import Model, derive_manifest, manifest_path, sha256_of, write_manifest
from dowse.model.registry import models_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_OFFLINE = ("DOWSE_OFFLINE", "HF_HUB_OFFLINE")
"""Set to 1, either of them forbids every download."""
_TRUE = {"1", "on", "yes", "true"}
_REPOSITORY = re.compile(r"[A-Za-z0-9_][\w.-]*/[A-Za-z0-9_][\w.-]*", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class _Remote:
    """One file on the hub, at one commit."""

    repository: str
    filename: str
    url: str
    headers: dict[str, str]
    sha256: str
    size: int


def pull(
    repo_id: str,
    filename: str,
    revision: str | None = None,
    *,
    endpoint: str | None = None,
    token: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Model:
    """Download a GGUF file, check it, and write its manifest.

    A download that breaks off goes on where it stopped when it is asked for again.

    Args:
        repo_id: `owner/name`.
        filename: path of the .gguf file in the repository.
        revision: a branch, tag or commit; the main branch by default.
        endpoint: another server that speaks the hub's protocol.
        token: for private repositories.
        progress: called with the bytes that are here and all bytes.

    Raises:
        ModelError: downloads are forbidden, the server is out of reach, there is no such file, the
            disk is full, what arrived is not what the server announced, or it is no usable model.
    """
    _check_request(repo_id, filename)
    target = models_folder() / repo_id / filename
    try:
        remote = _announced(repo_id, filename, revision, endpoint, token)
        partial = models_folder() / ".partial" / f"{remote.sha256}.gguf"
        _fetch(remote, partial, progress)
        return _install(remote, partial, target)
    except ModelError:
        raise
    except OSError as error:
        raise _explained(error, repo_id, filename) from None
    except Exception as error:
        # Which HTTP library raises here is a matter of huggingface_hub's version.
        raise _explained(error, repo_id, filename) from None


def offline() -> bool:
    """Whether an environment variable forbids downloads."""
    return any(os.environ.get(name, "").lower() in _TRUE for name in _OFFLINE)


def _check_request(repo_id: str, filename: str) -> None:
    if offline():
        raise ModelError(f"downloads are off; unset {' and '.join(_OFFLINE)} to pull a model")
    if not _REPOSITORY.fullmatch(repo_id) or ".." in repo_id:
        raise ModelError(f"{repo_id!r} is no repository; write OWNER/NAME")
    path = PurePosixPath(filename)
    if path.is_absolute() or ".." in path.parts or "\\" in filename or path.suffix != ".gguf":
        raise ModelError(
            f"{filename!r} is no .gguf file of a repository; name one, such as model.gguf"
        )


def _announced(
    repo_id: str, filename: str, revision: str | None, endpoint: str | None, token: str | None
) -> _Remote:
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    url = hf_hub_url(repo_id, filename, revision=revision, endpoint=endpoint)
    # False: a token that happens to lie on this machine is not sent unasked.
    metadata = get_hf_file_metadata(url, token=token or False, endpoint=endpoint)
    if not metadata.etag or not _SHA256.fullmatch(metadata.etag) or not metadata.size:
        raise ModelError(
            f"the server gives no SHA-256 for {filename}, so it cannot be checked; take another"
        )
    if metadata.commit_hash:
        # The commit, because a branch may move between the announcement and the download.
        url = hf_hub_url(repo_id, filename, revision=metadata.commit_hash, endpoint=endpoint)
    # Compressed, a range of bytes would not be one of the file.
    headers = {"Accept-Encoding": "identity"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return _Remote(repo_id, filename, url, headers, metadata.etag, metadata.size)


def _fetch(remote: _Remote, partial: Path, progress: Callable[[int, int], None]) -> None:
    from huggingface_hub.file_download import http_get

    partial.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("ab") as file:
        done = file.tell()
        if done > remote.size:
            file.truncate(0)
            done = 0
        progress(done, remote.size)
        if done < remote.size:
            bar: Any = _bar_class(progress, remote.size)
            http_get(
                remote.url,
                file,
                resume_size=done,
                headers=remote.headers,
                expected_size=remote.size,
                tqdm_class=bar,
            )


def _bar_class(progress: Callable[[int, int], None], total: int) -> Callable[..., _Bar]:
    return lambda *args, initial=0, **options: _Bar(progress, initial, total)


class _Bar:
    """Stands in for tqdm's bar: passes the count on and draws nothing."""

    def __init__(self, progress: Callable[[int, int], None], done: int, total: int) -> None:
        self._progress, self._done, self._total = progress, done, total

    def update(self, count: int) -> None:
        self._done += count
        self._progress(self._done, self._total)

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *exception: object) -> None:
        return None


def _install(remote: _Remote, partial: Path, target: Path) -> Model:
    try:
        if sha256_of(partial) != remote.sha256:
            raise ModelError(
                f"what arrived as {remote.filename} is not what the server announced "
                "(the SHA-256 differs), so it was deleted; pull it again"
            )
        manifest = replace(
            derive_manifest(partial),
            name=f"{remote.repository}/{remote.filename.removesuffix('.gguf')}",
            file=target.name,
            base=remote.repository,
            command=f"dowse models pull {remote.repository} {remote.filename}",
        )
    except ModelError:
        with suppress(OSError):
            partial.unlink()
        raise
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(partial, target)
    write_manifest(manifest, manifest_path(target))
    return Model(target, manifest)


def _explained(error: Exception, repo_id: str, filename: str) -> ModelError:
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return ModelError(f"{repo_id} wants its terms accepted; do so on the hub and give a token")
    if isinstance(error, errors.RepositoryNotFoundError):
        return ModelError(
            f"there is no repository {repo_id}, or it is private; check it, or give a token"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return ModelError(f"{repo_id} has no such revision; leave it out for the main branch")
    if isinstance(error, errors.EntryNotFoundError):
        return ModelError(f"{repo_id} has no file {filename}; look at its files on the hub")
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return ModelError(f"the disk of {models_folder()} is full; free some space and pull again")
    if isinstance(error, PermissionError):
        return ModelError(f"{models_folder()} cannot be written; unlock it or set DOWSE_DATA")
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return ModelError(f"the download of {filename} failed ({reason}); pull again and it goes on")
