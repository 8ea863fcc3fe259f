#!/usr/bin/env bash
# A sweep as an array of independent jobs, one shard each. All of them write the same run folder at
# the same time; nothing has to be merged, and no job talks to another one.
#
#   sbatch deploy/slurm/shards.sh sweep=extended out=/scratch/$USER/extended
#
# The array counts from 1, and the number of shards is written out below: a part of the array that
# is submitted again (sbatch --array=3,7) must still be 3 and 7 of 16.
#SBATCH --job-name=sitesweep
#SBATCH --array=1-16
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=16
#SBATCH --mem-per-cpu=2G
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=sitesweep-%A-%a.log
#SBATCH --signal=B:TERM@120
set -euo pipefail

SHARDS=${SHARDS:-16}

# When the time limit ends this job, for Slurm before 23.02, which does not say so: near the end, no
# further work begins.
if [ -z "${SLURM_JOB_END_TIME:-}" ]; then
    end=$(squeue --noheader --jobs="$SLURM_JOB_ID" --format=%e || true)
    SLURM_JOB_END_TIME=$(date --date="$end" +%s 2>/dev/null || true) # "NONE" without a limit
    export SLURM_JOB_END_TIME
fi

# With exec, Slurm's SIGTERM reaches sitesweep itself: it commits what is finished and ends. A job
# that is preempted or requeued goes on from the table.
exec sitesweep run "$@" "shard=${SLURM_ARRAY_TASK_ID:?run this script by sbatch}/$SHARDS"
