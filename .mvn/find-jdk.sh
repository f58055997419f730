# shellcheck shell=sh
# Sets JAVA_HOME to a JDK of at least release 25 and returns 0; returns 1 if there is none.
# Sourced by microscale and verify. It reads the `release` file of each candidate and starts no JVM, so it costs about 1 ms.

jdk_major() {
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
  while IFS= read -r jdk_line; do
    case $jdk_line in
      JAVA_VERSION=*)
        jdk_line=${jdk_line#*\"}
        jdk_line=${jdk_line%%[!0-9]*}
        [ -n "$jdk_line" ] || return 1
        jdk_version=$jdk_line
        return 0
        ;;
    esac
  done < "$1/release"
  return 1
}

find_jdk() {
  if [ -n "${JAVA_HOME:-}" ] && jdk_major "$JAVA_HOME" && [ "$jdk_version" -ge 25 ]; then
    export JAVA_HOME
    return 0
  fi
  jdk_best=
  jdk_best_version=24
  for jdk_home in /usr/lib/jvm/* "${HOME:-/}"/.sdkman/candidates/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -x "$jdk_home/bin/javac" ] || continue
    if jdk_major "$jdk_home" && [ "$jdk_version" -gt "$jdk_best_version" ]; then
      jdk_best=$jdk_home
      jdk_best_version=$jdk_version
    fi
  done
  if [ -z "$jdk_best" ] && jdk_java=$(command -v java); then
    jdk_java=$(readlink -f "$jdk_java")
    jdk_home=${jdk_java%/bin/java}
    if jdk_major "$jdk_home" && [ "$jdk_version" -ge 25 ]; then
      jdk_best=$jdk_home
    fi
  fi
  [ -n "$jdk_best" ] || return 1
  JAVA_HOME=$jdk_best
  export JAVA_HOME
}
