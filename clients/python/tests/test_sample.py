import decimal
import enum
import fractions
import struct
import unittest

from gradient_statsd.sample import Refused, exact_number, line_of


class Tensor:
    """As torch has it: a text nobody can parse, a number on request."""

    def __init__(self, values):
        self.values = values

    def __repr__(self):
        return "tensor(%r, device='cuda:0', grad_fn=<MeanBackward0>)" % (self.values,)

    def item(self):
        if len(self.values) != 1:
            raise RuntimeError("a Tensor with %d elements cannot be a scalar" % len(self.values))
        return self.values[0]


class NumpyFloat(float):
    def __repr__(self):
        return "np.float64(%s)" % float.__repr__(self)


class NumpyInt:
    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value

    def __float__(self):
        raise AssertionError("an integer must stay one")


class Jax:
    def __float__(self):
        return 0.25


class Level(enum.IntEnum):
    HIGH = 3


ACCEPTED = [
    (1, b"1"),
    (-5, b"-5"),
    (True, b"1"),
    (False, b"0"),
    (0.1, b"0.1"),
    (1.0, b"1.0"),
    (-0.0, b"-0.0"),
    (1e-07, b"1e-07"),
    (1e21, b"1e+21"),
    (5e-324, b"5e-324"),
    (1.7976931348623157e308, b"1.7976931348623157e+308"),
    (9007199254740993, b"9007199254740993"),
    (10**300, b"1" + b"0" * 300),
    ("12", b"12.0"),
    (b"7", b"7.0"),
    (" 0.5 ", b"0.5"),
    (decimal.Decimal("0.10"), b"0.1"),
    (fractions.Fraction(1, 3), b"0.3333333333333333"),
    (Level.HIGH, b"3"),
    (NumpyFloat(0.1), b"0.1"),
    (NumpyInt(2**62 + 1), b"4611686018427387905"),
    (Tensor([0.125]), b"0.125"),
    (Tensor([3]), b"3"),
    (Tensor([True]), b"1"),
    (Jax(), b"0.25"),
]

REFUSED = [
    None,
    "",
    "abc",
    [1],
    {},
    1 + 2j,
    object(),
    float("nan"),
    float("inf"),
    -float("inf"),
    "nan",
    decimal.Decimal("NaN"),
    10**309,
    10**5000,
    Tensor([0.1, 0.2]),
    Tensor([float("nan")]),
]


class Values(unittest.TestCase):
    def test_are_written_as_the_number_they_stand_for(self):
        for value, written in ACCEPTED:
            with self.subTest(value=value):
                self.assertEqual(line_of("m", exact_number(value), b"|g"), b"m:" + written + b"|g")

    def test_that_are_no_finite_number_are_refused_in_words(self):
        for value in REFUSED:
            with self.assertRaises(Refused) as caught:
                exact_number(value)
            self.assertRegex(str(caught.exception), "is not a number")

    def test_come_back_bit_for_bit(self):
        pattern = 0x9E3779B97F4A7C15
        for step in range(2000):
            (value,) = struct.unpack("<d", struct.pack("<Q", (pattern * (step + 1)) & (2**64 - 1)))
            if value - value == 0:
                line = line_of("m", exact_number(value), b"|g")
                read = float(line[2:-2].decode("ascii"))
                self.assertEqual(struct.pack("<d", read), struct.pack("<d", value))


class Names(unittest.TestCase):
    def test_of_the_rule_are_sent(self):
        for name in ["a", "testMetric1", "A_b-9", "__proto__", "-", "x" * 128]:
            self.assertEqual(line_of(name, 1, b"|c"), name.encode() + b":1|c")

    def test_against_the_rule_are_refused(self):
        for name in ["", "a.b", "a b", "a\n", "ü", "x" * 129, "a:1|c\nb", "٣", None, 1, b"a", ["a"]]:
            with self.subTest(name=name), self.assertRaises(Refused):
                line_of(name, 1, b"|c")


if __name__ == "__main__":
    unittest.main()
