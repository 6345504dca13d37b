import collections
import os
import pickle
import socket
import threading
import unittest
from unittest import mock

from gradient_statsd import Client
from gradient_statsd.sender import Sender
from receiver import Receiver, in_job, run_program

TAG = b"|#container_name:jtest0001"


class Hostile:
    """Raises whatever it is asked."""

    def __getattribute__(self, name):
        raise MemoryError("no")

    def __float__(self):
        raise KeyError("no")

    def __repr__(self):
        raise ValueError("no")

    __hash__ = None


class InAJob(unittest.TestCase):
    def setUp(self):
        self.receiver = self.enterContext_(Receiver())
        environment = mock.patch.dict(os.environ, in_job(self.receiver.port))
        self.enterContext_(environment)

    def enterContext_(self, context):
        entered = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return entered

    def test_each_call_is_a_datagram_of_its_own(self):
        with Client() as client:
            client.increment("testMetric1", 1)
            client.gauge("testMetric2", 42)
            client.decrement("testMetric1", 2)
            client.gauge("testMetric2", 0.5)
            client.gauge("testMetric2", -5)
            client.increment(metric="testMetric1", value=0.5)
            client.increment("testMetric1")
            client.decrement("testMetric1")
            client.gauge("testMetric2", True)
        expected = [
            b"testMetric1:1|c",
            b"testMetric2:42|g",
            b"testMetric1:-2|c",
            b"testMetric2:0.5|g",
            b"testMetric2:-5|g",
            b"testMetric1:0.5|c",
            b"testMetric1:1|c",
            b"testMetric1:-1|c",
            b"testMetric2:1|g",
        ]
        self.assertEqual(self.receiver.rest(), [line + TAG for line in expected])

    def test_nothing_that_cannot_be_drawn_is_sent_or_raised(self):
        with Client() as client, mock.patch("sys.stderr", None):
            for name, value in [
                ("a.b", 1),
                (None, None),
                ([1], 1),
                ("m\n", 1),
                ("m", None),
                ("m", float("nan")),
                ("m", "tensor(1)"),
                ("m", 10**400),
                ("m", [1, 2]),
                (Hostile(), Hostile()),
                ("m", Hostile()),
            ]:
                client.increment(name, value)
                client.decrement(name, value)
                client.gauge(name, value)
            client.gauge("m", 1)
        self.assertEqual(self.receiver.rest(), [b"m:1|g" + TAG])

    def test_a_given_host_and_port_win(self):
        with Receiver() as other:
            Client("127.0.0.1", other.port, max_buffer_size=50).gauge("m", 1)
            self.assertEqual(other.take(1), [b"m:1|g" + TAG])
        self.assertEqual(self.receiver.rest(), [])

    def test_a_host_that_cannot_be_is_one_notice(self):
        for host, port in [(5, 5), ("", "x"), ("h" * 300 + ".invalid", 8125), ("127.0.0.1", 10**9)]:
            client = Client(host, port)
            client.gauge("m", 1)
            client.close()
        self.assertEqual(self.receiver.rest(), [])

    def test_closed_it_does_nothing(self):
        client = Client()
        client.close()
        client.close()
        client.gauge("m", 1)
        self.assertEqual((self.receiver.rest(), client.dropped), ([], 0))

    def test_threads_lose_nothing(self):
        client, threads, rounds, burst = Client(), 8, 40, 25
        turn = threading.Barrier(threads + 1)

        def work():
            for _ in range(rounds):
                for _ in range(burst):
                    client.increment("m", 1)
                turn.wait()

        workers = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
        for worker in workers:
            worker.start()
        received = collections.Counter()
        for _ in range(rounds):  # what one round sends fits into any system's receive buffer
            received.update(self.receiver.take(threads * burst))
            turn.wait()
        for worker in workers:
            worker.join()
        self.assertEqual(received, {b"m:1|c" + TAG: 8 * 1000})
        self.assertEqual(client.dropped, 0)

    def test_threads_that_all_send_first_lose_nothing(self):
        threads, rounds = 8, 50
        for _ in range(rounds):
            client, start = Client(), threading.Barrier(threads)
            workers = [
                threading.Thread(target=lambda: (start.wait(), client.increment("m", 1)))
                for _ in range(threads)
            ]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            self.assertEqual(self.receiver.rest(), [b"m:1|c" + TAG] * threads)
            self.assertEqual(client.dropped, 0)

    def test_a_forked_child_sends_and_does_not_disturb_its_parent(self):
        client = Client()
        client.gauge("before", 1)
        child = os.fork()
        if child == 0:
            client.gauge("child", 1)
            client.close()
            os._exit(0)
        os.waitpid(child, 0)
        client.gauge("parent", 1)
        expected = [b"before:1|g" + TAG, b"child:1|g" + TAG, b"parent:1|g" + TAG]
        self.assertEqual(self.receiver.rest(), expected)

    def test_a_worker_process_gets_it_by_pickle(self):
        copy = pickle.loads(pickle.dumps(Client("127.0.0.1", self.receiver.port, 1)))
        copy.gauge("m", 1)
        self.assertEqual(self.receiver.rest(), [b"m:1|g" + TAG])

    def test_it_outlives_its_descriptor(self):
        client = Client()
        client.gauge("m", 1)
        number = descriptor_of(client)
        os.close(number)
        client.gauge("m", 2)
        self.assertEqual(self.receiver.rest(), [b"m:1|g" + TAG, b"m:2|g" + TAG])

    def test_a_file_that_took_its_descriptor_is_left_alone(self):
        client = Client()
        client.gauge("m", 1)
        number = descriptor_of(client)
        ours, theirs = socket.socketpair()
        os.dup2(ours.fileno(), number)
        client.gauge("m", 2)
        client.close()
        os.fstat(number)
        os.close(number)
        ours.close()
        self.assertEqual(theirs.recv(100), b"")
        theirs.close()
        self.assertEqual(self.receiver.rest(), [b"m:1|g" + TAG, b"m:2|g" + TAG])


