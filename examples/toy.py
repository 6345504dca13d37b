"""Sends two metrics every two seconds for an hour. Declare testMetric1 and testMetric2."""

import argparse
import random
import time

from gradient_statsd import Client

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--interval", type=float, default=2, metavar="SECONDS")
options.add_argument("--duration", type=float, default=3600, metavar="SECONDS")
options = options.parse_args()

client = Client()
start = time.monotonic()
step = 0
while step * options.interval < options.duration:
    step += 1
    value = random.randint(1, 100)
    client.increment("testMetric1", 1)
    client.gauge("testMetric2", value)
    print("step %d: testMetric1 +1, testMetric2 = %d" % (step, value), flush=True)
    time.sleep(max(0, start + step * options.interval - time.monotonic()))
