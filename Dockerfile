# Node.js 24 (LTS) is supported until April 2028.
ARG NODE_IMAGE=node:24-trixie-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
# The manifests come alone and first: while they stay the same, so do the installed packages.
COPY package.json package-lock.json ./
# The build needs none of the packages' install scripts.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tools/build.mjs ./tools/
COPY src ./src
COPY migrations ./migrations
RUN npm run build

FROM ${NODE_IMAGE}
WORKDIR /app
# IN_IMAGE: messages name the commands as they are run here, by node.
ENV NODE_ENV=production IN_IMAGE=true
COPY LICENSE ./
# The build's files hold the packages that they need.
COPY --from=build /app/dist ./dist
# The image's own user "node", by number, for orchestrators that demand proof of non-root. It owns nothing here.
USER 1000:1000
EXPOSE 8000
# Alive, not ready: a database that is away is no reason to restart the service. /readyz tells about the database.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8000) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node.js is process 1 and gets SIGTERM itself.
CMD ["node", "dist/main.mjs"]

ARG REVISION=none
# Told by the metric bot_analytics_build_info.
ENV REVISION=${REVISION}
LABEL org.opencontainers.image.title="bot-analytics-api" \
      org.opencontainers.image.description="Self-hosted API for subscription-bot analytics" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="${REVISION}"
