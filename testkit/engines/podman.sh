# Podman's service with Docker's API in a box. To be sourced.
# shellcheck shell=bash
# shellcheck disable=SC2154

podman_up() {
  local node=$1 home=$state/$1 processes
  mkdir -p "$home/networks"
  processes=$(printf '%s\n' "$(ulimit -Hu)" "$(cat /proc/sys/kernel/pid_max)" | grep -v unlimited | sort -n | head -n 1)
  # Limits: those that Podman asks for by default may be above what this machine allows it to set.
  # Locks in files: the default is one shared memory for all Podmans of the machine.
  cat > "$home/containers.conf" << CONF
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "${runtime:-crun}"
tmp_dir = "/run/podman"
lock_type = "file"
[network]
network_config_dir = "$home/networks"
cni_plugin_dirs = ["/usr/lib/cni", "/opt/cni/bin"]
default_subnet = "10.201.0.0/24"
[containers]
log_driver = "k8s-file"
default_ulimits = ["nofile=$(ulimit -Sn):$(ulimit -Hn)", "nproc=$processes:$processes"]
CONF
  printf '[storage]\ndriver = "overlay"\nrunroot = "/run/storage"\ngraphroot = "%s"\n' "$home/data" > "$home/storage.conf"
  printf 'unqualified-search-registries = []\n' > "$home/registries.conf"
  rm -f "$home/engine.sock"
  # shellcheck disable=SC2016
  in_box "$node" env CONTAINERS_CONF="$home/containers.conf" CONTAINERS_STORAGE_CONF="$home/storage.conf" \
    CONTAINERS_REGISTRIES_CONF="$home/registries.conf" \
    bash -c 'echo $$ > /run/engine.pid; exec podman system service --time=0 "unix://$1"' _ "$home/engine.sock" \
    < /dev/null >> "$home/engine.log" 2>&1 &
  wait_for 30 up_or_over "$node" "$!"
  answers "$node" > /dev/null 2>&1
}

# podman_groups NODE [NAME]: the control groups of its containers, or the files of this name in them. Podman has no
# parent for all of them, but they bear the containers' names. No NODE: of all nodes.
podman_groups() {
  local container folder nodes=${1:-*} what=(-type d)
  if [[ ${2:-} ]]; then what=(-name "$2"); fi
  # shellcheck disable=SC2086,SC2231
  for container in "$state"/$nodes/data/overlay-containers/*/; do
    [[ -d $container ]] || continue
    container=$(basename "$container")
    for folder in /sys/fs/cgroup/libpod_parent /sys/fs/cgroup/*/libpod_parent; do
      [[ -d $folder ]] || continue
      find "$folder" -depth "${what[@]}" \
        \( -path "$folder/libpod-$container*" -o -path "$folder/libpod-conmon-$container*" \)
    done
  done
}

podman_remove_traces() {
  podman_groups '' | while read -r folder; do rmdir "$folder"; done 2> /dev/null || true
}
