# Trainer image: PyTorch and the trainer, on top of the locked environment of all of hanmill. Reads a corpus, trains.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential \
    && rm -rf /var/lib/apt/lists/*
COPY requirements/bootstrap.txt requirements/all.txt requirements/
RUN python -m venv /opt/hanmill \
    && /opt/hanmill/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/bootstrap.txt \
    && /opt/hanmill/bin/uv pip install --no-cache --python /opt/hanmill/bin/python --require-hashes -r requirements/all.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY hanmill hanmill
COPY pipelines pipelines
COPY schemas schemas
COPY trainer trainer
COPY unihan unihan
RUN /opt/hanmill/bin/uv pip install --no-cache --python /opt/hanmill/bin/python --no-deps --no-build-isolation .

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/hanmill /opt/hanmill
ENV PATH=/opt/hanmill/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1
RUN useradd --create-home --uid 10001 hanmill
USER 10001
WORKDIR /home/hanmill
ENTRYPOINT ["hanmill", "train"]
