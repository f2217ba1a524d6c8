#!/usr/bin/env bash
# `make sam-local`: each function in a container, by the real `sam local invoke`, against the local stack.
# Where Docker runs it is used. Else, as root on Debian, Docker's engine is unpacked and not installed: it and the local
# stack live in a network namespace of their own, and everything lies under .local/sam-local.
set -euo pipefail
cd "$(dirname "$0")/../.."
W=$PWD/.local/sam-local
IMAGE=public.ecr.aws/lambda/python:3.13-x86_64
unset AWS_CA_BUNDLE

skip() { echo "SKIPPED: make sam-local: $1"; exit 0; }

if docker version >/dev/null 2>&1; then
    IN=
    docker image inspect $IMAGE >/dev/null 2>&1 || docker pull --quiet $IMAGE
else
    [ "$(id -u)" = 0 ] || skip "Docker is not running, and only root can start one here."
    command -v apt-get dpkg-deb unshare nsenter ip >/dev/null || skip "Docker is not running, and this is no Debian."
    [ "$(dpkg --print-architecture)" = amd64 ] || skip "Docker is not running, and the stand-in image is for x86-64 only."
    unshare -n true 2>/dev/null || skip "Docker is not running, and a network namespace cannot be made here."
fi

STACK='' DOCKERD=''
stop() {
    [ -z "$STACK" ] || { kill -TERM "$STACK" && wait "$STACK"; } 2>/dev/null || true
    [ -z "$DOCKERD" ] || { kill "$DOCKERD" && wait "$DOCKERD"; } 2>/dev/null || true
}
trap stop EXIT

if [ -z "${IN+set}" ]; then
    mkdir -p "$W"/{debs,data,exec,run}
    if [ ! -x "$W/root/usr/sbin/dockerd" ]; then
        (cd "$W/debs" && apt-get download -q docker.io containerd runc iptables busybox-static libnftnl11 libip4tc2 libip6tc2 \
            libxtables12 libmnl0 libnfnetlink0 libnetfilter-conntrack3 >/dev/null 2>&1) || skip "Debian's docker.io cannot be fetched."
        for package in "$W"/debs/*.deb; do dpkg-deb -x "$package" "$W/root"; done
    fi
    export PATH=$W/root/usr/bin:$W/root/usr/sbin:$PATH DOCKER_HOST=unix://$W/run/docker.sock
    # The bridge needs no iptables: nothing goes out, and the relay listens on the bridge itself.
    LD_LIBRARY_PATH=$W/root/usr/lib/x86_64-linux-gnu unshare -n sh -c "ip link set lo up && exec dockerd --data-root $W/data \
        --exec-root $W/exec --pidfile $W/run/docker.pid -H $DOCKER_HOST --iptables=false --ip6tables=false --bip 172.30.0.1/24" \
        >"$W/run/dockerd.log" 2>&1 &
    DOCKERD=$!
    for _ in $(seq 120); do docker version >/dev/null 2>&1 && break; sleep 0.5; done
    docker version >/dev/null 2>&1 || skip "Docker's engine does not start here; why stands in $W/run/dockerd.log."
    IN="nsenter -t $(cat "$W/run/docker.pid") -n"
    docker image inspect $IMAGE >/dev/null 2>&1 || tests/sam_local/image.sh "$W" "$IMAGE"
fi

$IN .venv/bin/python -m jbplus_local >.local/sam-local.log 2>&1 &
STACK=$!
for _ in $(seq 360); do [ -f .local/endpoints.json ] || ! kill -0 $STACK 2>/dev/null || { sleep 0.5; continue; }; break; done
[ -f .local/endpoints.json ] || { cat .local/sam-local.log; exit 1; }
$IN .venv/bin/pytest -q tests/sam_local/every_function.py "$@"
