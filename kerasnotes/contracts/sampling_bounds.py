"""How much one drawing may ask for, wherever it is asked: the only numbers.

The command line, a picture's recipe and the server keep to them. The server
allows less where others wait. Imports nothing: the command line reads it.
"""

MOST_EXAMPLES = 100_000
MOST_STEPS = 1_000_000
MOST_FRAMES = 1_000
"""Pictures of the trajectory that are kept."""
LARGEST_SEED = 2**63 - 1
LONGEST_NAME = 200
"""Characters of a name: of a sampler, a schedule, a class."""
