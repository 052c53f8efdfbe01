"""A corpus on the Hugging Face Hub, by the Hub's own client."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from hanmill.pipelines.corpus.export import PUBLISHED, PUBLISHED_FILES
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.location import Location
from hanmill.schemas.manifest import Manifest


class HubError(HanmillError, RuntimeError):
    """The Hub, or its client, refuses."""


def push(corpus: Location, repository: str, *, private: bool, revision: str, message: str) -> str:
    """Uploads what others read of a finished corpus into a dataset repository; returns the commit's address.

    The repository is made where there is none. Token and endpoint are the client's own (``HF_TOKEN``, ``hf auth
    login``, ``HF_ENDPOINT``). Raises ManifestError where there is no finished corpus, HubError.
    """
    if not isinstance(corpus, Path):
        raise HubError(f"{corpus}: found an object store, expected a folder of this machine, as export --to hf writes")
    Manifest.load(corpus)
    if find_spec("huggingface_hub") is None:
        raise HubError("push: huggingface-hub is not installed: pip install 'hanmill[hub]'")
    from huggingface_hub import HfApi

    api = HfApi(library_name="hanmill")
    try:
        api.create_repo(repository, repo_type="dataset", private=private, exist_ok=True)
        commit = api.upload_folder(
            repo_id=repository,
            repo_type="dataset",
            folder_path=corpus,
            allow_patterns=[*(f"{folder}/*.parquet" for folder in PUBLISHED), *PUBLISHED_FILES],
            revision=revision or None,
            commit_message=message,
        )
    except Exception as error:  # the client, and an HTTP library beneath it that changes with its version
        raise HubError(f"{repository}: {' '.join(str(error).split())}") from error
    return str(commit.commit_url)
