"""The small job, as one would write it on Faust, on Quix Streams and on a bare client; they run in `.venv-bench`."""
