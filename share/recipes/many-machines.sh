#!/bin/sh
# One list over several machines, each target probed once; if a machine fails, another does its part.
# Usage: many-machines.sh TARGETS-FILE REPORT.jsonl SSH-HOST... (needs GNU parallel and rsync here,
# rsync and rdpwhy there). Exit status: as rdpwhy merge, or 4 if a part failed on all machines, whose
# hosts are missing then; the text report goes to standard output.
set -eu
targets=$1 report=$2
shift 2
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT
shards=$((4 * $#))
cp "$targets" "$parts/targets.txt"
failed=0 status=0
# 1 says that a host is not healthy, which is no reason to try again
(cd "$parts" && seq "$shards" | parallel --will-cite --retries 3 --timeout 3600 \
    --sshlogin "$(printf '1/%s,' "$@")" --wd "/tmp/rdpwhy-$$" --basefile targets.txt --cleanup \
    --results 'part-{}.jsonl' \
    "rdpwhy probe -r jsonl --vantage pool --shard {}/$shards -i targets.txt || test \$? -eq 1") \
    >/dev/null || failed=$?
find "$parts" -name 'part-*.jsonl' -size 0 -exec rm {} + # a part of which nothing came back
rdpwhy merge -r text -r jsonl="$report" "$parts"/part-*.jsonl || status=$?
test "$failed" -eq 0 || { echo "$0: parts failed for good: hosts are missing" >&2 && status=4; }
exit "$status"
