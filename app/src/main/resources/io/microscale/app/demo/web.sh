# A replica of "web": answers requests until the demo that sends them is gone.
# usage: MICROSCALE_REPLICA=NAME sh web.sh FOLDER ROUNDS
# A request is a line "ID NUMBER"; its answer is the line "answer NAME ID RESULT".
set -u
requests=$1/requests.$MICROSCALE_REPLICA
# Who is the first to need the pipe makes it.
mkfifo "$requests" 2> /dev/null
[ -p "$requests" ] || exit 1
exec 4> "$1/said" || exit 1
echo ready
exec 3< "$requests" || exit 1
while read -r id x <&3; do
  i=0
  while [ "$i" -lt "$2" ]; do
    x=$(((x * 1103515245 + 12345) % 2147483648))
    i=$((i + 1))
  done
  echo "answer $MICROSCALE_REPLICA $id $x" >&4
done
