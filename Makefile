# Everything below sets itself up in .venv, from the locks in requirements/.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
DEMO := demo-corpus
RUN := demo-run
BENCH := bench-corpus
COLUMNS ?= 110

.PHONY: demo demo-train test test-builder lint types docs bench evidence evidence-unihan fonts locks clean \
  spark-up spark-down test-spark test-flink test-prism test-dataflow test-containers test-engines engines lint-docker

demo: $(VENV)/builder
	rm -rf $(DEMO)
	$(BIN)/hanmill build demo --input 'wikipedia=samples/wikipedia/*-multistream.xml.bz2' \
	  --input 'commoncrawl=samples/commoncrawl/*.warc.gz' --output $(DEMO)
	COLUMNS=$(COLUMNS) $(BIN)/hanmill inspect $(DEMO) --lang zh -n 1
	COLUMNS=$(COLUMNS) $(BIN)/hanmill inspect $(DEMO) --lang ja -n 1
	@echo "corpus: $(DEMO)/   counts: $(DEMO)/manifest.json   report: $(DEMO)/report.html"

demo-train: $(VENV)/all $(DEMO)/manifest.json
	rm -rf $(RUN)
	$(BIN)/hanmill train unihanlm --corpus $(DEMO) --config samples/training/unihanlm.yaml --output $(RUN)/unihanlm
	$(BIN)/hanmill train chinesebert --corpus $(DEMO) --config samples/training/chinesebert.yaml --output $(RUN)/chinesebert
	$(BIN)/hanmill runs show $(RUN)/unihanlm $(RUN)/chinesebert
	@echo "checkpoints: $(RUN)/unihanlm/checkpoints/ $(RUN)/chinesebert/checkpoints/"

$(DEMO)/manifest.json:
	$(MAKE) demo

test: $(VENV)/all lint types
	$(BIN)/python -m pytest -n 2

# Tests of the builder under another Python, in an environment of its own: make test-builder VENV=.venv-3.13 PYTHON=python3.13
test-builder: $(VENV)/all
	$(BIN)/python -m pytest -n 2 tests/pipelines tests/schemas tests/unihan

lint: $(VENV)/all
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/all
	$(BIN)/mypy

# The documentation as a site, in site/.
docs: $(VENV)/all
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(VENV)/all
	rm -rf $(BENCH)
	$(BIN)/python -m benchmarks.build --output $(BENCH)
	$(BIN)/python -m benchmarks.loader $(BENCH)

# DATA holds the labelled files of benchmarks/evidence_tasks.tsv; BUDGET is glance, small or full; ONLY names comparisons (unihanlm, mom, …).
BUDGET ?= small
evidence: $(VENV)/all
	$(BIN)/python -m benchmarks.evidence --work evidence-work --data $(DATA) --budget $(BUDGET) --output evidence \
		--page docs/tasks.md $(foreach study,$(ONLY),--only $(study))

evidence-unihan: $(VENV)/all
	$(BIN)/python -m benchmarks.unihan_study

# Free fonts for samples/recipes/chinesebert-fonts.yaml: Debian's and npm's packages, by hash.
fonts: $(VENV)/all
	$(BIN)/python docker/fonts.py fonts

# Environments: one folder, the builder first, the trainer and the tools of development on top of it.
$(VENV)/bootstrap: requirements/bootstrap.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

$(VENV)/builder: requirements/builder.txt pyproject.toml $(VENV)/bootstrap
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $<
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/all: requirements/all.txt $(VENV)/builder
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $<
	touch $@

# Locks hold versions and hashes, for every Python from 3.11 to 3.13, and no index address.
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

locks: $(VENV)/bootstrap
	$(LOCK) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(LOCK) pyproject.toml -o requirements/builder.txt
	$(LOCK) pyproject.toml --extra trainer --extra hub --group dev -c requirements/builder.txt -o requirements/all.txt

clean:
	rm -rf $(VENV) $(DEMO) $(RUN) $(BENCH) site

# Engines: job servers, Prism and a Spark cluster on loopback are built once, into ~/.cache/hanmill/engines.
spark-up: $(VENV)/all
	$(BIN)/python docker/engines.py spark-job-server
	$(BIN)/python docker/engines.py worker
	$(BIN)/python docker/spark/cluster.py up

spark-down:
	$(PYTHON) docker/spark/cluster.py down

test-spark test-flink test-prism test-dataflow test-containers: test-%: $(VENV)/all
	HANMILL_ENGINES=$* $(BIN)/python -m pytest tests/engines

# What continuous integration runs of them: a strict portable runner in one process and a real cluster, without kills.
test-engines: $(VENV)/all
	HANMILL_ENGINES=prism,spark $(BIN)/python -m pytest tests/engines -k gives_the_bytes

engines: $(VENV)/all
	$(BIN)/python -m benchmarks.engines

lint-docker: $(VENV)/all
	$$($(BIN)/python docker/engines.py hadolint) Dockerfile docker/*.Dockerfile
