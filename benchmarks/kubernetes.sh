#!/usr/bin/env bash
# How fast a step of demand is answered on a real Kubernetes: by Microscale, by plain calls, and by a
# HorizontalPodAutoscaler that looks each 15 s, as it does by default, and then each second.
#   benchmarks/kubernetes.sh [ROUNDS [QUIET]]   10 rounds; a step waits until QUIET % of the processors are idle (90)
# Starts a cluster of one node with testkit/engines and removes it. Needs root, jq, and `testkit/engines/engine.sh build
# kubernetes` once. Takes about two minutes a round. FOLDER, if set, keeps the documents.
set -euo pipefail
rounds=${1:-10} quiet=${2:-90}
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
folder=${FOLDER:-$(mktemp -d)}
mkdir -p "$folder"
engine=

ended() {
  # The cluster ends with its standard input.
  exec 3>&- || true
  [[ -z $engine ]] || wait "$engine" 2> /dev/null || true
  rm -f "$folder/orders"
  [[ -n ${FOLDER:-} ]] || rm -rf "$folder"
}
trap ended EXIT

# fact KEY: what the cluster said of itself.
fact() { sed -n "s/^cluster $1 //p" "$folder/cluster"; }

# measure SYNC: one run, on a cluster whose autoscaler looks that often.
measure() {
  rm -f "$folder/orders"
  mkfifo "$folder/orders"
  "$root/testkit/engines/engine.sh" kubernetes "bench-$$" --nodes=1 --hpa-sync="$1" \
    < "$folder/orders" > "$folder/cluster" &
  engine=$!
  exec 3> "$folder/orders"
  until grep -qx ready "$folder/cluster"; do
    kill -0 "$engine" || { cat "$folder/cluster" >&2; exit 1; }
    sleep 0.2
  done
  "$root/microscale" bench reaction --orchestrator kubernetes --kubeconfig "$(fact kubeconfig)" \
    --image localhost/tiny:1 --rounds "$rounds" --quiet-limit "$quiet" --json \
    --hpa default,unlimited --hpa-sync "$1" --hpa-address "$(fact gateway)" > "$folder/$1.json"
  exec 3>&-
  wait "$engine" || true
  engine=
}

measure 15s
measure 1s

jq -rs '
  def ms: if . == null then "" else round end;
  ["", "HPA looks each", "accepted p50", "p99", "first p50", "all p50", "p90", "min", "max", "pods ended", "by", "ratio"],
  (["15 s", "1 s"] as $sync | . as $runs | range(length) as $i | $runs[$i].contestants[] |
    [.name, $sync[$i], (.accepted.medianMillis | ms), (.accepted.p99Millis | ms), (.first.medianMillis | ms),
     (.all.medianMillis | ms), (.all.p90Millis | ms), (.all.minMillis | ms), (.all.maxMillis | ms),
     .podsEnded, .limit, (if .ratio then .ratio * 100 | round / 100 else null end)])
  | @tsv' "$folder/15s.json" "$folder/1s.json" | column -t -s $'\t'
jq -r '"\(.engine), \(.from) -> \(.to) of \(.slots) replicas of \(.cpuMilli)m on a full node, \(.contestants[0].rounds | length) rounds; " +
  "idle before each step: at least \([.contestants[].rounds[].idleBeforePercent] | min | floor) %"' "$folder/15s.json"
