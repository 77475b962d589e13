# syntax=docker/dockerfile:1
# Build: dependencies and console. The runtime image holds no compiler, runs as a plain user, and writes to /data alone.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# onnxruntime's own download is for graphics cards only; what the processor needs is in the package.
ENV ONNXRUNTIME_NODE_INSTALL=skip
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund --include=dev
COPY . .
RUN npm run -s build:nodes && npm run -s build:console && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 LPR_DATA_DIR=/data
# For RTSP cameras.
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin lpr \
  && install -d -o lpr -g lpr -m 0700 /data
WORKDIR /app
COPY --from=build --chown=root:root /app /app
USER lpr
VOLUME /data
EXPOSE 3000 1883 8883
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
# Straight to node, not through npm: SIGTERM must reach the hub.
CMD ["node", "core/main.ts"]
