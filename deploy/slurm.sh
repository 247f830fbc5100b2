#!/bin/bash
# Makes a data set with an array of SLURM jobs, then checks and finishes it in a last one.
#
#   RECIPE=scan_tunnel SHOTS=4096 OUT=/shared/tunnel bash deploy/slurm.sh [more options of `synthgen generate`]
#
# JOBS     tasks of the array (default 16); each makes its share, by the variables that SLURM sets
# WORKERS  processes a task, each a core and 2 GB (default 4)
# SBATCH   more options of sbatch, such as "--partition=cpu --time=4:00:00"
# OUT is a folder that all nodes see, or s3://bucket/prefix. What is missing in the end is made by the same line again.
set -euo pipefail

if [[ -z ${SLURM_JOB_ID:-} ]]; then # on the login node: submit this file twice
    : "${RECIPE:?a recipe file or the name of a shipped recipe}" "${SHOTS:?number of shots}" "${OUT:?where the data set goes}"
    export RECIPE SHOTS OUT JOBS=${JOBS:-16} WORKERS=${WORKERS:-4}
    read -ra more <<<"${SBATCH:-}"
    array=$(sbatch "${more[@]}" --parsable --job-name=synthgen --requeue --signal=B:TERM@60 --array="0-$((JOBS - 1))" \
        --cpus-per-task="$WORKERS" --mem-per-cpu=2G --output="synthgen-%A_%a.log" "$0" generate "$@")
    # Also after tasks that failed: finalize names what is missing.
    final=$(sbatch "${more[@]}" --parsable --job-name=synthgen-finalize --dependency="afterany:$array" \
        --cpus-per-task=1 --mem-per-cpu=2G --output="synthgen-%j.log" "$0" finalize)
    echo "$array $final"
    exit
fi

case $1 in
generate) exec synthgen generate "$RECIPE" -n "$SHOTS" -o "$OUT" --workers "$WORKERS" --progress plain "${@:2}" ;;
finalize) exec synthgen finalize "$OUT" ;;
esac
