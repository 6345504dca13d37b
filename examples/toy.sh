#!/bin/bash
# Sends two metrics every two seconds for an hour. Declare testMetric1 and testMetric2.
# usage: toy.sh [--interval SECONDS] [--duration SECONDS]   (whole seconds)
interval=2
duration=3600
while (($# > 1)); do
  case $1 in
    --interval) interval=$2 ;;
    --duration) duration=$2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done

# A sample is one datagram. With nobody there it is lost, and the job goes on.
sample() { echo -n "$1|#container_name:$PS_JOB_ID" 2>/dev/null >"/dev/udp/$STATSD_HOST/$STATSD_PORT"; }

step=0
while ((step * interval < duration)); do
  step=$((step + 1))
  value=$((1 + RANDOM % 100))
  sample 'testMetric1:1|c'
  sample "testMetric2:$value|g"
  echo "step $step: testMetric1 +1, testMetric2 = $value"
  sleep "$interval"
done
