#!/usr/bin/env bash
# Collects pairs from well-known Python packages, joins them with published ones, and trains the
# general model of docs/training.md: about 15 minutes of downloads, 15 of mining and cleaning, and
# 20 of training on two cores. What was done already stays done when it is run again.
#
#   benchmarks/general_model/train.sh PAIRS EVALUATION OUT
#
# PAIRS holds the published pairs as JSON lines, EVALUATION the open sets in BEIR format, which are
# left out of the pairs. `dowse` and `pip` are those of the environment at hand.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
pairs=$(realpath "$1") evaluation=$(realpath "$2") out=$(realpath -m "$3")
environment=$out/environment
exclude=()
for folder in "$evaluation"/*/corpus.jsonl*; do exclude+=(--exclude "$(dirname "$folder")"); done

if [ ! -d "$environment" ]; then
    mkdir -p "$out/wheels"
    # One at a time: a package without a wheel must not keep the others from coming.
    xargs -P 4 -I NAME sh -c \
        "pip download --quiet --no-deps --only-binary :all: --dest '$out/wheels' NAME || true" \
        < "$here/packages.txt"
    python -m venv --without-pip "$environment"
    place=$("$environment/bin/python" -c "import sysconfig; print(sysconfig.get_path('purelib'))")
    for wheel in "$out"/wheels/*.whl; do python -m zipfile -e "$wheel" "$place"; done
fi

if [ ! -f "$out/packages/train.jsonl.gz" ]; then
    find "$environment"/lib/*/site-packages -maxdepth 1 -name "*.dist-info" -printf "package:%f\n" |
        sed 's/-[^-]*\.dist-info$//' | sort | xargs dowse train collect \
        --python "$environment" --language python --most 220 --consistent 0 \
        "${exclude[@]}" --out "$out/packages"
fi
if [ ! -f "$out/published/train.jsonl.gz" ]; then
    dowse train collect "$pairs"/*.jsonl.gz --license permissive --license CC-BY-4.0 \
        --license CC-BY-SA-4.0 --license CC-BY-SA-3.0 --license C-UDA --consistent 0 \
        "${exclude[@]}" --out "$out/published"
fi
if [ ! -f "$out/chosen.jsonl.gz" ]; then
    dowse train select "$out/packages/train.jsonl.gz" --keep 8000 --out "$out/chosen.jsonl.gz" \
        --like "$pairs"/{web-queries,conala,stackoverflow,staqc,thealgorithms}-python.jsonl.gz \
        "$pairs/activestate-recipes.jsonl.gz"
fi
dowse train fit "$out/published/train.jsonl.gz" "$out/chosen.jsonl.gz" --recipe general \
    --development "$out/packages/development.jsonl.gz" --out "$out/tuned"
