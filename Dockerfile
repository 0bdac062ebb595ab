# The serving and indexing image: ONNX Runtime on the CPU, no PyTorch.
FROM python:3.11-slim AS builder

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/counterpart
WORKDIR /src
# The dependencies change less often than the sources: a layer of their own, from pyproject.toml alone.
COPY pyproject.toml ./
RUN python -c "import tomllib; print('\n'.join(tomllib.load(open('pyproject.toml','rb'))['project']['dependencies']))" \
      > /tmp/requirements.txt \
 && /opt/counterpart/bin/pip install -r /tmp/requirements.txt
COPY . .
RUN /opt/counterpart/bin/pip install --no-deps .


FROM python:3.11-slim

RUN useradd --uid 10001 --create-home --home-dir /home/counterpart --shell /usr/sbin/nologin counterpart \
 && install --directory --owner counterpart --group counterpart /data
COPY --from=builder /opt/counterpart /opt/counterpart

ENV PATH=/opt/counterpart/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    COUNTERPART_DATA=/data
USER counterpart
# Relative paths in settings (and a .env, which the image has not) start in the data volume.
WORKDIR /data
VOLUME /data
EXPOSE 8000
# The process only: a service without an index is alive. Balancers ask /readyz.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
CMD ["counterpart", "serve", "--host", "0.0.0.0", "--port", "8000"]
