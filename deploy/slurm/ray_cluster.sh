#!/usr/bin/env bash
# A sweep on several nodes of one job: a Ray cluster for this job alone, and the driver beside its
# head on the first node. Prefer shards.sh if the nodes need not be one job: it waits less in the
# queue, and no node depends on another one.
#
#   sbatch --nodes=8 deploy/slurm/ray_cluster.sh sweep=extended out=/scratch/$USER/extended
#
# --no-kill: when a node is lost, the others go on. Ray gives its work to them.
#SBATCH --job-name=sitesweep-ray
#SBATCH --nodes=3
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --mem-per-cpu=2G
#SBATCH --time=12:00:00
#SBATCH --no-kill
#SBATCH --output=sitesweep-ray-%j.log
#SBATCH --signal=B:TERM@120
set -euo pipefail

export RAY_AUTH_MODE=token RAY_USAGE_STATS_ENABLED=0
RAY_AUTH_TOKEN=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')
export RAY_AUTH_TOKEN # for this job only; srun passes it to the nodes

mapfile -t nodes < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
head_address=${HEAD_ADDRESS:-$(srun --overlap --nodes=1 --ntasks=1 --nodelist="${nodes[0]}" \
    hostname --ip-address | awk '{print $1}')}
if [[ $head_address == 127.* && ${#nodes[@]} -gt 1 ]]; then
    echo "${nodes[0]} knows itself as $head_address: set HEAD_ADDRESS to an address that the other" \
        "nodes reach" >&2
    exit 2
fi
head_port=${HEAD_PORT:-$((20000 + SLURM_JOB_ID % 10000))} # jobs that share a node do not collide
cores=${SLURM_CPUS_PER_TASK:-1}

# Each `ray start --block` is a job step of its own; its processes end with the step.
steps=()
start_node() { # NODE WORD...
    local node=$1
    shift
    srun --overlap --nodes=1 --ntasks=1 --nodelist="$node" --cpus-per-task="$cores" \
        ray start --block --disable-usage-stats "$@" &
    steps+=($!)
}
# shellcheck disable=SC2317  # called by the trap
end_steps() {
    kill "${steps[@]}" 2>/dev/null || true
    wait "${steps[@]}" 2>/dev/null || true
}
trap end_steps EXIT

# Solves run on all nodes but leave a core of the first one to the driver.
start_node "${nodes[0]}" --head --node-ip-address="$head_address" --port="$head_port" \
    --num-cpus=$((cores > 1 ? cores - 1 : 0)) --include-dashboard=false
for ((second = 0; ; second++)); do
    ray status --address="$head_address:$head_port" >/dev/null 2>&1 && break
    if ((second == 60)); then
        echo "Ray's head node on ${nodes[0]} did not start within a minute; its messages are above" >&2
        exit 1
    fi
    sleep 1
done
for node in "${nodes[@]:1}"; do
    start_node "$node" --address="$head_address:$head_port" --num-cpus="$cores"
done

# In the background, so that the trap below runs at once when Slurm's SIGTERM comes.
sitesweep run "$@" "engine.address=$head_address:$head_port" &
driver=$!
trap 'kill -TERM "$driver"' TERM INT
set +e
wait "$driver"
code=$?
while kill -0 "$driver" 2>/dev/null; do # a signal ended the first wait
    wait "$driver"
    code=$?
done
exit "$code"
