"""``hanmill export``: a corpus in the forms that other programs read."""

from __future__ import annotations

from pathlib import Path

import click

from hanmill.pipelines.corpus.export import COMPRESSIONS, FORMS, ExportForm, export_folder
from hanmill.pipelines.corpus.export import export as write_export
from hanmill.schemas.location import Location
from hanmill.schemas.location_parameter import LocationParameter


@click.command(epilog="Example: hanmill export corpora/web --to text --sentences --words --lang ja --output text/ja")
@click.argument("corpus", type=LocationParameter())
@click.option("--to", "form", type=click.Choice(FORMS), required=True)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="A folder that holds nothing yet.")
@click.option("--lang", default="", help="Only documents of this language.")
@click.option("--annotations", is_flag=True, help="jsonl: words, readings, pinyin and clusters as well.")
@click.option("--sentences", is_flag=True, help="text: a sentence a line, an empty line between documents.")
@click.option("--words", is_flag=True, help="text: a space between words.")
@click.option("--compress", type=click.Choice(list(COMPRESSIONS)), default="none", show_default=True)
def export(
    corpus: Location,
    form: str,
    output: Path,
    lang: str,
    annotations: bool,
    sentences: bool,
    words: bool,
    compress: str,
) -> None:
    """Writes the documents of CORPUS as JSON lines or plain text, or copies what the Hugging Face Hub reads.

    A file for each shard, in folders train and validation; `hf` is train, validation and tables with the card.
    """
    wrong = {
        "--annotations": annotations and form != "jsonl",
        "--sentences, --words": (sentences or words) and form != "text",
        "--lang, --compress": form == "hf" and (lang or compress != "none"),
    }
    for option, is_wrong in wrong.items():
        if is_wrong:
            raise click.UsageError(f"{option}: not for --to {form}")

    def told(name: str, documents: int) -> None:
        click.echo(f"{name}: {documents:,}", err=True)

    if form == "hf":
        done = export_folder(corpus, output, told)
    else:
        done = write_export(corpus, output, ExportForm(form, compress, lang, annotations, sentences, words), told)
    click.echo(f"{output}: {done.documents:,} documents in {done.files:,} files")
