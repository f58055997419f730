# Waits until the demo is over, however it ends: its end of the pipe closes even when it is killed.
# Then ends what is left of its workers, paused ones too, and removes its folder.
# usage: sh -c "$(cat janitor.sh)"; the first line of the input is the folder. It must not be an
# argument: by that the workers are told from everything else.
trap '' HUP INT QUIT TERM
read -r folder || exit 0
while read -r line; do :; done
case $folder in
  */microscale-demo-*) ;;
  *) exit 1 ;;
esac
tries=0
while [ "$tries" -lt 20 ]; do
  found=
  for file in $(grep -lsF -e "$folder/" /proc/[0-9]*/cmdline); do
    pid=${file#/proc/}
    kill -KILL "${pid%/cmdline}" 2> /dev/null && found=yes
  done
  [ -n "$found" ] || break
  tries=$((tries + 1))
  sleep 0.1
done
rm -rf -- "$folder"
