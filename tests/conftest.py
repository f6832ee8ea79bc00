"""What every test shares: how Hypothesis draws its examples."""

from hypothesis import settings

# The same examples in every run, so that a red build means changed code; deadlines would measure the machine.
# `pytest --hypothesis-profile thorough` looks further, with fresh chance.
settings.register_profile("quick", max_examples=100, deadline=None, derandomize=True, database=None)
settings.register_profile("thorough", max_examples=3000, deadline=None, database=None)
settings.load_profile("quick")
