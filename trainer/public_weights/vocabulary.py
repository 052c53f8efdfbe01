"""The tokens of published weights by id: BERT's ``vocab.txt``, XLM's ``vocab.json``, a ``tokenizer.json``."""

from __future__ import annotations

from pathlib import Path

from hanmill.trainer.data.specials import Specials
from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.public_weights.folder import read_json

#: How XLM's byte pairs end a word: a character alone is one.
_END_OF_WORD = "</w>"
#: Names of the special tokens in BERT's and in XLM's vocabularies.
BERT_SPECIALS = {"padding": "[PAD]", "unknown": "[UNK]", "mask": "[MASK]", "begin": "[CLS]", "end": "[SEP]"}
XLM_SPECIALS = {"padding": "<pad>", "unknown": "<unk>", "mask": "<special1>", "begin": "</s>", "end": "</s>"}


def read_tokens(folder: Path, rows: int) -> tuple[str, ...]:
    """Tokens by id, as many as the embedding has ``rows``; ids without a token are empty.

    Raises CheckpointError naming the files that were looked for, or a token beyond the last row.
    """
    if (folder / "vocab.txt").is_file():
        path = folder / "vocab.txt"
        try:
            # One token a line; no other line break than \n ends one.
            lines = path.read_text(encoding="utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise CheckpointError(f"{path}: cannot be read ({error})") from error
        if lines and not lines[-1]:
            lines.pop()
        numbered = {line.rstrip("\r"): number for number, line in reversed(list(enumerate(lines)))}
    elif (folder / "tokenizer.json").is_file():
        path = folder / "tokenizer.json"
        content = read_json(path)
        numbered = dict(content.get("model", {}).get("vocab", {}))
        numbered |= {item["content"]: item["id"] for item in content.get("added_tokens", [])}
    elif (folder / "vocab.json").is_file():
        path = folder / "vocab.json"
        whole = read_json(path)
        # 的</w> is the character as a word; without the mark it is the beginning of a longer one.
        numbered = {token: number for token, number in whole.items() if not token.endswith(_END_OF_WORD)}
        numbered |= {
            token.removesuffix(_END_OF_WORD): number for token, number in whole.items() if token.endswith(_END_OF_WORD)
        }
    else:
        raise CheckpointError(f"{folder}: found no vocabulary, expected vocab.txt, tokenizer.json or vocab.json")
    last = max(numbered.values(), default=-1)
    if last < 0 or last >= rows:
        raise CheckpointError(f"{path}: ids up to {last} found; rows of the embedding: {rows}")
    tokens = [""] * rows
    for token, number in numbered.items():
        tokens[number] = token
    return tuple(tokens)


def find_specials(folder: Path, tokens: tuple[str, ...], names: dict[str, str]) -> Specials:
    """Ids of the special tokens. Raises CheckpointError naming those that the vocabulary lacks."""
    ids = {token: number for number, token in reversed(list(enumerate(tokens)))}
    if missing := [name for name in names.values() if name not in ids]:
        raise CheckpointError(f"{folder}: vocabulary of {len(tokens):,} tokens lacks {', '.join(sorted(set(missing)))}")
    return Specials(count=0, **{role: ids[name] for role, name in names.items()})
