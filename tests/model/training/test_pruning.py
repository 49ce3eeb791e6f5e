from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dowse.context.errors import DatasetError, ExportError, SettingsError
from dowse.model.engine import load_embedder
from dowse.model.gguf import read_header
from dowse.model.training.export import export
from dowse.model.training.fit import fit
from dowse.model.training.pruning import Pruned, count_pieces, prune_vocabulary
from dowse.model.training.recipe import Recipe
from dowse.model.training.training_set import read_training_set
from dowse.server.cli import main

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TEXTS = [
    "parse a date from text",
    "def parse_date(text):\n    return [int(part) for part in text.split('-')]",
    "retry an HTTP request with exponential backoff",
    "for attempt in range(3):\n    try:\n        return call()\n    except OSError:\n        pass",
]
SPLIT = ["a gymnastics championship in Bavaria", "unforgettable melancholy"]
"""Words whose pieces no text above uses."""


@pytest.fixture(scope="module")
def pruned(two_layers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pruned") / "few-words"
    prune_vocabulary(two_layers, out, TEXTS)
    return out


def tokenizer(folder: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    found = Tokenizer.from_file(str(folder / "tokenizer.json"))
    found.no_padding()
    return found


def pieces(folder: Path, text: str) -> list[str]:
    return list(tokenizer(folder).encode(text).tokens)


def vocabulary(folder: Path) -> list[str]:
    return (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("kind", ["as it was published", "as it is saved today"])
def test_texts_whose_pieces_stay_have_the_vectors_of_the_base(
    kind: str, base_folder: Path, two_layers: Path, tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    base = two_layers if "saved" in kind else base_folder
    prune_vocabulary(base, tmp_path / "out", TEXTS)
    before = SentenceTransformer(str(base), device="cpu")
    after = SentenceTransformer(str(tmp_path / "out"), device="cpu")
    assert abs(before.encode(TEXTS) - after.encode(TEXTS)).max() <= 1e-6
    assert abs(before.encode(SPLIT) - after.encode(SPLIT)).max() > 1e-3
    assert after.tokenizer.convert_ids_to_tokens(after.tokenizer("a date")["input_ids"]) == [
        "[CLS]",
        "a",
        "date",
        "[SEP]",
    ]


def test_entries_keep_their_order_and_what_is_used_or_ascii_stays(
    two_layers: Path, pruned: Path
) -> None:
    all_of_them = list(tokenizer(two_layers).get_vocab(with_added_tokens=True).items())
    before = [piece for piece, _ in sorted(all_of_them, key=lambda item: item[1])]
    after = vocabulary(pruned)
    assert after == [piece for piece in before if piece in set(after)]
    used = {piece for text in TEXTS for piece in pieces(two_layers, text)}
    characters = {"a", "##a", "z", "0", "##9", "~", "##~", "[PAD]", "[MASK]"}
    assert used | characters <= set(after)
    assert not {"gymnastics", "[unused5]", "日"} & set(after)
    assert json.loads((pruned / "config.json").read_text())["vocab_size"] == len(after) < 250


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters(max_codepoint=127), max_size=60))
@example("Zyzzyva_XQJ9~unforgettable[MASK]")
@example("x" * 101)
def test_no_text_of_ascii_becomes_unknown(two_layers: Path, pruned: Path, text: str) -> None:
    assert pieces(pruned, text).count("[UNK]") == pieces(two_layers, text).count("[UNK]")


def test_llama_cpp_runs_the_pruned_model_as_pytorch_does(pruned: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    models = export(str(pruned), tmp_path, ["F16", "Q8_0"])
    expected = SentenceTransformer(str(pruned), device="cpu").encode([*TEXTS, *SPLIT])
    for model, least in zip(models, (0.9999, 0.995), strict=True):
        assert len(read_header(model.path).tokens) == len(vocabulary(pruned))
        assert model.manifest.license == "Apache-2.0"
        embedder = load_embedder(model.path, manifest=model.manifest)
        try:
            for text, vector in zip([*TEXTS, *SPLIT], expected, strict=True):
                assert float(embedder.embed_query(text) @ vector) > least
        finally:
            embedder.close()


def test_it_is_trained_and_pruned_again(pruned: Path, tmp_path: Path) -> None:
    rows = [{"query": f"{verb} a date", "code": f"{verb}(date)"} for verb in ("parse", "retry")]
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text("\n".join(map(json.dumps, rows)))
    recipe = Recipe(base=str(pruned), development_pairs=0, hard_negatives=0, batch_size=2)
    tuned = fit(recipe, read_training_set([pairs]), tmp_path / "tuned").folder
    again = prune_vocabulary(tuned, tmp_path / "again", TEXTS[:1])
    assert again.entries_before == len(vocabulary(pruned)) > again.entries_after
    assert pieces(tmp_path / "again", TEXTS[0]) == pieces(pruned, TEXTS[0])


def test_so_many_entries_are_kept_the_most_used_first(two_layers: Path, tmp_path: Path) -> None:
    texts = ["zebra zebra zebra", "yacht yacht", "opera"]
    fewest = prune_vocabulary(two_layers, tmp_path / "two", texts, least=2)
    assert {"zebra", "yacht"} <= set(vocabulary(tmp_path / "two"))
    assert "opera" not in vocabulary(tmp_path / "two")
    assert (fewest.tokens, fewest.tokens_kept) == (6, 5)

    always = fewest.entries_after - 2
    prune_vocabulary(two_layers, tmp_path / "one", texts, keep=always + 1)
    assert {"zebra", "yacht", "opera"} & set(vocabulary(tmp_path / "one")) == {"zebra"}
    more = prune_vocabulary(two_layers, tmp_path / "more", texts, keep=1_000)
    assert more.entries_after == len(vocabulary(tmp_path / "more")) == 1_000
    assert more.tokens_kept == more.tokens

    for keep in (always - 1, 30_523):
        with pytest.raises(SettingsError, match=f"can keep from {always} to 30,522 entries"):
            prune_vocabulary(two_layers, tmp_path / "none", texts, keep=keep)
    assert not (tmp_path / "none").exists()


def test_pieces_are_counted_in_whole_texts(two_layers: Path) -> None:
    ids = tokenizer(two_layers).get_vocab()
    counts = count_pieces(two_layers, ["zebra " * 1_000, "Zébra"])
    assert counts == {ids["zebra"]: 1_001}


def test_ids_follow_their_tokens_in_every_spelling(two_layers: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(two_layers, base)
    old = json.loads((base / "tokenizer.json").read_text())
    old["post_processor"] = {"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]}
    (base / "tokenizer.json").write_text(json.dumps(old))
    said = json.loads((base / "tokenizer_config.json").read_text())
    said["added_tokens_decoder"] = {"101": {"content": "[CLS]"}, "0": {"content": "[PAD]"}}
    (base / "tokenizer_config.json").write_text(json.dumps(said))
    prune_vocabulary(base, tmp_path / "out", ["zebra"])
    assert pieces(tmp_path / "out", "zebra") == ["[CLS]", "zebra", "[SEP]"]
    said = json.loads((tmp_path / "out" / "tokenizer_config.json").read_text())
    assert {token["content"]: int(i) for i, token in said["added_tokens_decoder"].items()} == {
        "[PAD]": 0,
        "[CLS]": vocabulary(tmp_path / "out").index("[CLS]"),
    }


def test_a_folder_that_is_in_use_and_no_texts_are_told(two_layers: Path, tmp_path: Path) -> None:
    (tmp_path / "used").mkdir()
    prune_vocabulary(two_layers, tmp_path / "used", TEXTS)
    with pytest.raises(ExportError, match="not empty; choose another folder"):
        prune_vocabulary(two_layers, tmp_path / "used", TEXTS)
    with pytest.raises(DatasetError, match="no text to count pieces in"):
        prune_vocabulary(two_layers, tmp_path / "other", [" "])
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="choose another folder"):
        prune_vocabulary(two_layers, tmp_path / "file" / "out", TEXTS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "used"]


def test_the_command_line_prunes_and_exports(
    two_layers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs, prose = tmp_path / "pairs.jsonl", tmp_path / "README.md"
    pairs.write_text(json.dumps({"query": "feed a zebra", "code": "feed(zebra)"}))
    prose.write_text("# The opera\n")
    options = ["--pairs", str(pairs), "--prose", str(prose), "--out", str(tmp_path / "out")]
    assert main(["train", "prune", str(two_layers), *options, "--keep", "2000"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "30,522 entries before, 2,000 after"
    assert shown[1] == "100.00 % of 10 tokens are kept whole"
    assert shown[2].endswith("MB before, 18.7 MB after")
    record = json.loads((tmp_path / "out" / "pruning.json").read_text())
    assert Pruned(**record).base == "two-layers"
    assert {"zebra", "opera", "#"} <= set(vocabulary(tmp_path / "out"))
    models = ["--out", str(tmp_path / "models")]
    assert main(["export", str(tmp_path / "out"), *models]) == 0
    assert (tmp_path / "models" / "out-Q8_0.gguf").stat().st_size < 6_000_000


@pytest.mark.parametrize(
    ("base", "options", "words"),
    [
        ("nothing", [], "name one"),
        ("BASE", [], "no text to count pieces in"),
        ("BASE", ["--pairs", "missing.jsonl"], "cannot read missing.jsonl"),
        ("BASE", ["--prose", "missing.md"], "cannot read missing.md"),
        ("BASE", ["--keep", "5"], "can keep from"),
    ],
)
def test_a_mistake_is_one_line(
    two_layers: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    base: str,
    options: list[str],
    words: str,
) -> None:
    folder = str(two_layers) if base == "BASE" else base
    assert main(["train", "prune", folder, "--out", str(tmp_path / "out"), *options]) == 1
    error = capsys.readouterr().err
    assert words in error
    assert error.startswith("dowse: ")
    assert error.count("\n") == 1
