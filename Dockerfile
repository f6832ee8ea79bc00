# The image of the service: nothing to build with inside, a user without rights, a root file system nobody writes to.
#   docker build --tag autoscaler .
#   docker run --read-only --tmpfs /tmp --volume autoscaler:/var/lib/autoscaler --publish 127.0.0.1:8080:8080 autoscaler \
#       serve --config /etc/autoscaler/fleet.yaml
# Any base with Python 3.11 to 3.13 and its venv module will do; both stages must have the same one.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /src
COPY requirements.build.lock requirements.image.lock ./
RUN python3 -m venv /build \
    && /build/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.build.lock \
    && python3 -m venv /opt/autoscaler \
    && /opt/autoscaler/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: \
        -r requirements.image.lock
COPY pyproject.toml README.md LICENSE ./
COPY autoscaler autoscaler
COPY models models
COPY policies policies
COPY migrations migrations
RUN /build/bin/python -m hatchling build -t wheel -d /dist \
    && /opt/autoscaler/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps /dist/*.whl \
    && /opt/autoscaler/bin/pip uninstall --yes --quiet pip \
    && mkdir -p /var/lib/autoscaler

FROM ${BASE}
LABEL org.opencontainers.image.title="autoscaler" \
      org.opencontainers.image.description="Keeps serverless database clusters at the right size" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/autoscaler /opt/autoscaler
COPY --from=build --chown=10001:10001 /var/lib/autoscaler /var/lib/autoscaler
ENV PATH=/opt/autoscaler/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER 10001:10001
WORKDIR /var/lib/autoscaler
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/livez', timeout=2)"]
ENTRYPOINT ["autoscaler"]
CMD ["--help"]
