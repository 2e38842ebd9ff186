#!/bin/bash
# Trains Pocket, or goes on where that was stopped, and writes pocket.gguf beside this file: on a CUDA GPU where the python3 on the path
# sees one (minutes), else on all cores (days).
# usage: ./train.sh [FOLDER]      FOLDER (default /var/tmp/pocket) keeps the tokenizer, the weights and the log.
#        TOKENS=400 ./train.sh    millions of tokens in all
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-/var/tmp/pocket}
python=python3 gpu=yes
$python -c 'import torch; raise SystemExit(not torch.cuda.is_available())' 2>/dev/null || gpu=
if [ -z "$gpu" ]; then
    python=/usr/bin/python3 # Debian's own: another python3 on the path does not see Debian's torch
    missing=""
    $python -c 'import torch, numpy' 2>/dev/null || missing="python3-torch python3-numpy libopenblas0-pthread"
    if [ -n "$missing" ]; then
        as_root=$([ "$(id -u)" = 0 ] || echo sudo)
        $as_root apt-get update -q
        $as_root apt-get install -y -q --no-install-recommends $missing
    fi
fi
mkdir -p "$folder"
cd "$here"
export PYTHONDONTWRITEBYTECODE=1
[ -s "$folder/tokenizer.json" ] || $python tokenizer.py "$folder/tokenizer.json" 2048
$python train.py "$folder" --tokens "${TOKENS:-400}" 2>&1 | tee -ia "$folder/train.log"
$python export.py "$folder" "$here/pocket.gguf"
