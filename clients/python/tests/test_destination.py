import os
import sys
import tempfile
import unittest

from gradient_statsd.destination import find_destination

HEADER = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
LOCAL = "eth0\t%s\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"


def hex_of(address):
    octets = bytes(int(part) for part in address.split("."))
    return "%08X" % int.from_bytes(octets, sys.byteorder)


def default_route(address, flags="0003"):
    return "eth0\t00000000\t%s\t%s\t0\t0\t100\t00000000\t0\t0\t0\n" % (hex_of(address), flags)


class Destination(unittest.TestCase):
    def setUp(self):
        handle, self.routes = tempfile.mkstemp()
        os.close(handle)
        self.addCleanup(os.unlink, self.routes)

    def find(self, table, environment=None, host=None, port=8125):
        with open(self.routes, "w") as file:
            file.write(table)
        return find_destination(host, port, environment or {}, self.routes)

    def test_given_wins_over_all(self):
        environment = {"STATSD_HOST": "10.0.0.9", "STATSD_PORT": "9"}
        found = self.find(HEADER + default_route("10.9.0.1"), environment, "example", 99)
        self.assertEqual(found, ("example", 99))

    def test_is_the_jobs_own_socket(self):
        environment = {
            "STATSD_HOST": "127.0.0.1",
            "STATSD_PORT": "40001",
            "DD_AGENT_HOST": "127.0.0.2",
            "DD_DOGSTATSD_PORT": "2",
        }
        self.assertEqual(self.find(default_route("10.9.0.1"), environment), ("127.0.0.1", 40001))

    def test_is_what_datadog_clients_are_told(self):
        environment = {"DD_AGENT_HOST": "127.0.0.2", "DD_DOGSTATSD_PORT": "2"}
        self.assertEqual(self.find("", environment), ("127.0.0.2", 2))

    def test_has_the_usual_port_where_the_environment_names_none(self):
        for text in [None, "", "http", "-1", "999999999", "12.5"]:
            environment = {"STATSD_HOST": "h", **({} if text is None else {"STATSD_PORT": text})}
            with self.subTest(text=text):
                self.assertEqual(self.find("", environment), ("h", 8125))

    def test_is_the_default_gateway(self):
        table = HEADER + LOCAL % hex_of("10.9.0.0") + default_route("10.9.0.1")
        self.assertEqual(self.find(table), ("10.9.0.1", 8125))

    def test_is_the_first_gateway_of_several(self):
        table = HEADER + default_route("10.9.0.1") + default_route("10.9.0.2")
        self.assertEqual(self.find(table), ("10.9.0.1", 8125))

    def test_is_never_a_route_without_a_gateway(self):
        tables = {
            "empty": "",
            "header": HEADER,
            "local only": HEADER + LOCAL % hex_of("10.9.0.0"),
            "a tunnel": HEADER + default_route("0.0.0.0", "0001"),
            "down": HEADER + default_route("10.9.0.1", "0002"),
            "garbage": HEADER + "eth0\t00000000\tzz\t0003\nx\n\n",
            "too wide": HEADER + "eth0\t00000000\t0100000000\t0003\n",
        }
        for what, table in tables.items():
            with self.subTest(what):
                self.assertIsNone(self.find(table))

    def test_is_none_without_a_table(self):
        self.assertIsNone(find_destination(None, 8125, {}, os.path.join(self.routes, "absent")))


if __name__ == "__main__":
    unittest.main()
