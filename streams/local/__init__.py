"""Driver `local`: the same topology without a broker, for replay, demo, backtest and tests."""
