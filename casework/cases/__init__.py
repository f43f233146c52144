"""Cases: what a company and a category go through, from candidate to final. State is what the events add up to."""
