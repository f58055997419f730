#!/usr/bin/env bash
# Real engines for tests, for as long as standard input stays open.
#
#   engine.sh docker|podman|swarm|kubernetes NAME [OPTION]...
#   engine.sh check docker|podman|swarm|kubernetes   exit 0 if they can run here, else 1 and the reason
#   engine.sh build kubernetes                       what cannot be installed: once, some minutes
#   engine.sh kubernetes tool kubectl|helm ARGUMENT...
#
# Options: --nodes=N       how many nodes a swarm has (3); n1 is the manager
#                          how many nodes a Kubernetes has, 0 to 3 (1): node1, ...; without any, pods stay pending
#          --tcp, --tls    dockerd also listens on TCP, with or without certificates
#          --live-restore  containers outlive dockerd
#          --no-bridge     dockerd has the networks none and host only; starts need less time
#          --runtime=NAME  runc or crun
#          --cpu=MILLI, --memory=BYTES   what each node of a Kubernetes offers (all of this machine)
#          --hpa-sync=15s  the period of its HorizontalPodAutoscaler
#          --monitor=40s   the silence after which a node counts as failed
#          --slow-etcd     etcd-delay can be used
#          --apiserver=OPTION, --manager=OPTION, --scheduler=OPTION   one more option of a part; any number of them
#
# Prints `NODE KEY VALUE` for all that can be reached (host, address, tcp, certificates), then `ready`. After that
# it reads commands, one a line, and answers each with `ok` or `failed: REASON`:
#   kill NODE    kill -9 of the engine's own process; containers go on
#   stop NODE    the engine ends as its service manager would end it
#   crash NODE   kill -9 of everything on the node, containers too
#   start NODE   after any of these: the engine again, with the same data
#   cut NODE, heal NODE                    swarm: takes the network away from a node, gives it back
#   availability NODE active|pause|drain   swarm
# Kubernetes:
#   kill, stop, start, freeze, thaw PART   etcd, apiserver, manager, scheduler, or the kubelet of a node (node1, ...)
#   crash NODE, start NODE                 the kubelet and all containers of a node
#   etcd-delay MILLIS                      everything between the API server and etcd, each way, takes so much longer
#   load FILE                              an image in Docker's format, on all nodes
#   hollow COUNT CPU MEMORY PODS           nodes hollow-1, ... that only pretend to run pods, until the end
#
# Each node is a "box": namespaces of its own for processes, mounts, network and host name. Nothing is done to the
# bridges, the firewall or the mounts of this machine, and everything vanishes with the box's first process, which
# the kernel ends when this script ends, however it ends. Standard input that closes (the test's JVM is gone) takes
# everything down; what a killed run of the same NAME left is cleared first.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
. "$here/box.sh"
. "$here/docker.sh"
. "$here/podman.sh"
. "$here/swarm.sh"
. "$here/kubernetes.sh"

usage() {
  sed -n '2,7p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

# Says why engines of this kind cannot run here; nothing if they can.
why_not() {
  local tools=(unshare nsenter setpriv setsid flock pgrep ip tar curl busybox) missing=() tool
  case $1 in
    docker) tools+=(dockerd containerd runc iptables openssl) ;;
    swarm) tools+=(dockerd containerd runc iptables) ;;
    podman) tools+=(podman conmon crun iptables) ;;
    kubernetes) tools+=(containerd ctr runc /usr/lib/cni/bridge) ;;
    *) usage ;;
  esac
  if [[ $(uname -s) != Linux || $(id -u) != 0 ]]; then
    echo "engines for tests need Linux and root"
    return
  fi
  for tool in "${tools[@]}"; do command -v "$tool" > /dev/null || missing+=("$tool"); done
  if ((${#missing[@]})); then
    echo "not installed: ${missing[*]}"
  elif [[ $(LC_ALL=C ldd "$(command -v busybox)" 2>&1) != *"not a dynamic"* ]]; then
    echo "busybox is not static (Debian: busybox-static)"
  elif ! unshare --mount --net --pid --uts --ipc --fork --mount-proc true 2> /dev/null; then
    echo "this machine does not let root make namespaces"
  elif ! unshare --net ip link add microscale type veth peer name peer 2> /dev/null; then
    echo "this kernel has no veth links"
  elif [[ $1 == kubernetes ]]; then
    find_kubernetes
    [[ -x $kubernetes ]] || echo "not built: 'testkit/engines/engine.sh build kubernetes' does it, once, in some minutes"
  fi
}

perform() {
  local verb=${1:-} node=${2:-}
  if [[ $kind == kubernetes ]]; then
    kubernetes_perform "$@"
    return
  fi
  if [[ ! $node || $node == hub || ! ${boxes[$node]+known} ]]; then
    echo "failed: no node '$node'"
    return
  fi
  case $verb in
    kill | stop) end_engine "$verb" "$node" engine && echo ok || echo "failed: it does not end" ;;
    crash) empty_box "$node" && echo ok ;;
    start)
      start_node "$node" || {
        echo "failed: $(why_failed "$node")"
        return
      }
      echo ok
      ;;
    cut | heal | availability)
      if [[ $kind != swarm ]]; then
        echo "failed: $verb is for a swarm"
      elif "swarm_$verb" "$node" "${3:-}" >> "$state/log" 2>&1; then
        echo ok
      else
        echo "failed: $(tail -n 1 "$state/log")"
      fi
      ;;
    *) echo "failed: no command '$verb'" ;;
  esac
}

