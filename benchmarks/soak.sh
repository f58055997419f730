#!/usr/bin/env bash
# How the engine holds up: so many containers under control, demand that changes all the time, and whether anything grows.
#   benchmarks/soak.sh HOST [MINUTES [CONTAINERS]]    HOST: of a Docker engine, as in DOCKER_HOST; 10 minutes, 200 containers
# Prints descriptors, threads, heap after a collection, resident memory and processor time each half minute; at the end what
# the engine uses while nothing changes. Needs curl, jq, an engine with the image $IMAGE (tiny:1), which is to end on SIGTERM.
set -euo pipefail
host=${1:?usage: benchmarks/soak.sh HOST [MINUTES [CONTAINERS]]} minutes=${2:-10} containers=${3:-200}
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
folder=$(mktemp -d)
half=$((containers / 2))
api=http://127.0.0.1:7790/v1
cat > "$folder/soak.yaml" <<YAML
pool: {name: soak, orchestrator: {docker: {host: "$host"}}, capacity: {slots: $half}}
services:
  - name: web
    priority: 100
    max: $half
    hold: 1s
    headroom: {percent: 0, replicas: 0}
    standby: $half
    workload: &work {image: "${IMAGE:-tiny:1}", network: none, stopGrace: 2s}
    demand: {push: {}}
    scaling: {replicas: {}}
  - {name: batch, remainder: true, max: $half, workload: *work}
server: {port: 7790}
YAML

ended() {
  [[ -z ${engine:-} ]] || kill -TERM "$engine" 2> /dev/null || true
  wait 2> /dev/null || true
  rm -rf "$folder"
  echo "containers of the pool are left as they are; remove them: docker rm -f \$(docker ps -aqf label=io.microscale.pool=soak)"
}
trap ended EXIT

"$root/microscale" run -f "$folder/soak.yaml" 2> "$folder/log" &
engine=$!
for ((i = 0; i < 120; i++)); do
  curl -fs "$api/status" > /dev/null && break
  sleep 0.5
done
# The launcher becomes the engine.
push() { curl -fsS -X PUT -H 'Content-Type: application/json' -d "{\"value\": $1}" "$api/services/web/demand" > /dev/null; }
count() { curl -fsS "$api/status" | jq '[.services[].replicas | .running + .paused + .starting] | add'; }
ticks() { awk '{ print $14 + $15 }' "/proc/$engine/stat"; }
heap() {
  jcmd "$engine" GC.run > /dev/null
  jcmd "$engine" GC.heap_info | awk '/used/ { for (i = 1; i < NF; i++) if ($i == "used") { sub(/K.*/, "", $(i + 1)); sum += $(i + 1) } } END { printf "%.1f", sum / 1024 }'
}
push 1
for ((i = 0; i < 900 && $(count) < containers - 5; i++)); do sleep 1; done
echo "at rest: heap $(heap) MB"
echo "minute containers descriptors threads heap_MB rss_MB cpu_s"
begun=$SECONDS
next=0
while ((SECONDS - begun < minutes * 60)); do
  push $((RANDOM % half))
  if ((SECONDS - begun >= next)); then
    next=$((next + 30))
    printf '%6.1f %10d %11d %7d %7s %6d %5d\n' "$(bc <<< "scale=1; ($SECONDS - $begun) / 60")" "$(count)" \
      "$(find "/proc/$engine/fd" -mindepth 1 | wc -l)" "$(awk '/Threads/ { print $2 }' "/proc/$engine/status")" "$(heap)" \
      "$(awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$engine/status")" "$(($(ticks) / $(getconf CLK_TCK)))"
  fi
  sleep 4
done
sleep 15
echo "at rest: heap $(heap) MB"
before=$(ticks)
sleep 60
after=$(ticks)
echo "nothing changes, $(count) containers: $(bc <<< "scale=2; 100 * ($after - $before) / $(getconf CLK_TCK) / 60") % of a core"
