#!/bin/sh
# The same targets from several places, and what differs by place.
# Usage: many-places.sh TARGETS-FILE REPORT.jsonl SSH-HOST... (needs rdpwhy on each)
# Exit status: as rdpwhy merge; the text report goes to standard output.
set -eu
targets=$1 report=$2
shift 2
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT
for place in "$@"; do
    # 1 says that a host is not healthy; a place that cannot be reached leaves an empty file, which
    # merge names
    ssh -oBatchMode=yes "$place" rdpwhy probe -r jsonl --vantage "$place" -i - \
        <"$targets" >"$runs/$place.jsonl" &
done
wait
rdpwhy merge -r text -r jsonl="$report" "$runs"/*.jsonl
