# Dataflow flex template: the worker image with the launcher in it, so that launcher and workers are one image.
ARG WORKER_IMAGE=hanmill-worker:latest
ARG LAUNCHER_IMAGE=gcr.io/dataflow-templates-base/python311-template-launcher-base:20250911-rc00

FROM ${LAUNCHER_IMAGE} AS launcher

FROM ${WORKER_IMAGE}
COPY --from=launcher /opt/google/dataflow/python_template_launcher /opt/google/dataflow/python_template_launcher
COPY docker/flex-template/main.py /opt/hanmill/template/main.py
ENV FLEX_TEMPLATE_PYTHON_PY_FILE=/opt/hanmill/template/main.py
