# A swarm of dockerds, each in a box, on a bridge that is in a box too. To be sourced.
# shellcheck shell=bash
# shellcheck disable=SC2154

# plug NODE: a link from its box to the bridge.
plug() {
  local node=$1
  # What is left of a crashed box's link goes away only after a moment.
  in_box hub ip link delete "$node" 2> /dev/null || true
  nsenter --target "${inits[hub]}" --net ip link add "$node" type veth peer name eth0 netns "${inits[$node]}"
  in_box hub ip link set "$node" master bridge up
  in_box "$node" ip address add "${addresses[$node]}/24" dev eth0
  in_box "$node" ip link set eth0 up
}

swarm_up() {
  local i node token members=()
  make_box hub
  join_host hub
  in_box hub ip address flush dev eth0
  in_box hub ip link add bridge type bridge
  in_box hub ip link set bridge up
  in_box hub ip link set eth0 master bridge
  for ((i = 1; i <= nodes; i++)); do
    node=n$i
    members+=("$node")
    # shellcheck disable=SC2004
    addresses[$node]=$network.$((10 + i))
    make_box "$node"
    plug "$node"
    docker_begin "$node"
  done
  build_image "$state/tiny.tar"
  for node in "${members[@]}"; do docker_await "$node" || die "dockerd does not start: $(why_failed "$node")"; done
  for node in "${members[@]}"; do load_image "$node" & done
  # A node counts as down after three missed beats; the usual beat is 5 s.
  post n1 /swarm/init "{\"ListenAddr\":\"${addresses[n1]}:2377\",\"AdvertiseAddr\":\"${addresses[n1]}:2377\",
    \"Spec\":{\"Dispatcher\":{\"HeartbeatPeriod\":1000000000}}}"
  token=$(api n1 GET /swarm | sed -n 's/.*"Worker":"\([^"]*\)".*/\1/p')
  for node in "${members[@]:1}"; do
    post "$node" /swarm/join "{\"ListenAddr\":\"${addresses[$node]}:2377\",\"AdvertiseAddr\":\"${addresses[$node]}:2377\",
      \"RemoteAddrs\":[\"${addresses[n1]}:2377\"],\"JoinToken\":\"$token\"}" &
  done
  wait_for 60 all_ready || die "the nodes do not join"
  for node in "${members[@]}"; do
    wait_for 20 api "$node" GET /images/tiny:1/json || die "$node has no test image"
  done
}

# post NODE PATH JSON
post() { api "$1" POST "$2" -H 'Content-Type: application/json' -d "$3" >> "$state/log"; }

all_ready() { [[ $(api n1 GET /nodes | grep -o '"State":"ready"' | wc -l) == "$nodes" ]]; }

swarm_cut() { in_box hub ip link set "$1" down; }

swarm_heal() { in_box hub ip link set "$1" up; }

# availability NODE active|pause|drain
swarm_availability() {
  local node role
  [[ $2 =~ ^(active|pause|drain)$ ]] || {
    echo "availability: need active, pause or drain, got '$2'"
    return 1
  }
  node=$(api n1 GET "/nodes/$1")
  role=$(sed -n 's/.*"Role":"\([a-z]*\)".*/\1/p' <<< "$node")
  post n1 "/nodes/$1/update?version=$(sed -n 's/.*"Version":{"Index":\([0-9]*\)}.*/\1/p' <<< "$node")" \
    "{\"Role\":\"$role\",\"Availability\":\"$2\"}"
}
