# A Kubernetes in boxes: the control plane in one, and each node in another with a kubelet, a containerd and real pods.
# To be sourced.
#
# The box `hub` holds a bridge with etcd, the API server and so on; the bridges of the nodes are connected to it, and
# pods to those, so that this machine, the control plane and all pods are one network without any router. Pods find the
# API server at the address of the service `kubernetes`; there is no kube-proxy for others, and no DNS.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034

kubernetes_version=1.37.2
# The module of Go's own tools, for a Go that is too old to fetch it.
go_version=1.26.8

kubernetes_image=localhost/tiny:1
services=10.96.0.0/16 service_of_api=10.96.0.1
parts=(etcd delay apiserver manager scheduler hollow)
# What the kubelet would set in the kernel of this machine, and finds set already where it looks.
kernel_settings=(vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000)

# The program is named after all that goes into it.
find_kubernetes() {
  local cache=${MICROSCALE_ENGINES:-$HOME/.cache/microscale-engines}
  kubernetes_folder=$cache/kubernetes-$kubernetes_version-$(
    cd "$here/kubernetes" && cat go.mod go.sum ./*.go | sha256sum | cut -c1-12
  )
  kubernetes=$kubernetes_folder/kubernetes
}

# A Go that can build it, or nothing.
find_go() {
  local go
  for go in "$(command -v go || true)" /usr/local/go/bin/go /usr/lib/go/bin/go; do
    if [[ -x $go ]]; then
      echo "$go"
      return
    fi
  done
}

# use_newer_go: Go fetches a newer one by itself since 1.21; what Debian has may be older. The sums of modules are
# checked by either.
use_newer_go() {
  local version system module folder
  version=$("$go" env GOVERSION)
  if [[ ! $version =~ ^go1\.([0-9]+) ]] || ((BASH_REMATCH[1] >= 21)); then return; fi
  system=$("$go" env GOOS)-$("$go" env GOARCH)
  module=golang.org/toolchain@v0.0.1-go$go_version.$system
  echo "$version is too old; fetching go$go_version" >&2
  folder=$(cd / && "$go" mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
  if [[ ! -x $folder/bin/go ]]; then
    # Modules are stored without the right to be run, and read-only.
    chmod u+w "$folder/bin" "$folder/pkg/tool/${system/-/_}"
    chmod +x "$folder"/bin/* "$folder/pkg/tool/${system/-/_}"/*
  fi
  go=$folder/bin/go
}

# build_kubernetes: once for each version of testkit/engines/kubernetes.
build_kubernetes() {
  local go flags='-s -w' package own='' total done_so_far pid started=$SECONDS say_at=30
  find_kubernetes
  if [[ -x $kubernetes ]]; then return; fi
  go=$(find_go)
  [[ $go ]] || die "Go is not installed (Debian: golang-go)"
  mkdir -p "$kubernetes_folder"
  exec {building}> "$kubernetes_folder/lock"
  flock --nonblock "$building" || {
    echo "another run is building Kubernetes; waiting for it" >&2
    flock "$building"
  }
  if [[ -x $kubernetes ]]; then return; fi
  echo "building Kubernetes $kubernetes_version from its Go modules, once: some 0.6 GB to fetch and 4 GB of room" \
    "meanwhile; about 7 minutes on two cores, 160 MB in $kubernetes_folder" >&2
  export CGO_ENABLED=0 GOFLAGS=-modcacherw GOTOOLCHAIN=auto GOWORK=off
  # What is fetched and compiled for this alone is not kept.
  if [[ ! -d $("$go" env GOMODCACHE) ]]; then
    own=$kubernetes_folder/go
    export GOPATH=$own/path GOMODCACHE=$own/modules
  fi
  if [[ ! -d $("$go" env GOCACHE) ]]; then
    own=$kubernetes_folder/go
    export GOCACHE=$own/cache
  fi
  use_newer_go
  # shellcheck disable=SC2064
  trap "forget_build '$go' '$own'" EXIT
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags+=" -X $package.gitVersion=v$kubernetes_version -X $package.gitMajor=1 -X $package.gitMinor=37"
  done
  cd "$here/kubernetes"
  total=$("$go" list -deps . | wc -l)
  "$go" build -v -buildvcs=false -trimpath -ldflags "$flags" -o "$kubernetes.part" . 2> "$kubernetes_folder/log" &
  pid=$!
  while ! not_alive "$pid"; do
    if ((SECONDS - started >= say_at)); then
      say_at=$((say_at + 30))
      done_so_far=$(grep -c / "$kubernetes_folder/log" || true)
      echo "building Kubernetes: $done_so_far of at most $total packages after $((SECONDS - started)) s" >&2
    fi
    sleep 1
  done
  wait "$pid" || die "Kubernetes cannot be built: $(tail -n 3 "$kubernetes_folder/log")"
  mv "$kubernetes.part" "$kubernetes"
  echo "Kubernetes is built, in $((SECONDS - started)) s" >&2
}

# forget_build GO FOLDER
forget_build() {
  if [[ $2 ]]; then rm -rf "$2"; fi
  rm -f "$kubernetes.part"
}

kubernetes_up() {
  local i certified=()
  find_kubernetes
  make_box hub
  networks=4
  join_host hub
  kubernetes_bridge hub 02:00:00:00:00:01 "$network.2"
  in_box hub ip address add "$service_of_api/32" dev lo
  api_server=https://$network.2
  secrets=$state/secrets
  for ((i = 1; i <= nodes; i++)); do
    # shellcheck disable=SC2004
    addresses[node$i]=$network.$((10 + i))
    certified+=("node$i=${addresses[node$i]}")
  done
  "$kubernetes" certificates "$secrets" "$network.2" "${certified[@]}" || die "no certificates"
  echo 0 > "$state/etcd-delay"
  begin_part etcd
  if [[ $slow_etcd ]]; then begin_part delay; fi
  begin_part apiserver
  for ((i = 1; i <= nodes; i++)); do kubernetes_box "node$i"; done
  if ((nodes)); then docker_archive; fi
  for ((i = 1; i <= nodes; i++)); do
    containerd_begin "node$i" || die "node$i: containerd does not start: $(last_words "node$i" containerd)"
    kubelet_begin "node$i"
  done
  await_api || die "the API server does not start: $(last_words hub apiserver)"
  begin_part manager
  begin_part scheduler
  wait_for 60 cluster_ready || die "the cluster does not get ready: $(last_words hub manager)"
}

# kubernetes_bridge BOX MAC ADDRESS: what comes in at eth0, and the box itself at ADDRESS. With a MAC of its own the
# bridge keeps it when something is connected.
kubernetes_bridge() {
  in_box "$1" ip address flush dev eth0
  in_box "$1" ip link add bridge address "$2" type bridge
  in_box "$1" ip address add "$3/22" dev bridge
  in_box "$1" ip link set bridge up
  in_box "$1" ip link set eth0 master bridge up
}

# begin_part PART: a server in the hub, or again after its end. Does not wait.
begin_part() {
  local part=$1 client=https peers=http://127.0.0.1:2380 etcd=http://127.0.0.1:2379 command=()
  # What the API server talks to: etcd, or what stands before it.
  local store=$etcd
  if [[ $slow_etcd ]]; then store=http://127.0.0.1:2381; fi
  case $part in
    etcd)
      command=(etcd --name test --data-dir "$state/etcd" --unsafe-no-fsync --log-level warn
        --listen-client-urls "$etcd" --advertise-client-urls "$etcd" --listen-peer-urls "$peers"
        --initial-advertise-peer-urls "$peers" --initial-cluster "test=$peers")
      ;;
    delay) command=(delay 127.0.0.1:2381 127.0.0.1:2379 "$state/etcd-delay") ;;
    apiserver)
      command=(kube-apiserver --etcd-servers "$store" --secure-port 443 --advertise-address "$network.2"
        --endpoint-reconciler-type none --service-cluster-ip-range "$services" --authorization-mode Node,RBAC
        --tls-cert-file "$secrets/apiserver.crt" --tls-private-key-file "$secrets/apiserver.key"
        --client-ca-file "$secrets/ca.crt" --token-auth-file "$secrets/tokens.csv"
        --service-account-issuer https://kubernetes.default.svc
        --service-account-key-file "$secrets/service-accounts.pub"
        --service-account-signing-key-file "$secrets/service-accounts.key"
        --kubelet-client-certificate "$secrets/kubelet-client.crt"
        --kubelet-client-key "$secrets/kubelet-client.key" --kubelet-certificate-authority "$secrets/ca.crt"
        --kubelet-preferred-address-types InternalIP
        --proxy-client-cert-file "$secrets/front-proxy.crt" --proxy-client-key-file "$secrets/front-proxy.key"
        --requestheader-client-ca-file "$secrets/front-ca.crt" --requestheader-allowed-names front-proxy-client
        --requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group
        --requestheader-extra-headers-prefix X-Remote-Extra- "${apiserver_options[@]}")
      ;;
    manager)
      command=(kube-controller-manager --kubeconfig "$secrets/manager.kubeconfig" --leader-elect=false
        --secure-port 0 --use-service-account-credentials --root-ca-file "$secrets/ca.crt"
        --service-account-private-key-file "$secrets/service-accounts.key"
        --cluster-signing-cert-file "$secrets/ca.crt" --cluster-signing-key-file "$secrets/ca.key"
        --flex-volume-plugin-dir "$state/flex" --kube-api-qps 200 --kube-api-burst 400
        --node-monitor-period 1s --node-monitor-grace-period "$monitor"
        --horizontal-pod-autoscaler-sync-period "$hpa_sync" "${manager_options[@]}")
      ;;
    scheduler)
      command=(kube-scheduler --kubeconfig "$secrets/scheduler.kubeconfig" --leader-elect=false --secure-port 0
        --kube-api-qps 500 --kube-api-burst 1000 "${scheduler_options[@]}")
      ;;
    hollow) command=(hollow-nodes "$secrets/admin.kubeconfig" "${@:2}") ;;
  esac
  begin hub "$part" "$kubernetes" "${command[@]}"
}

# begin BOX PART COMMAND...: starts it, with its process id in /run of the box and its words in PART.log. A part that
# runs stays as it is.
begin() {
  local box=$1 part=$2
  shift 2
  # shellcheck disable=SC2016
  in_box "$box" bash -c '
    if [[ -e /run/$1.pid ]] && kill -0 "$(< "/run/$1.pid")" 2> /dev/null; then exit; fi
    echo $$ > "/run/$1.pid"; shift; exec "$@"' _ "$part" "$@" < /dev/null >> "$state/$box/$part.log" 2>&1 &
  # Its end is of no interest to this shell.
  disown
  echo $! > "$state/$box/$part.shell"
}

# signal SIGNAL BOX PART: fails where the part does not run.
signal() {
  # shellcheck disable=SC2016
  in_box "$2" bash -c 'kill -"$1" "$(< "/run/$2.pid")"' _ "$1" "$3" 2>> "$state/log"
}

# thaw_part BOX PART: nsenter has halted together with what it started, and only goes on to take note of its end if told so.
thaw_part() {
  local shell
  signal CONT "$1" "$2" || return 1
  shell=$(< "$state/$1/$2.shell")
  kill -CONT "$shell" 2> /dev/null || true
  pkill -CONT --parent "$shell" || true
}

# last_words BOX PART
last_words() {
  tail -n 3 "$state/$1/$2.log" | tr '\n' ' ' | cut -c1-600
}

# ask PATH: what the API server says to the administrator.
ask() {
  curl -fsS --max-time 5 --cacert "$secrets/ca.crt" -H "Authorization: Bearer $(< "$secrets/token")" "$api_server$1"
}

await_api() { wait_for 60 ask /readyz; }

# Pods can be created, since their account is there, and all nodes are ready.
cluster_ready() {
  ask /api/v1/namespaces/default/serviceaccounts/default || return 1
  [[ $(ask /api/v1/nodes | grep -c '"reason": "KubeletReady"') == "$nodes" ]]
}

# kubernetes_box NODE: a box on the bridge of the hub.
kubernetes_box() {
  local node=$1 setting
  make_box "$node"
  in_box hub ip link delete "$node" 2> /dev/null || true
  nsenter --target "${inits[hub]}" --net ip link add "$node" type veth peer name eth0 netns "${inits[$node]}"
  in_box hub ip link set "$node" master bridge up
  kubernetes_bridge "$node" "02:00:00:00:01:0${node#node}" "${addresses[$node]}"
  # Folders of this machine that a kubelet and a containerd write to are hidden by empty ones. What they need of it,
  # they find below /run, which is the box's own; so paths of sockets are short too.
  # shellcheck disable=SC2016
  in_box "$node" bash -c '
    mkdir /run/node /run/program /run/secrets
    mount --bind "$1" /run/node && mount --bind "$2" /run/program && mount --bind "$3" /run/secrets
    mount --make-rshared /
    for folder in /var/lib /var/log; do mount -t tmpfs -o mode=755 tmpfs "$folder"; done
    shift 3
    for setting in "$@"; do
      file=/proc/sys/${setting%=*}; copy=/run/${file//\//-}
      [[ -e $file ]] || continue
      echo "${setting#*=}" > "$copy"
      mount --bind "$copy" "$file"
    done' _ "$state/$node" "$kubernetes_folder" "$secrets" "${kernel_settings[@]}" >> "$state/log" 2>&1
}

# containerd_begin NODE: starts it, waits, and gives it the test image.
containerd_begin() {
  local node=$1 home=$state/$1 third
  third=${network%.*}.$((${network##*.} + ${node#node}))
  mkdir -p "$home/cni"
  # Without a gateway of its own the bridge is left as it is. The address of a pod says on which node it is.
  cat > "$home/cni/10-test.conflist" << CNI
{"cniVersion": "0.4.0", "name": "test", "plugins": [{"type": "bridge", "bridge": "bridge", "isGateway": false,
  "ipMasq": false, "ipam": {"type": "host-local", "dataDir": "/run/addresses",
  "ranges": [[{"subnet": "$network.0/22", "rangeStart": "$third.10", "rangeEnd": "$third.250"}]],
  "routes": [{"dst": "$service_of_api/32", "gw": "$network.2"}]}}]}
CNI
  # The root of a container cannot lower its oom_score_adj, which every sandbox wants.
  cat > "$home/containerd.toml" << TOML
version = 2
root = "/run/node/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.opt"]
[grpc]
  address = "/run/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$kubernetes_image"
  restrict_oom_score_adj = true
  disable_apparmor = true
  disable_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/run/node/cni"
TOML
  begin "$node" containerd containerd --config /run/node/containerd.toml --log-level warn
  wait_for 30 in_box "$node" ctr --address /run/containerd.sock version || return 1
  load_archive "$node" "$state/tiny-archive.tar"
}

# load_archive NODE FILE: an image in Docker's format.
load_archive() {
  in_box "$1" ctr --address /run/containerd.sock --namespace k8s.io images import - < "$2" >> "$state/log" 2>&1
}

# The test image of box.sh in Docker's format.
docker_archive() {
  local folder=$state/archive
  build_image "$state/tiny.tar"
  mkdir -p "$folder"
  cp "$state/tiny.tar" "$folder/layer.tar"
  cat > "$folder/config.json" << JSON
{"architecture": "$(dpkg --print-architecture 2> /dev/null || echo amd64)", "os": "linux",
 "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/serve"]},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$(sha256sum < "$folder/layer.tar" | cut -d' ' -f1)"]}}
JSON
  echo "[{\"Config\": \"config.json\", \"RepoTags\": [\"$kubernetes_image\"], \"Layers\": [\"layer.tar\"]}]" \
    > "$folder/manifest.json"
  tar -C "$folder" -cf "$state/tiny-archive.tar" manifest.json config.json layer.tar
  rm -r "$folder"
}

# kubelet_begin NODE: without waiting. Nothing answers names, and says so at once.
kubelet_begin() {
  local node=$1 home=$state/$1 lease=40
  # A node that counts as failed soon must be heard of more often.
  if ((${monitor%s} < 40)); then lease=4; fi
  kubernetes_groups "/$group/$node"
  cat > "$home/kubelet.yaml" << YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: ${addresses[$node]}
healthzPort: 0
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: /run/secrets/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: /run/secrets/$node.crt
tlsPrivateKeyFile: /run/secrets/$node.key
containerRuntimeEndpoint: unix:///run/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /$group/$node
failCgroupV1: false
failSwapOn: false
makeIPTablesUtilChains: false
oomScoreAdj: 0
maxOpenFiles: $(ulimit -Hn)
maxPods: 200
nodeLeaseDurationSeconds: $lease
nodeStatusUpdateFrequency: 5s
kubeAPIQPS: 200
kubeAPIBurst: 400
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 0%, nodefs.available: 0%, nodefs.inodesFree: 0%, imagefs.available: 0%, imagefs.inodesFree: 0%}
resolvConf: ""
clusterDNS: [$service_of_api]
volumePluginDir: /var/lib/kubelet/plugins
systemReserved: {$(reserved)}
YAML
  # As a service manager would, this starts a kubelet again that gives up, which on a busy machine it may do; not one
  # that was killed.
  # shellcheck disable=SC2016
  begin "$node" kubelet bash -c '
    for ((i = 0; i < 10; i++)); do
      "$@" & echo $! > /run/kubelet.pid
      wait $!
      if (($? != 1)); then exit; fi
      sleep 1
    done' _ /run/program/kubernetes kubelet --config /run/node/kubelet.yaml \
    --kubeconfig "/run/secrets/$node.kubeconfig" --root-dir /run/node/kubelet --cert-dir /run/node/kubelet \
    --hostname-override "$node" --node-ip "${addresses[$node]}" --v 1
}

# What a kubelet must keep back to offer no more than asked for.
reserved() {
  local all words=()
  if [[ $cpu ]]; then words+=("cpu: $(($(nproc) * 1000 - cpu))m"); fi
  if [[ $memory ]]; then
    all=$(awk '/^MemTotal:/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)
    words+=("memory: \"$((all - memory))\"")
  fi
  local IFS=,
  echo "${words[*]}"
}

# kubernetes_groups PATH: a kubelet wants its control group to be there, with all controllers.
kubernetes_groups() {
  local root parent
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
    mkdir -p "/sys/fs/cgroup$1"
    for parent in /sys/fs/cgroup "/sys/fs/cgroup${1%/*}" "/sys/fs/cgroup$1"; do
      sed 's/[a-z]\+/+&/g' "$parent/cgroup.controllers" > "$parent/cgroup.subtree_control"
    done
    return
  fi
  for root in /sys/fs/cgroup/*; do
    if [[ ! -L $root && -e $root/cgroup.procs && $root != */unified ]]; then mkdir -p "$root$1"; fi
  done
  for root in "${1%/*}" "$1"; do
    root=/sys/fs/cgroup/cpuset$root
    if [[ -e $root/cpuset.cpus ]]; then
      cat "${root%/*}/cpuset.cpus" > "$root/cpuset.cpus"
      cat "${root%/*}/cpuset.mems" > "$root/cpuset.mems"
    fi
  done
}

