#!/bin/bash
# Trains Pocket from nothing, or goes on where it was stopped, and writes pocket.gguf beside this file.
# usage: ./train.sh [FOLDER]      FOLDER (default /var/tmp/pocket) keeps the tokenizer, the state and the log.
#        TOKENS=96 ./train.sh     millions of tokens in all
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-/var/tmp/pocket}
python=/usr/bin/python3 # Debian's own: another python3 on the path does not see Debian's torch
missing=""
$python -c 'import torch, numpy' 2>/dev/null || missing="python3-torch python3-numpy libopenblas0-pthread"
command -v gcc >/dev/null || missing="$missing gcc libc6-dev"
if [ -n "$missing" ]; then
    as_root=$([ "$(id -u)" = 0 ] || echo sudo)
    $as_root apt-get update -q
    $as_root apt-get install -y -q --no-install-recommends $missing
fi
mkdir -p "$folder"
cd "$here"
export PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1
[ -s "$folder/tokenizer.json" ] || $python tokenizer.py "$folder/tokenizer.json" 2048
nice -n 19 $python train.py "$folder" --tokens "${TOKENS:-96}" 2>&1 | tee -a "$folder/train.log"
$python export.py "$folder" "$here/pocket.gguf"
