"""`seamline demo`: a world, a run of it on Kafka or without, and the page that tells what came of it."""