describe_kubernetes() {
  local node
  echo "cluster kubeconfig $secrets/admin.kubeconfig"
  echo "cluster server $api_server"
  echo "cluster authority $secrets/ca.crt"
  echo "cluster token $(< "$secrets/token")"
  echo "cluster program $kubernetes"
  echo "cluster gateway $network.1"
  for node in "${!addresses[@]}"; do
    if [[ $node == node* ]]; then echo "$node address ${addresses[$node]}"; fi
  done
}

# kubernetes_perform VERB WORD...
kubernetes_perform() {
  local verb=$1 box=hub part=${2:-}
  case $verb in
    etcd-delay)
      if [[ ! $slow_etcd ]]; then
        echo "failed: etcd-delay needs --slow-etcd"
      elif [[ ! $part =~ ^[0-9]{1,6}$ ]]; then
        echo "failed: etcd-delay: need milliseconds, got '$part'"
      else
        echo "$part" > "$state/etcd-delay.part"
        mv "$state/etcd-delay.part" "$state/etcd-delay"
        echo ok
      fi
      return
      ;;
    load)
      load_everywhere "$part" && echo ok || echo "failed: $(tail -n 1 "$state/log")"
      return
      ;;
    hollow)
      hollow_nodes "${@:2}" && echo ok || echo "failed: $(last_words hub hollow)"
      return
      ;;
  esac
  if [[ $part == node* && ${addresses[$part]:-} ]]; then
    box=$part part=kubelet
  elif [[ " ${parts[*]} " != *" $part "* ]]; then
    echo "failed: no part '$part'"
    return
  fi
  case $verb in
    kill | stop) end_engine "$verb" "$box" "$part" && echo ok || echo "failed: it does not end" ;;
    freeze) signal STOP "$box" "$part" && echo ok || echo "failed: it does not run" ;;
    thaw) thaw_part "$box" "$part" && echo ok || echo "failed: it does not run" ;;
    start) start_again "$box" "$part" && echo ok || echo "failed: $(last_words "$box" "$part")" ;;
    crash)
      if [[ $box == hub ]]; then
        echo "failed: crash is for a node"
      else
        empty_box "$box" && echo ok
      fi
      ;;
    *) echo "failed: no command '$verb'" ;;
  esac
}

# start_again BOX PART
start_again() {
  if [[ $1 != hub ]]; then
    if [[ ! ${inits[$1]:-} ]]; then
      kubernetes_box "$1" || return 1
      containerd_begin "$1" || return 1
    fi
    kubelet_begin "$1"
    return
  fi
  begin_part "$2"
  if [[ $2 == apiserver ]]; then await_api; fi
}

load_everywhere() {
  local node
  for node in "${!inits[@]}"; do
    if [[ $node == node* && ${inits[$node]} ]]; then load_archive "$node" "$1" || return 1; fi
  done
}

# hollow_nodes COUNT CPU MEMORY PODS: until the end of the cluster. See kubernetes/hollow.go.
hollow_nodes() {
  begin_part hollow "$@"
  wait_for 60 grep -qx ready "$state/hub/hollow.log"
}