start_node() {
  if [[ ! ${inits[$1]:-} ]]; then
    make_box "$1"
    if [[ $kind == swarm ]]; then plug "$1"; else join_host "$1"; fi
  fi
  case $kind in
    podman) podman_up "$1" ;;
    *) docker_up "$1" ;;
  esac
}

# end_engine kill|stop NODE PROGRAM
end_engine() {
  local signal=KILL pid_file=/run/$3.pid
  [[ $1 == kill ]] || signal=TERM
  [[ ${inits[$2]:-} ]] || return 0
  # The process id is the one inside of the box.
  # shellcheck disable=SC2016
  in_box "$2" bash -c 'pid=$(cat "$2") && kill -"$1" "$pid" || exit 0
    for ((i = 0; i < 600; i++)); do kill -0 "$pid" 2> /dev/null || exit 0; sleep 0.05; done; exit 1' \
    _ "$signal" "$pid_file" 2>> "$state/log"
  rm -f "$state/$2/engine.sock"
}

# The last words of a node's engine.
why_failed() {
  grep -v 'level=\(info\|warning\)' "$state/$1/engine.log" | tail -n 3 | tr '\n' ' ' | cut -c1-600
}

tear_down() {
  local status=$?
  trap '' TERM INT HUP
  empty_all_boxes
  remove_traces
  exit "$status"
}

[[ $# -ge 2 ]] || usage
if [[ $1 == build ]]; then
  [[ $2 == kubernetes ]] || usage
  build_kubernetes
  exit 0
fi
if [[ "$1 $2" == "kubernetes tool" ]]; then
  [[ ${3:-} =~ ^(kubectl|helm)$ ]] || usage
  find_kubernetes
  exec "$kubernetes" "${@:3}"
fi
if [[ $1 == check ]]; then
  reason=$(why_not "$2")
  [[ -z $reason ]] || {
    echo "$reason"
    exit 1
  }
  exit 0
fi

kind=$1 name=$2
shift 2
[[ $kind =~ ^(docker|podman|swarm|kubernetes)$ ]] || usage
[[ $name =~ ^[a-z][a-z0-9-]{0,20}$ ]] || die "NAME: need a lower-case word of at most 21 characters, got '$name'"
nodes=3 tcp='' tls='' live_restore='' bridge=yes runtime=''
cpu='' memory='' hpa_sync=15s monitor=40s slow_etcd='' apiserver_options=() manager_options=() scheduler_options=()
[[ $kind != kubernetes ]] || nodes=1
while (($#)); do
  case $1 in
    --nodes=*) nodes=${1#*=} ;;
    --tcp) tcp=yes ;;
    --tls) tcp=yes tls=yes ;;
    --live-restore) live_restore=yes ;;
    --no-bridge) bridge='' ;;
    --runtime=*) runtime=${1#*=} ;;
    --cpu=*) cpu=${1#*=} ;;
    --memory=*) memory=${1#*=} ;;
    --hpa-sync=*) hpa_sync=${1#*=} ;;
    --monitor=*) monitor=${1#*=} ;;
    --slow-etcd) slow_etcd=yes ;;
    --apiserver=*) apiserver_options+=("${1#*=}") ;;
    --manager=*) manager_options+=("${1#*=}") ;;
    --scheduler=*) scheduler_options+=("${1#*=}") ;;
    *) usage ;;
  esac
  shift
done
if [[ $kind == kubernetes ]]; then
  [[ $nodes =~ ^[0-3]$ ]] || die "--nodes=N: need 0 to 3, got '$nodes'"
  [[ $cpu =~ ^([1-9][0-9]{0,6})?$ ]] || die "--cpu=MILLI: need thousandths of a core >= 1, got '$cpu'"
  [[ ! $cpu || $cpu -le $(($(nproc) * 1000)) ]] || die "--cpu=MILLI: this machine has $(nproc) cores, got '$cpu'"
  [[ $memory =~ ^([1-9][0-9]{0,14})?$ ]] || die "--memory=BYTES: need a whole number >= 1, got '$memory'"
  [[ $monitor =~ ^[1-9][0-9]{0,4}s$ ]] || die "--monitor=SECONDS: need a number and s, got '$monitor'"
else
  [[ $nodes =~ ^[1-9]$ ]] || die "--nodes=N: need 1 to 9, got '$nodes'"
fi
reason=$(why_not "$kind")
[[ -z $reason ]] || die "$reason"

claim_state
trap tear_down EXIT
# A reader that is gone must not end this script before it has cleaned up.
trap : PIPE
trap 'exit 143' TERM
trap 'exit 130' INT HUP

case $kind in
  swarm) swarm_up ;;
  kubernetes) kubernetes_up ;;
  *)
    start_node n1 || die "$kind does not start: $(why_failed n1)"
    load_image n1
    ;;
esac
if [[ $kind == kubernetes ]]; then describe_kubernetes; fi
for node in "${!boxes[@]}"; do describe "$node"; done
echo ready
while read -r -a words; do
  if ((${#words[@]})); then perform "${words[@]}"; fi
done
