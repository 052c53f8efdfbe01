# Worker image: the Beam boot program, the corpus builder with its dictionaries and fonts, nothing of torch.
# For Dataflow (--sdk_container_image) and for Spark and Flink workers; the same Beam version as the launcher.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
ARG BEAM_IMAGE=apache/beam_python3.11_sdk:2.77.0

FROM ${BEAM_IMAGE} AS beam

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential \
    && rm -rf /var/lib/apt/lists/*
COPY requirements/bootstrap.txt requirements/builder.txt requirements/
RUN python -m venv /opt/hanmill \
    && /opt/hanmill/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/bootstrap.txt \
    && /opt/hanmill/bin/uv pip install --no-cache --python /opt/hanmill/bin/python --require-hashes -r requirements/builder.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY hanmill hanmill
COPY pipelines pipelines
COPY schemas schemas
COPY trainer trainer
COPY unihan unihan
RUN /opt/hanmill/bin/uv pip install --no-cache --python /opt/hanmill/bin/python --no-deps --no-build-isolation .

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/hanmill /opt/hanmill
COPY --from=beam /opt/apache/beam /opt/apache/beam
COPY --chmod=755 docker/beam-worker /opt/hanmill/bin/beam-worker
ENV PATH=/opt/hanmill/bin:$PATH \
    RUN_PYTHON_SDK_IN_DEFAULT_ENVIRONMENT=1 \
    PYTHONDONTWRITEBYTECODE=1
RUN useradd --create-home --uid 10001 hanmill
USER 10001
WORKDIR /home/hanmill
ENTRYPOINT ["/opt/apache/beam/boot"]
