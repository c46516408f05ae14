#!/bin/sh
# nginx that loads a new certificate within seconds. lanacme is in another container and cannot tell it; but live/NAME is
# one link, which changes in one step once a new version is complete.
set -u
live=/var/lib/lanacme/live/$1
configuration=$2

# Before it is loaded: a reload too many harms nobody.
loaded=$(readlink "$live")
nginx -e stderr -c "$configuration" -g 'daemon off;' &
nginx=$!
stop() {
  kill -s "$1" "$nginx"
  wait "$nginx"
  exit 0
}
trap 'stop QUIT' TERM INT

while kill -0 "$nginx" 2>/dev/null; do
  sleep 5 &
  wait $!
  present=$(readlink "$live") || continue
  if [ "$present" != "$loaded" ] && nginx -e stderr -q -t -c "$configuration"; then
    kill -s HUP "$nginx"
    loaded=$present
  fi
done
wait "$nginx"
