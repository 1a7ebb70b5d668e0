"""What training added is measured against the better of its controls."""

from ruview_engine.training.training_run import TripletScore


def test_gain_is_over_the_better_control() -> None:
    score = TripletScore(n_triplets=10, trained=0.7, random_encoder=0.6, raw_features=0.65)
    assert round(score.gain, 9) == 0.05
    assert TripletScore(n_triplets=10, trained=0.6, random_encoder=0.7, raw_features=0.65).gain < 0
