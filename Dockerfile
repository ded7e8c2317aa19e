# The hub in a container: see docs/packages.md.
FROM denoland/deno:2.9.6 AS build
WORKDIR /src
COPY . .
RUN deno task compile

FROM debian:trixie-slim
# tini is process 1, which reaps what ssh leaves behind. The numbers are those that files on the
# machine outside must belong to.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates openssh-client tini \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 990 lmcp-hub \
  && useradd --uid 990 --gid 990 --home-dir /var/lib/lmcp-hub --shell /usr/sbin/nologin lmcp-hub \
  && install -d -m 0700 -o lmcp-hub -g lmcp-hub /var/lib/lmcp-hub /var/lib/lmcp-hub/.ssh /var/log/lmcp-hub \
  && install -d /etc/lmcp-hub
COPY --from=build /src/dist/lmcp-hub /usr/local/bin/lmcp-hub
COPY --chmod=0755 scripts/docker/is-healthy /usr/local/bin/is-healthy
# A port that is published leads to no loopback address, so callers need a token. ssh runs a
# ProxyCommand with this shell.
ENV LMCP_HOST=0.0.0.0 SHELL=/bin/sh
USER lmcp-hub
WORKDIR /var/lib/lmcp-hub
VOLUME ["/var/lib/lmcp-hub", "/var/log/lmcp-hub"]
EXPOSE 8090
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["is-healthy"]
ENTRYPOINT ["tini", "--", "lmcp-hub"]
