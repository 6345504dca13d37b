"""Trains a small neural network on two interleaved spirals and sends how it goes.

Declare: loss, validation_loss, accuracy, learning_rate, steps, gradient_norm.
"""

import argparse
import math
import random
import time

from gradient_statsd import Client

BATCH = 32
HIDDEN = 24
PEAK_RATE = 1.0
WARM_UP = 0.05  # of all steps
MOMENTUM = 0.9


def main():
    options = read_options()
    random.seed(options.seed)
    training, validation = spirals(600), spirals(200)
    network = new_network()
    momentum = [0.0] * len(network)
    total = max(1, round(options.duration / options.interval))
    client = Client()
    start = time.monotonic()
    for step in range(1, total + 1):
        rate = learning_rate(step / total)
        loss, slope = loss_and_gradient(network, random.sample(training, BATCH))
        for i, part in enumerate(slope):
            momentum[i] = MOMENTUM * momentum[i] + (1 - MOMENTUM) * part
            network[i] -= rate * momentum[i]
        client.increment("steps")
        client.gauge("loss", loss)
        client.gauge("learning_rate", rate)
        client.gauge("gradient_norm", math.sqrt(sum(part * part for part in slope)))
        if step % 10 == 0 or step == total:
            validation_loss, accuracy = evaluate(network, validation)
            client.gauge("validation_loss", validation_loss)
            client.gauge("accuracy", accuracy)
            print(
                "step %d/%d: loss %.4f, validation loss %.4f, accuracy %.1f %%"
                % (step, total, loss, validation_loss, 100 * accuracy),
                flush=True,
            )
        time.sleep(max(0, start + step * options.interval - time.monotonic()))


def read_options():
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--interval", type=float, default=0.25, metavar="SECONDS", help="of a step")
    options.add_argument("--duration", type=float, default=600, metavar="SECONDS")
    options.add_argument("--seed", type=int, default=7)
    return options.parse_args()


def learning_rate(progress):
    """Rises during the warm-up, then falls as half a cosine."""
    if progress < WARM_UP:
        return PEAK_RATE * progress / WARM_UP
    return PEAK_RATE * 0.5 * (1 + math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP)))


def spirals(count):
    points = []
    for i in range(count):
        label = i % 2
        turn = random.uniform(0.25, 1.25)
        angle = 2 * math.pi * turn * 1.15 + math.pi * label
        noise = random.gauss(0, 0.07), random.gauss(0, 0.07)
        points.append((turn * math.cos(angle) + noise[0], turn * math.sin(angle) + noise[1], label))
    return points


def new_network():
    """For each hidden unit two weights and a bias; then a weight for each and the last bias."""
    return [random.gauss(0, 1.5) for _ in range(3 * HIDDEN)] + [
        random.gauss(0, 0.4) for _ in range(HIDDEN + 1)
    ]


def forward(network, x, y):
    hidden = [
        math.tanh(network[3 * i] * x + network[3 * i + 1] * y + network[3 * i + 2])
        for i in range(HIDDEN)
    ]
    score = network[-1] + sum(network[3 * HIDDEN + i] * hidden[i] for i in range(HIDDEN))
    return hidden, 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def cross_entropy(guess, label):
    return -math.log(max(1e-12, guess if label else 1 - guess))


def loss_and_gradient(network, batch):
    slope = [0.0] * len(network)
    loss = 0.0
    for x, y, label in batch:
        hidden, guess = forward(network, x, y)
        loss += cross_entropy(guess, label) / len(batch)
        error = (guess - label) / len(batch)
        slope[-1] += error
        for i, activity in enumerate(hidden):
            slope[3 * HIDDEN + i] += error * activity
            back = error * network[3 * HIDDEN + i] * (1 - activity * activity)
            slope[3 * i] += back * x
            slope[3 * i + 1] += back * y
            slope[3 * i + 2] += back
    return loss, slope


def evaluate(network, points):
    guesses = [(forward(network, x, y)[1], label) for x, y, label in points]
    loss = sum(cross_entropy(guess, label) for guess, label in guesses) / len(points)
    return loss, sum((guess > 0.5) == bool(label) for guess, label in guesses) / len(points)


if __name__ == "__main__":
    main()
