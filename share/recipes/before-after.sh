#!/bin/sh
# Did the patch break RDP? Usage: before-after.sh TARGETS-FILE PATCH-COMMAND...
# Exit status: 0 nothing is worse, 3 something is (standard output says what), else a mistake.
set -eu
targets=$1
shift
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT

# 1 says that a host is not healthy: it may have been so before the patch
rdpwhy probe -q -i "$targets" --save "$runs/before.jsonl" || test $? -eq 1
"$@"
rdpwhy probe --baseline "$runs/before.jsonl"
