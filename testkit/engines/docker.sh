# One dockerd in a box. To be sourced.
# shellcheck shell=bash
# shellcheck disable=SC2154

tcp_port=2376

# docker_begin NODE: starts it and does not wait.
docker_begin() {
  local node=$1 home=$state/$1 options=()
  # Sockets and process ids live in the box's own /run: after a crash they are gone, as after a reboot.
  # shellcheck disable=SC2054
  options=(
    --host "unix://$home/engine.sock" --data-root "$home/data" --exec-root /run/docker --pidfile /run/engine.pid
    --config-file "$home/daemon.json" --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$group/$node"
    --default-address-pool base=10.200.0.0/16,size=24 --log-level warn --shutdown-timeout 3
  )
  echo '{}' > "$home/daemon.json"
  if [[ $bridge ]]; then
    options+=(--bip 172.30.0.1/16)
  else
    options+=(--bridge none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false)
  fi
  if [[ $tcp && $kind == docker ]]; then options+=(--host "tcp://${addresses[$node]}:$tcp_port"); fi
  if [[ $tls && $kind == docker ]]; then
    certificates "${addresses[$node]}"
    options+=(--tlsverify --tlscacert "$state/certificates/ca.pem"
      --tlscert "$state/certificates/server-cert.pem" --tlskey "$state/certificates/server-key.pem")
  fi
  if [[ $live_restore ]]; then options+=(--live-restore); fi
  if [[ $runtime && $runtime != runc ]]; then
    options+=(--add-runtime "$runtime=$(command -v "$runtime")" --default-runtime "$runtime")
  fi
  rm -f "$home/engine.sock"
  # A swarm's task must not ask a registry for an image that is here.
  in_box "$node" env DOCKER_SERVICE_PREFER_OFFLINE_IMAGE=1 dockerd "${options[@]}" \
    < /dev/null >> "$home/engine.log" 2>&1 &
  engines[$node]=$!
}

declare -A engines=()

docker_up() {
  docker_begin "$1"
  docker_await "$1"
}

docker_await() {
  wait_for 60 up_or_over "$1" "${engines[$1]}"
  answers "$1" > /dev/null 2>&1
}

# certificates ADDRESS: an authority, a server at ADDRESS and a client (cert.pem, key.pem), for two days.
certificates() {
  local folder=$state/certificates role
  [[ ! -d $folder ]] || return 0
  mkdir -p "$folder"
  (
    cd "$folder" || exit
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-authority -keyout ca-key.pem -out ca.pem
    echo "subjectAltName=IP:$1,IP:127.0.0.1" > server.ext
    echo 'extendedKeyUsage=clientAuth' > client.ext
    for role in server client; do
      openssl req -newkey rsa:2048 -nodes -subj "/CN=$role" -keyout "$role-key.pem" -out "$role.csr"
      openssl x509 -req -in "$role.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -extfile "$role.ext" \
        -out "$role-cert.pem"
    done
    mv client-cert.pem cert.pem
    mv client-key.pem key.pem
  ) >> "$state/log" 2>&1
}
