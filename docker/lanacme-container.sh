#!/bin/sh
# What a container of lanacme does. With arguments: that command of lanacme, once. Without: the certificate that
# LANACME_DOMAIN names, and `lanacme renew` every RENEW_INTERVAL seconds until the container is stopped.
#
# Process 1 has no default for signals, and what it starts hears of none: both are done here. A run that is stopped
# removes its challenge records first; between two runs the end is at once.
set -u

interval=${RENEW_INTERVAL:-3600}
case $interval in
  '' | *[!0-9]* | 0*)
    echo "lanacme-container: RENEW_INTERVAL is '$interval', which is not a number of seconds" >&2
    exit 2
    ;;
esac

child=
stopping=
told=
# Whatever came, it goes on as TERM: what a shell starts in the background ignores INT.
stop() {
  stopping=yes
  if [ -n "$child" ]; then
    told=yes
    kill -s TERM "$child" 2>/dev/null
  fi
}
trap stop TERM INT HUP

# Runs a command to its end and leaves its exit code in $code. In a session of its own: the interrupt key of a terminal
# would else be felt twice, here and there, and a second signal means at once.
run() {
  setsid "$@" &
  child=$!
  # A signal that came before there was a child to tell.
  [ -z "$stopping" ] || [ -n "$told" ] || stop
  wait "$child"
  code=$?
  # A signal ends the wait, not the command.
  while kill -0 "$child" 2>/dev/null; do
    wait "$child"
    code=$?
  done
  child=
}

service_run() {
  run "$@"
  [ -z "$stopping" ] || exit 0
}

# Ten in a hundred more or less, so that hosts which started together do not stay together.
about() {
  chance=$(od -A n -N 2 -t u2 /dev/urandom)
  echo $(($1 * 9 / 10 + $1 * chance / 5 / 65536))
}

if [ $# -gt 0 ]; then
  run lanacme "$@"
  exit "$code"
fi

wanted=${LANACME_DOMAIN:-}
pause=5
while :; do
  if [ -n "$wanted" ]; then
    service_run lanacme issue
    case $code in
      0) wanted= ;;
      # Wrong configuration: only a new container can have another one.
      2) exit 2 ;;
    esac
  fi
  service_run lanacme renew
  if [ -z "$wanted" ]; then
    service_run sleep "$(about "$interval")"
  else
    service_run sleep "$pause"
    pause=$((pause * 2 < interval ? pause * 2 : interval))
  fi
done
