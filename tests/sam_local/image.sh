#!/usr/bin/env bash
# image.sh FOLDER NAME: an image that stands for AWS's: this machine's Python 3.13 and Lambda's runtime client.
set -euo pipefail
W=$1 R=$1/rootfs
PY=$(python3.13 -c 'import sys; print(sys.base_prefix)')
rm -rf "$R" && mkdir -p "$R"/{bin,usr/bin,lib64,lib/x86_64-linux-gnu,var/lang,var/runtime,var/task,var/rapid,opt,tmp,etc}

busybox=$W/root/bin/busybox
[ -x "$busybox" ] || busybox=$W/root/usr/bin/busybox
cp "$busybox" "$R/bin/busybox"
for name in sh mv chmod cp rm mkdir cat ls env; do ln -sf busybox "$R/bin/$name"; done

(cd "$PY" && tar cf - --exclude=__pycache__ --exclude=lib/python3.13/test --exclude='config-3.13*' --exclude=tkinter \
    --exclude='_tkinter*' --exclude=idlelib bin lib) | tar xf - -C "$R/var/lang"
"$PY/bin/python3.13" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --upgrade --require-hashes \
    --target "$R/var/lang/lib/python3.13/site-packages" -r requirements/sam-local.txt
find "$R/var/lang" \( -name '*.so' -o -name 'python3.13' -type f \) -exec ldd {} + 2>/dev/null |
    awk '/=> \/(lib|usr)/ {print $3} /^\t\/lib64/ {print $1}' | sort -u |
    while read -r library; do mkdir -p "$R$(dirname "$library")" && cp -L "$library" "$R$library"; done
# The wheels of the layer want these.
cp -L /lib/x86_64-linux-gnu/{librt.so.1,libpthread.so.0,libdl.so.2,libutil.so.1,libgcc_s.so.1} "$R/lib/x86_64-linux-gnu/"

cat >"$R/var/runtime/bootstrap" <<'BOOTSTRAP'
#!/bin/sh
export AWS_EXECUTION_ENV=AWS_Lambda_python3.13
export PYTHONPATH=/opt/python/lib/python3.13/site-packages:/opt/python:/var/runtime
exec /var/lang/bin/python3.13 -m awslambdaric "$_HANDLER"
BOOTSTRAP
chmod +x "$R/var/runtime/bootstrap"
cat >"$W/Dockerfile" <<'DOCKERFILE'
FROM scratch
COPY rootfs/ /
ENV LANG=C.UTF-8 PATH=/var/lang/bin:/bin:/usr/bin LD_LIBRARY_PATH=/var/lang/lib:/opt/lib LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime
WORKDIR /var/task
ENTRYPOINT ["/var/runtime/bootstrap"]
DOCKERFILE
printf '*\n!rootfs\n' >"$W/.dockerignore"
docker build --quiet --tag "$2" "$W" >/dev/null
