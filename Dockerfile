# permdelta for a repository that is mounted at /repo:
#   docker build --tag permdelta .
#   docker run --rm --volume "$PWD:/repo:ro" permdelta check main...HEAD
FROM rust:1.95-slim-trixie AS build
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY rules rules
COPY sample-repo sample-repo
COPY src src
RUN cargo build --release --locked --bin permdelta

FROM debian:trixie-slim
# The mounted repository belongs to a user of the host, and git's libraries trust only their own user's.
RUN printf '[safe]\n\tdirectory = *\n' >/etc/gitconfig
COPY LICENSE-APACHE LICENSE-MIT /usr/local/share/doc/permdelta/
COPY --from=build /build/target/release/permdelta /usr/local/bin/permdelta
USER 65532:65532
WORKDIR /repo
ENTRYPOINT ["permdelta"]
