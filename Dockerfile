# Two images from one checkout: `api` serves, `migrate` deploys the database and ends.

FROM python:3.11-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:$PATH TZ=UTC LANG=C.UTF-8
WORKDIR /app
RUN useradd --system --uid 10001 --no-create-home penstock

FROM base AS packages
COPY requirements.lock ./
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock

FROM base AS migrate
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client sqitch libdbd-pg-perl \
    && rm -rf /var/lib/apt/lists/*
COPY --from=packages /venv /venv
COPY sqitch.conf sqitch.plan ./
COPY deploy ./deploy
COPY revert ./revert
COPY verify ./verify
COPY db ./db
USER penstock
CMD ["python", "-m", "db.migrate"]

FROM base AS api
COPY --from=packages /venv /venv
COPY api ./api
COPY db ./db
USER penstock
ENV HOST=0.0.0.0 PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "docker-healthcheck.py"]
COPY docker/healthcheck.py ./docker-healthcheck.py
CMD ["python", "-m", "db.cli", "serve"]
