PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

environment: $(READY) ## create .venv from the lock (nothing but Python >= 3.11 is needed)

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python >= 3.11 is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . && touch $@

demo: $(READY) ## events of five channels to people, journeys, friction and alerts; RESULT {mode, events, channels, people, cross_channel_people, journeys, cross_channel_journeys, friction_hits, rollup_rows, dead_letters, seconds, mode_reason, input_topics, alerts_delivered, worker_ready}
	$(BIN)/seamline demo

test: lint ## lint, then every test that must hold before a change lands; ends with pytest's own line
	$(BIN)/python -m pytest

lint: $(READY) ## ruff, mypy and import-linter
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy && $(BIN)/lint-imports

replay-data: $(READY) ## real data written by others against independent counts; RESULT {in, accepted, late, dead, new, repeat, unaccounted, clickstream_sessions, clickstream_sessions_expected, x04_hits, x04_expected, x29_hits, x29_expected}
	$(BIN)/python -m tests.replay_data

laws: $(READY) ## the laws over >= 10,000 examples, and the mutants; RESULT {examples, laws, divergences, mutants, mutants_caught}
	$(BIN)/python -m tests.laws

oracle: $(READY) ## 500,000 events against a batch oracle, and the worlds; RESULT {events, tables, rows_compared, differences, precision, recall, ambiguous_share, worlds, worlds_right, seconds}
	$(BIN)/python -m tests.oracle

simulate: $(READY) ## the driver on a log in memory through 1,000 seeds of crashes, zombies and cut answers, and mutants of it; RESULT {seeds, events, crashes, zombies, rebalances, cuts, fenced, divergences, mutants, mutants_caught, seconds}
	$(BIN)/python -m tests.simulation

patterns-test: $(READY) ## engine against the SQL twin of every pattern, 300,000 generated events; RESULT {events, patterns, hits, differences}
	$(BIN)/seamline patterns test

bench: $(READY) ## cost of each stage beside two baselines; RESULT {stages, total_us, plain_loop_us, ratio_to_plain_loop, plain_loop_patterns_us, ratio_to_plain_loop_patterns, patterns_100_kept, people_500k_kept, naive_us, speedup_over_naive, messages_per_event, rows_out_per_event, bytes_per_person}
	$(BIN)/python -m benchmarks.bench

ROUNDS ?= 5
SEED ?= 0

chaos: $(READY) ## rounds of faults on a real broker (ROUNDS=20 SEED=7), adding to docs/chaos.md; RESULT {rounds, sigkill, sigstop, broker_kill, rebalance, cut, events, rows_compared, divergences, mutants, mutants_caught, worst_stall_seconds}
	$(BIN)/python -m tests.chaos --rounds $(ROUNDS) --seed $(SEED)

scale: $(READY) ## workers 1 -> 3 -> 1 under load; RESULT {rebalances, lag_end, differences, seconds}
	$(BIN)/python -m tests.chaos.scale

bench-kafka: $(READY) .venv-bench/ready ## on a real broker beside Faust, Quix and a dict loop; RESULT {events_per_second, cpu_us_per_event, stages, messages_per_event, rows_out_per_event, changelog_bytes_per_event, peak_rss_mb, ratio_faust_table, ratio_small_job_quix, latency_anchor_p99_ms, latency_two_p99_ms, latency_worst_p99_ms, hops, restore_states_per_second, catch_up_ratio}
	$(BIN)/python -m benchmarks.kafka

.venv-bench/ready: requirements/bench.txt
	$(PYTHON) -m venv .venv-bench && .venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt && touch $@

worlds: $(READY) ## the small stories with answers written by hand
	$(BIN)/python -m pytest tests/worlds

locks: $(READY) ## resolve the locks anew: hashes, no addresses
	$(BIN)/uv pip compile $(COMPILE) pyproject.toml -o requirements/run.txt && $(BIN)/uv pip compile $(COMPILE) --extra embedded pyproject.toml -o requirements/embedded.txt
	$(BIN)/uv pip compile $(COMPILE) --extra embedded --extra traces --extra dev pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile $(COMPILE) requirements/bench.in -o requirements/bench.txt

COMPILE := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make locks"

wheel: $(READY) ## build dist/*.whl without a network
	$(BIN)/python -m build --no-isolation --wheel

helm-render: $(READY) ## lint the chart of deploy/ and render its manifests anew (needs Go: helm is built from its module)
	$(BIN)/python -m tests.deploy.rendering

clean: ## remove the environment, caches and whatever was built or run
	rm -rf .venv .venv-bench build dist var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: environment demo test lint replay-data laws oracle simulate patterns-test bench chaos scale worlds locks wheel helm-render clean help
