"""What ``evstats.goodness`` offers, by name: each is imported when it is first used."""

from .detection import Power as Power
from .detection import power as power
from .detection import power_sentence as power_sentence
from .nested import REFERENCES as REFERENCES
from .nested import RatioTest as RatioTest
from .nested import ratio_test as ratio_test
from .nulls import SEED as SEED
from .of_fit import goodness_of_fit as goodness_of_fit
from .of_fit import replicates as replicates
from .statistics import TESTS as TESTS
from .zero_shape import ZeroShape as ZeroShape
from .zero_shape import zero_shape_tests as zero_shape_tests
