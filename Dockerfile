# genmedia-exporter: one virtual environment, built from hash-checked packages, on a slim image.
#
#   docker build -t genmedia-exporter .
#   docker run --rm -p 127.0.0.1:10067:10067 genmedia-exporter demo
#   docker run -p 127.0.0.1:10067:10067 --read-only --tmpfs /tmp --cap-drop ALL -v genmedia:/data \
#     -v ./genmedia.yml:/etc/genmedia/genmedia.yml:ro -e OPENAI_API_KEY genmedia-exporter

# The exact patch, on purpose: a rebuild gets what was tested. To pin the bytes as well, append the
# digest that `docker buildx imagetools inspect python:3.13.16-slim-trixie` prints: @sha256:...
ARG PYTHON_IMAGE=python:3.13.16-slim-trixie

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build

# Only what has a hash in the lock comes this way, and everything below is installed from here,
# without an index.
COPY requirements.txt ./
RUN python -m pip download --quiet --require-hashes --only-binary=:all: \
      --dest /packages --requirement requirements.txt

RUN python -m pip install --quiet --no-index --find-links /packages hatchling
COPY pyproject.toml README.md LICENSE ./
COPY exporter exporter
RUN python -m pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir /packages .

# Compiled here, because nothing can be written where it runs; unchecked, because nothing changes there.
RUN python -m venv --without-pip /opt/genmedia \
 && python -m pip --python /opt/genmedia/bin/python install --quiet --no-compile \
      --no-index --find-links /packages 'genmedia-exporter[postgres,google,aws]' \
 && /opt/genmedia/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/genmedia/lib

FROM ${PYTHON_IMAGE}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="genmedia-exporter" \
      org.opencontainers.image.description="Prometheus exporter for AI video and image generation APIs" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

ENV PATH=/opt/genmedia/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONSAFEPATH=1

# By number, so that Kubernetes can see that it is not root. /data is all it writes to, besides /tmp.
RUN install -d -o 65532 -g 65532 -m 0750 /data
COPY --from=build /opt/genmedia /opt/genmedia
USER 65532:65532
WORKDIR /data
VOLUME /data

EXPOSE 10067
STOPSIGNAL SIGTERM

# Alive, not "every provider answers". With another address or TLS, give a health check of your own.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --start-interval=1s --retries=3 \
  CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 10067, timeout=4); c.request('GET', '/-/healthy'); sys.exit(c.getresponse().status != 200)"]

ENTRYPOINT ["genmedia-exporter"]
CMD ["--config.file=/etc/genmedia/genmedia.yml"]
