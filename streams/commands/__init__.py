"""The commands of the command line, one module for each subject; `streams/cli.py` names them all."""
