"""``hanmill push``: a corpus on the Hugging Face Hub."""

from __future__ import annotations

import click

from hanmill.pipelines.corpus.hub import push as upload
from hanmill.pipelines.text.printable import printable
from hanmill.schemas.location import Location
from hanmill.schemas.location_parameter import LocationParameter


@click.command(epilog="Example: hanmill push corpora/web my-name/web-zh-ja --private")
@click.argument("corpus", type=LocationParameter())
@click.argument("repository", metavar="USER/NAME")
@click.option("--private", is_flag=True, help="Where the repository is made.")
@click.option("--revision", default="", help="A branch other than main.")
@click.option("--message", default="Corpus built by hanmill", show_default=True)
def push(corpus: Location, repository: str, private: bool, revision: str, message: str) -> None:
    """Uploads train, validation, tables and the card of CORPUS to a dataset of the Hugging Face Hub.

    Needs `pip install 'hanmill[hub]'` and a token (HF_TOKEN, or hf auth login). What is there is not sent twice.
    """
    click.echo(printable(upload(corpus, repository, private=private, revision=revision, message=message)))
