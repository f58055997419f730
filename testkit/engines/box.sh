# A box is what one host is to an engine: namespaces for processes, mounts, network, IPC and host name. To be sourced.
# shellcheck shell=bash
# What engine.sh sets and reads:
# shellcheck disable=SC2154,SC2034

declare -A boxes=() # node -> what holds the box, a child of this script; its end is the end of the box
declare -A inits=() # node -> the box's first process, as seen from here
declare -A addresses=()
networks=1 # how many networks with 256 addresses, one after the other, a run takes: a power of two
network=''  # the first three numbers of all addresses, or of those in the first network, once they are taken
link=''     # this machine's end of the link to the boxes

die() {
  printf 'engine.sh: %s\n' "$*" >&2
  exit 1
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    ((SECONDS <= end)) || return 1
    sleep 0.05
  done
}

# Takes the folder for this run's state, for this run alone, and empties it.
claim_state() {
  local root=${MICROSCALE_ENGINES:-${TMPDIR:-/tmp}/microscale-engines}
  mkdir -p "$root"
  root=$(cd -- "$root" && pwd -P)
  [[ $root != /run/* ]] || die "the folder for engines must not be below /run, got $root"
  # The path of a Unix socket has at most 107 characters.
  ((${#root} + ${#name} < 85)) || die "the path of the folder for engines is too long: $root"
  state=$root/$name
  exec {lock}> "$state.lock"
  flock --wait 60 "$lock" || die "$name is in use by another run"
  group=microscale-engine-$name
  remove_traces
  mkdir -p "$state"
}

# Mounts, links and processes are gone with the boxes; files and control groups are not.
remove_traces() {
  thaw ''
  if ! wait_for 10 remove_groups; then echo "control groups are left" >&2; fi
  podman_remove_traces
  rm -rf "$state" 2> /dev/null || { sleep 1 && rm -rf "$state"; }
}

remove_groups() {
  local root
  for root in /sys/fs/cgroup /sys/fs/cgroup/*; do
    if [[ -d $root/$group ]]; then find "$root/$group" -depth -type d -exec rmdir {} + || return 1; fi
  done
}

# thaw NODE: what is paused dies only when it goes on, and a box is gone only when all in it are. No NODE: all of them.
thaw() {
  local root file
  for root in /sys/fs/cgroup /sys/fs/cgroup/*; do
    [[ -d $root/$group/$1 ]] || continue
    find "$root/$group/$1" -name freezer.state
  done | while read -r file; do echo THAWED > "$file"; done 2> /dev/null || true
  podman_groups "$1" freezer.state | while read -r file; do echo THAWED > "$file"; done 2> /dev/null || true
}

# make_box NODE
make_box() {
  local node=$1 host=$1 i
  [[ $kind =~ ^(swarm|kubernetes)$ ]] || host=$name
  mkdir -p "$state/$node"
  rm -f "$state/$node/box"
  # setpriv: the kernel ends the box if this script ends first. setsid: a signal from the terminal is for this script.
  # shellcheck disable=SC2016
  setpriv --pdeathsig KILL setsid unshare --mount --propagation private --net --uts --ipc --pid --fork \
    --kill-child=KILL --mount-proc bash -c '
      mount -t tmpfs -o mode=755 tmpfs /run && hostname "$1" && ip link set lo up
      # Some runtimes refuse a tree of the second version beside those of the first.
      if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi
      : > "$2"
      while :; do sleep 1000 & wait $!; done' box "$host" "$state/$node/box" \
    < /dev/null >> "$state/log" 2>&1 {lock}>&- &
  boxes[$node]=$!
  wait_for 20 test -e "$state/$node/box" || die "no namespaces: $(tail -n 1 "$state/log")"
  inits[$node]=$(pgrep -P "${boxes[$node]}")
}

# in_box NODE COMMAND...
in_box() {
  local node=$1
  shift
  nsenter --target "${inits[$node]}" --mount --net --uts --ipc --pid --root --wd -- "$@" {lock}>&-
}

# empty_box NODE: kill -9 of all that is in it.
empty_box() {
  local node=$1 init=${inits[$1]:-}
  [[ $init ]] || return 0
  kill -KILL "${boxes[$node]}" 2> /dev/null || true
  wait "${boxes[$node]}" 2> /dev/null || true
  inits[$node]=''
  wait_for 30 thawed_and_gone "$node" "$init" || echo "$node: something in it does not end" >&2
  rm -f "$state/$node/engine.sock"
}

thawed_and_gone() {
  thaw "$1"
  not_alive "$2"
}

not_alive() { [[ ! -e /proc/$1 ]]; }

empty_all_boxes() {
  local node
  # All at once, since the end of each takes its time.
  for node in "${!inits[@]}"; do
    if [[ ${inits[$node]} ]]; then kill -KILL "${boxes[$node]}" 2> /dev/null || true; fi
  done
  for node in "${!boxes[@]}"; do empty_box "$node"; done
  if [[ $link ]]; then ip link delete "$link" 2> /dev/null || true; fi
}

# Free networks of 198.18.0.0/15, which is set aside for tests of networks.
free_network() {
  local i block third taken
  taken=$(ip -4 -o address show)
  i=$(($(cksum <<< "$name" | cut -d' ' -f1) % (496 / networks)))
  while :; do
    # 248 of the 256 networks of each half: a block of them begins where its mask says.
    block=$((i * networks))
    for ((third = 0; third < networks; third++)); do
      [[ $taken != *"inet 198.$((18 + block / 248)).$((block % 248 + 4 + third))."* ]] || break
    done
    ((third < networks)) || break
    i=$(((i + 1) % (496 / networks)))
  done
  echo "198.$((18 + block / 248)).$((block % 248 + 4))"
}

# join_host NODE: a link between the box and this machine, and no route to anywhere else.
join_host() {
  local node=$1 mask=24 i
  for ((i = networks; i > 1; i /= 2)); do mask=$((mask - 1)); done
  if [[ ! $network ]]; then
    # Two runs must not find the same network free.
    exec {turn}> "$(dirname "$state")/network.lock"
    flock --wait 60 "$turn"
    network=$(free_network)
    link=ms${network//./-}
  fi
  # What is left of a crashed box's link goes away only after a moment.
  ip link delete "$link" 2> /dev/null || true
  ip link add "$link" type veth peer name eth0 netns "${inits[$node]}"
  ip address add "$network.1/$mask" dev "$link"
  # So that others see that these are taken too.
  for ((i = 1; i < networks; i++)); do
    ip address add "${network%.*}.$((${network##*.} + i)).1/32" dev "$link"
  done
  if [[ ${turn:-} ]]; then exec {turn}>&- && turn=''; fi
  ip link set "$link" up
  addresses[$node]=$network.2
  in_box "$node" ip address add "$network.2/$mask" dev eth0
  in_box "$node" ip link set eth0 up
}

# describe NODE: what can be reached, for the one who reads our output.
describe() {
  local node=$1
  [[ -S $state/$node/engine.sock ]] || return 0
  echo "$node host unix://$state/$node/engine.sock"
  echo "$node address ${addresses[$node]}"
  if [[ $tcp && $kind == docker ]]; then echo "$node tcp tcp://${addresses[$node]}:$tcp_port"; fi
  if [[ $tls && $kind == docker ]]; then echo "$node certificates $state/certificates"; fi
}

# api NODE METHOD PATH [curl's options]...
api() {
  local socket=$state/$1/engine.sock method=$2 path=$3
  shift 3
  curl -sS --fail-with-body --max-time 60 --unix-socket "$socket" -X "$method" "http://engine$path" "$@"
}

answers() { api "$1" GET /_ping; }

# up_or_over NODE PID
up_or_over() { not_alive "$2" || answers "$1"; }

# load_image NODE: the test image tiny:1, made of busybox. Its service says READY and ends on SIGTERM at once.
load_image() {
  build_image "$state/tiny.tar"
  # repo=NAME:TAG, since Podman does not read tag=.
  api "$1" POST '/images/create?fromSrc=-&repo=tiny:1&changes=CMD%20%5B%22%2Fbin%2Fserve%22%5D' \
    -H 'Content-Type: application/x-tar' --data-binary @"$state/tiny.tar" >> "$state/log" \
    || die "the test image cannot be loaded: $(tail -n 1 "$state/log")"
}

build_image() {
  local root=$state/tiny applet
  [[ ! -e $1 ]] || return 0
  mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp,srv}
  install -m 755 "$(command -v busybox)" "$root/bin/busybox"
  for applet in cat date echo env false hostname httpd kill ls nc sh sleep test touch true wget; do
    ln -s busybox "$root/bin/$applet"
  done
  echo 'root:x:0:0:root:/:/bin/sh' > "$root/etc/passwd"
  echo READY > "$root/srv/index.html"
  cat > "$root/bin/serve" << 'SERVE'
#!/bin/sh
# Serves until told to stop. START_SECONDS: how long until it is ready; then /tmp/ready exists, and PORT answers if it
# is set. STOP_SECONDS: how long it takes to end.
trap '[ -z "$STOP_SECONDS" ] || sleep "$STOP_SECONDS"; exit 0' TERM INT
[ -z "$START_SECONDS" ] || sleep "$START_SECONDS"
[ -z "$PORT" ] || httpd -p "$PORT" -h /srv
# Not a redirection, which would end the shell where nothing can be written.
touch /tmp/ready 2> /dev/null
echo READY
# A trap runs when `wait` is interrupted, not while a child in the foreground sleeps.
while :; do sleep 3600 & wait $!; done
SERVE
  chmod 755 "$root/bin/serve"
  tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$root" -cf "$1.part" .
  mv "$1.part" "$1"
}
