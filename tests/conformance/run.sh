#!/bin/sh
# Runs the conformance programs of FOLDER with PYTHON, one after the other, and prints the closing line of each:
#   tests/conformance/run.sh FOLDER PYTHON [name of one program ...]
# Exits 0 whatever they find: it reports, `make test` judges.
set -eu
folder=$1 python=$2
shift 2
[ $# -gt 0 ] || set -- "opinfo_check.py --scope core" module_check.py optim_check.py autograd_check.py interop_check.py seeds_check.py
logs=test-results/conformance
mkdir -p "$logs"
for program in "$@"; do
  name=${program%%.py*}
  # shellcheck disable=SC2086  # the program's own options are words
  "$python" "$folder"/$program >"$logs/$name.log" 2>&1 || true
  printf '%-16s %s\n' "$name" "$(grep -v '^[[:space:]]*$' "$logs/$name.log" | tail -n 1)"
done
echo "Whole outputs: $logs"
