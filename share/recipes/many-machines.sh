#!/bin/sh
# One list over several machines, each target probed once; if a machine fails, another does its part.
# Usage: many-machines.sh TARGETS-FILE REPORT.jsonl SSH-HOST... (needs GNU parallel and rsync here,
# rsync and rdpwhy there). Exit status: as rdpwhy merge; the text report goes to standard output.
set -eu
targets=$1 report=$2
shift 2
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT
shards=$((4 * $#))
cp "$targets" "$parts/targets.txt"
# 1 says that a host is not healthy, which is no reason to try again
(cd "$parts" && seq "$shards" | parallel --will-cite --retries 3 --timeout 3600 \
    --sshlogin "$(printf '1/%s,' "$@")" --wd "/tmp/rdpwhy-$$" --basefile targets.txt --cleanup \
    --results 'part-{}.jsonl' \
    "rdpwhy probe -r jsonl --vantage pool --shard {}/$shards -i targets.txt || test \$? -eq 1") \
    >/dev/null
rdpwhy merge -r text -r jsonl="$report" "$parts"/part-*.jsonl
