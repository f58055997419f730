# A replica of "transcode": computes block after block until the demo that counts them is gone.
# usage: MICROSCALE_REPLICA=NAME sh transcode.sh FOLDER NUMBERS
# A block is so many consecutive numbers; its result is how many steps of the Collatz sequence lead
# from them to 1, all together. A finished block is the line "block NAME BLOCK RESULT".
set -u
exec 4> "$1/said" || exit 1

# Nice alone still lets it finish its time slice before those that answer requests get the processor
# (EEVDF runs to parity); a task of the idle class gives way at once. Without chrt, nice has to do.
chrt -i -p 0 $$ 2> /dev/null || renice -n 19 -p $$ > /dev/null 2>&1 || :

# Where the kernel weighs sessions against each other it may take a while until this one has the
# low weight that it is to get. Until then it would slow down everybody else.
tries=0
while [ "$tries" -lt 30 ] && read -r weight < /proc/self/autogroup; do
  case $weight in *'nice 19') break ;; esac
  tries=$((tries + 1))
  sleep 0.1
done 2> /dev/null

block=$(($$ % 1000 * 1000))
while :; do
  n=$((block * $2 + 1))
  end=$((n + $2))
  steps=0
  while [ "$n" -lt "$end" ]; do
    x=$n
    while [ "$x" -gt 1 ]; do
      if [ $((x % 2)) -eq 0 ]; then x=$((x / 2)); else x=$((3 * x + 1)); fi
      steps=$((steps + 1))
    done
    n=$((n + 1))
  done
  echo "block $MICROSCALE_REPLICA $block $steps" >&4 || exit 0
  block=$(((block + 1) % 1000000))
done
