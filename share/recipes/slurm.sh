#!/bin/sh
# One list over a Slurm cluster, each target probed once; a task that is killed or loses its node runs
# again. Usage: slurm.sh TARGETS-FILE REPORT.jsonl SHARDS, in a directory that all nodes see (needs
# rdpwhy on each). Exit status: as rdpwhy merge; the text report goes to standard output.
set -eu
targets=$1 report=$2 shards=$3
parts=$(mktemp -d "$PWD/rdpwhy-XXXXXX")
trap 'rm -rf "$parts"' EXIT
cp "$targets" "$parts/targets.txt"
# a part that never runs stays an empty file, which merge names
seq "$shards" | while read -r part; do : >"$parts/part-$part.jsonl"; done
cat >"$parts/probe.sh" <<'END'
#!/bin/sh
part=$SLURM_ARRAY_TASK_ID
# 1 says that a host is not healthy, which is no reason to try again
rdpwhy probe -r jsonl --vantage pool --shard "$part/$1" -i targets.txt >"part-$part.jsonl"
test $? -le 1 && exit
test "${SLURM_RESTART_COUNT:-0}" -ge 3 || scontrol requeue "$SLURM_JOB_ID"
exit 1
END
job=$(sbatch --parsable --array="1-$shards" --requeue --chdir="$parts" --output=log-%a \
    "$parts/probe.sh" "$shards")
status=0
sbatch --wait --dependency="afterany:$job" --chdir="$parts" --output=report.txt --error=errors.txt \
    --wrap 'rdpwhy merge -r text -r jsonl=report.jsonl part-*.jsonl' >/dev/null || status=$?
cat "$parts/report.txt"
cat "$parts/errors.txt" >&2
cp "$parts/report.jsonl" "$report"
exit "$status"
