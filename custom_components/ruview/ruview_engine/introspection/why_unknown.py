"""Every reason for which introspection leaves a number out. Closed, so that each has a sentence in every language."""

from enum import StrEnum


class WhyUnknown(StrEnum):
    """A reason; the first seven concern a link, the others a signature that this link cannot be compared with."""

    NO_BASELINE = "no_baseline"
    SHORT_PAST = "short_past"
    SHORT_TRAJECTORY = "short_trajectory"
    GAPS = "gaps"  # points that are not finite
    FEW_POINTS = "few_points"
    FILLS_SPACE = "fills_space"  # more dimensions than so many points can show
    NO_SCALING = "no_scaling"  # two scales disagree about the dimension
    LEARNING_IDLE = "learning_idle"
    OTHER_LAYOUT = "other_layout"
    OTHER_RATE = "other_rate"
    TOO_LONG = "too_long"  # or too short, once resampled to the link's rate
    TOO_FEW_BINS = "too_few_bins"
    NO_ENCODER = "no_encoder"
    OTHER_ENCODER = "other_encoder"  # made with another one than is installed, or with an unnamed one
