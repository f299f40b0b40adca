# shellcheck shell=sh
# Talking to whoever runs the testbed, and checking that it can run here at all.

say() { echo "testbed: $*" >&2; }

fail() {
    echo "testbed: $*" >&2
    exit 1
}

usage_error() {
    echo "testbed: $*" >&2
    echo "see: testbed help" >&2
    exit 64
}

# Seconds since boot, for deadlines that a changed clock cannot move.
uptime_seconds() {
    read -r up _ </proc/uptime
    echo "${up%%.*}"
}

# A digest of the files under the given paths (names, contents, modes), short enough for a file name.
digest_of() {
    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - "$@" | sha256sum | cut -c1-16
}

require_root() {
    [ "$(id -u)" = 0 ] || fail "must run as root: it mounts overlays and makes network namespaces"
}

require_programs() {
    missing=
    for program in "$@"; do
        command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
    done
    [ -z "$missing" ] || fail "not installed here:$missing (testbed setup installs what it needs)"
}

# Fails clearly where nodes cannot run, rather than half-way through a boot.
require_kernel() {
    ip netns exec "$OPERATOR_NETNS" true 2>/dev/null || {
        ip netns add rtb-probe 2>/dev/null || fail "network namespaces are not permitted here (ip netns add failed)"
        ip netns del rtb-probe
    }
    grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null ||
        fail "this kernel has no overlay file system"
    mkdir -p "$STATE"
    probe=$(mktemp -d "$STATE/probe.XXXXXX")
    mkdir "$probe/lower" "$probe/upper" "$probe/work" "$probe/root"
    if mount -t overlay overlay -o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" "$probe/root" 2>/dev/null; then
        umount "$probe/root"
        rm -rf "$probe"
    else
        rm -rf "$probe"
        fail "overlay mounts are not permitted here, or $STATE is itself on an overlay (set RECONCILER_TESTBED_STATE)"
    fi
}

require_testbed_tools() {
    require_root
    require_programs systemd-nspawn ip ssh ssh-keygen ssh-keyscan nsenter unshare setsid flock tar
}

# One command at a time may change the testbed; the others wait for it.
lock_testbed() {
    mkdir -p "$STATE"
    exec 9>"$STATE/lock"
    flock -n 9 && return
    say "waiting for another testbed command to finish"
    flock -w 600 9 || fail "another testbed command has held $STATE/lock for 600 s"
}
