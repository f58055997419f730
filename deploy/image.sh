#!/usr/bin/env bash
# Makes a container image of Microscale without any base image, from what is on this machine: the part of the JDK that is
# needed, the C library, and the program.
#
#     deploy/image.sh [-t NAME:TAG] > microscale.tar        and then, anywhere: docker load < microscale.tar
#                                                           or, on a node of Kubernetes: ctr -n k8s.io images import microscale.tar
#
# It runs as a user without any rights, 65532, unless told otherwise, and writes nowhere but to /tmp.
# NAME:TAG is microscale:latest unless told. Needs Linux, a JDK 25 and, unless the program is built, Maven.
# The same sources, JDK and C library make the same image, byte for byte.
# Environment: MICROSCALE_JAR  the program, with its libraries in lib/ beside it, if it is not to be built here
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)

say() { printf 'image.sh: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

tag=microscale:latest
while getopts t: option; do
  [[ $option == t ]] || exit 2
  tag=$OPTARG
done
shift $((OPTIND - 1))
if (($# > 0)) || [[ ! $tag =~ ^[a-z0-9][a-z0-9./_-]*:[A-Za-z0-9_][A-Za-z0-9._-]*$ ]]; then
  echo 'usage: deploy/image.sh [-t NAME:TAG] > FILE' >&2
  exit 2
fi
[[ ! -t 1 ]] || die 'need standard output to be a file or a pipe'
[[ $(uname -s) == Linux ]] || die "need Linux, got $(uname -s)"
case $(uname -m) in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  *) die "need x86_64 or aarch64, got $(uname -m)" ;;
esac

# shellcheck source-path=SCRIPTDIR source=../.mvn/find-jdk.sh
. "$root/.mvn/find-jdk.sh"
find_jdk || die 'needs a JDK 25 or newer and found none in JAVA_HOME, /usr/lib/jvm or PATH'
[[ -x $JAVA_HOME/bin/jlink ]] || die "need jlink, which $JAVA_HOME has not"

if [[ ! ${MICROSCALE_JAR:-} ]]; then
  "$root/microscale" --version > /dev/null
  MICROSCALE_JAR=$root/.microscale/$(cat "$root/.microscale/last")/microscale.jar
fi
[[ -r $MICROSCALE_JAR ]] || die "need MICROSCALE_JAR to be a file, got '$MICROSCALE_JAR'"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
mkdir -p "$tree"/{etc/microscale,opt/microscale,tmp}
chmod 1777 "$tree/tmp"

# What jdeps finds, less what the libraries can do without: windows, databases, remote calls, Kerberos.
say 'linking the JDK'
"$JAVA_HOME/bin/jlink" --output "$tree/opt/java" --strip-debug --no-header-files --no-man-pages --compress zip-6 --vm server \
  --add-modules java.base,java.logging,java.management,java.naming,java.net.http,java.xml,jdk.httpserver,jdk.management,jdk.unsupported \
  >&2
cp -r "$MICROSCALE_JAR" "$(dirname "$MICROSCALE_JAR")/lib" "$root/deploy/java.options" "$tree/opt/microscale"

# The libraries that the JDK's are linked to, at the places where the loader looks for them.
while read -r library; do
  install -D -m 755 "$(readlink -f "$library")" "$tree$library"
done < <(find "$tree/opt/java" -type f \( -name '*.so' -o -path '*/bin/java' \) -exec ldd {} + 2> /dev/null \
  | awk '$2 == "=>" && $3 ~ "^/" { print $3 } $1 ~ "^/.*ld-linux" { print $1 }' | grep -v "^$work" | sort -u)

printf '%s\n' 'root:x:0:0:root:/:/' 'microscale:x:65532:65532:microscale:/tmp:/' > "$tree/etc/passwd"
printf '%s\n' 'root:x:0:' 'microscale:x:65532:' > "$tree/etc/group"
echo 'hosts: files dns' > "$tree/etc/nsswitch.conf"

# As `docker load` and `ctr images import` want it: the files, what is run, and which is which.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$tree" -cf "$work/layer.tar" .
sum=$(sha256sum "$work/layer.tar")
cat > "$work/config.json" << CONFIG
{"architecture":"$architecture","os":"linux","created":"1970-01-01T00:00:00Z",
 "config":{"User":"65532:65532","Env":["PATH=/opt/java/bin"],"ExposedPorts":{"7700/tcp":{}},
  "Entrypoint":["/opt/java/bin/java","@/opt/microscale/java.options","-jar","/opt/microscale/microscale.jar"],
  "Cmd":["run","-f","/etc/microscale/microscale.yaml"]},
 "rootfs":{"type":"layers","diff_ids":["sha256:${sum%% *}"]}}
CONFIG
printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$tag" > "$work/manifest.json"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$work" -cf - manifest.json config.json layer.tar
say "made $tag, $(($(stat -c %s "$work/layer.tar") / 1000000)) MB"
