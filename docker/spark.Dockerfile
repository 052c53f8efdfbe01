# Spark master or worker with the worker image's Python in it, so that executors start our workers as processes.
ARG WORKER_IMAGE=hanmill-worker:latest
ARG JAVA_IMAGE=eclipse-temurin:17-jre-jammy

FROM ${JAVA_IMAGE} AS java

FROM ${WORKER_IMAGE}
USER 0
COPY --from=java /opt/java/openjdk /opt/java/openjdk
# The version to the last digit is the job server's (docker/spark/pom.xml).
RUN python -m venv /opt/spark \
    && /opt/spark/bin/pip install --no-cache-dir pyspark==3.5.0
ENV JAVA_HOME=/opt/java/openjdk \
    SPARK_HOME=/opt/spark/lib/python3.11/site-packages/pyspark \
    SPARK_NO_DAEMONIZE=1
USER 10001
ENTRYPOINT ["/opt/spark/lib/python3.11/site-packages/pyspark/bin/spark-class"]