class WithNobodyThere(unittest.TestCase):
    def test_it_goes_on_counting_and_arrives_once_somebody_is(self):
        with Receiver() as receiver:
            port = receiver.port
        sender = Sender("127.0.0.1", port)
        for _ in range(3):
            sender.send(b"m:1|c")
        self.assertEqual(sender.dropped, 2)
        again = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        again.bind(("127.0.0.1", port))
        again.settimeout(10)
        sender.send(b"m:2|c")
        self.assertEqual((again.recv(100), sender.dropped), (b"m:2|c", 3))
        sender.close()
        again.close()

    def test_a_full_send_buffer_drops_and_does_not_wait(self):
        sender = Sender("127.0.0.1", 9)
        idle, full = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        full.setblocking(False)
        sender.send(b"m:1|c")
        sender._connection.send = full.send
        before = sender.dropped
        for _ in range(100_000):
            sender.send(b"m:1|c")
        self.assertGreater(sender.dropped, before)
        for one in (idle, full):
            one.close()
        sender.close()


class Programs(unittest.TestCase):
    """What only a process of its own can show."""

    def test_without_a_job_there_is_one_notice_and_no_sample(self):
        source = """
from gradient_statsd import Client
for _ in range(3):
    client = Client()
    client.increment('m', 1); client.decrement('m', 1); client.gauge('m', None); client.close()
"""
        with Receiver() as receiver:
            ran = run_program(source, {**in_job(receiver.port), "PS_JOB_ID": ""})
            self.assertEqual((ran.returncode, ran.stderr, receiver.rest()), (0, "", []))
        self.assertEqual(ran.stdout.count("\n"), 1)
        self.assertTrue(ran.stdout.startswith("Gradient-Statsd:"), ran.stdout)

    def test_without_a_route_there_is_one_notice(self):
        source = """
from gradient_statsd import destination, Client
destination.find_destination.__defaults__ = ('/absent',)
Client().gauge('m', 1); Client().increment('m')
"""
        ran = run_program(source, {"PS_JOB_ID": "j1"})
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        self.assertIn("no default route", ran.stdout)
        self.assertEqual(ran.stdout.count("\n"), 1)

    def test_each_bad_metric_is_complained_of_once_and_all_of_them_at_most_100_times(self):
        source = """
from gradient_statsd import Client
client = Client()
for _ in range(5):
    client.gauge('loss', float('nan')); client.gauge('a.b', 1); client.increment('none', None)
for i in range(500):
    client.gauge('bad.%d' % i, 1)
"""
        with Receiver() as receiver:
            ran = run_program(source, in_job(receiver.port))
            self.assertEqual(receiver.rest(), [])
        lines = ran.stderr.splitlines()
        self.assertEqual(lines[0], "Gradient-Statsd: dropped a sample of 'loss': nan is not a number that can be drawn")
        self.assertEqual(len(lines), 99)  # and the line about starting
        self.assertTrue(lines[-1].endswith("(no further notices)"))
        self.assertTrue(ran.stdout.startswith("Gradient-Statsd: starting"), ran.stdout)

    def test_every_way_to_end_leaves_all_samples_sent(self):
        endings = {
            "falling off the end": "",
            "sys.exit": "import sys; sys.exit(3)",
            "os._exit": "import os; os._exit(0)",
            "an exception": "raise SystemError('no')",
            "a signal": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        }
        for what, ending in endings.items():
            source = (
                "from gradient_statsd import Client\nclient = Client()\n"
                "def some_function(): pass\n"
                "for i in range(3): client.gauge('m', i)\n" + ending
            )
            with self.subTest(what), Receiver() as receiver:
                run_program(source, in_job(receiver.port))
                self.assertEqual(receiver.rest(), [b"m:%d|g" % i + TAG for i in range(3)])

    def test_samples_at_interpreter_exit_arrive_without_a_warning(self):
        source = """
import atexit
from gradient_statsd import Client
client = Client()
atexit.register(lambda: client.gauge('last', 1))
class Late:
    def __del__(self): client.gauge('later', 1)
late = Late()
"""
        with Receiver() as receiver:
            ran = run_program(source, in_job(receiver.port), ["-X", "dev", "-W", "error"])
            self.assertEqual(ran.stderr, "")
            self.assertIn(b"last:1|g" + TAG, receiver.rest())

    def test_closed_standard_streams_are_nothing_to_it(self):
        source = """
import os, sys
sys.stdout.close(); sys.stderr.close()
from gradient_statsd import Client
client = Client()
client.gauge('a.b', 1); client.gauge('m', 1)
os._exit(0)
"""
        with Receiver() as receiver:
            self.assertEqual(run_program(source, in_job(receiver.port)).returncode, 0)
            self.assertEqual(receiver.rest(), [b"m:1|g" + TAG])

    def test_a_daemon_that_closes_every_descriptor_goes_on_sending(self):
        source = """
import os
from gradient_statsd import Client
client = Client()
client.gauge('m', 1)
if os.fork():
    os._exit(0)
os.setsid()
os.closerange(0, 256)
for number in range(8):
    os.open(os.devnull, os.O_RDWR)
client.gauge('m', 2)
os._exit(0)
"""
        with Receiver() as receiver:
            run_program(source, in_job(receiver.port))
            self.assertEqual(receiver.take(2), [b"m:1|g" + TAG, b"m:2|g" + TAG])


def descriptor_of(client):
    return client._sender._connection._socket.fileno()


if __name__ == "__main__":
    unittest.main()
