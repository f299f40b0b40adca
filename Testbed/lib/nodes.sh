# shellcheck shell=sh
# Node life: a supervisor process per node boots it, boots it again when it reboots, and cleans up when it goes off.

# The supervisor's pid, if it lives. Start time is kept beside the pid, since pids are used again.
supervisor_of() {
    file=$(node_dir "$1")/supervisor
    [ -e "$file" ] || return 1
    read -r pid started <"$file" || return 1
    [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] || return 1
    echo "$pid"
}

# Field 22 of /proc/PID/stat; the name in field 2 may hold spaces, so cut after it.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

is_running() { supervisor_of "$1" >/dev/null; }

# The node's PID 1 as this machine sees it: supervisor -> nspawn -> init.
init_of() {
    supervisor=$(supervisor_of "$1") || return 1
    nspawn=$(pgrep -P "$supervisor" -x systemd-nspawn) || return 1
    pgrep -P "$nspawn"
}

require_running() {
    address_of "$1" >/dev/null
    is_running "$1" || fail "$1 is off (testbed poweron $1, or testbed up)"
}

start_node() {
    is_running "$1" && return
    dir=$(node_dir "$1")
    mkdir -p "$dir"
    : >"$dir/console.log"
    setsid "$TESTBED/testbed" supervise "$1" </dev/null >>"$dir/console.log" 2>&1 9>&- &
    # The file appears with the supervisor; whoever looks right after must not find the node off.
    echo "$! $(start_time $!)" >"$dir/supervisor"
}

# Internal: runs a node until it is off for good.
supervise_node() {
    while :; do
        node_network_up "$1"
        status=0
        unshare --mount --propagation private "$TESTBED/testbed" boot "$1" || status=$?
        node_network_down "$1"
        remove_node_cgroups "$1"
        # nspawn's way to say that the node asked for a reboot, where it was told to keep its unit.
        [ "$status" = 133 ] || break
        say "$1 reboots"
    done
    rm -f "$(node_dir "$1")/supervisor"
}

# Internal: boots NODE, in a mount namespace of its own, so that its mounts end with it.
boot_node() {
    dir=$(node_dir "$1")
    # Nothing need survive a crash of this machine, so let no package installation wait for the disk ("volatile");
    # a disk that was not unmounted then carries a mark, which only such a crash would justify.
    rm -rf "$dir/work/work/incompat"
    # Without redirect_dir a directory of a lower layer cannot be renamed ("invalid cross-device link"), as any disk allows.
    mkdir -p "$dir/docker"
    mount -t overlay overlay -o "volatile,redirect_dir=on,lowerdir=$(lower_directories "$1"),upperdir=$dir/upper,workdir=$dir/work" \
        "$dir/root"
    has_own_network "$dir/root" || node_address_up "$1"
    view=/run/rtb-cgroup
    enter_node_cgroups "$1" "$view"
    served=
    [ "$1" != "$IMAGE_HOST" ] || served=$(signed_dir)
    set -- systemd-nspawn --quiet --directory="$dir/root" --machine="$1" --hostname="$1" --boot \
        --register=no --keep-unit --console=read-only --resolv-conf=off --timezone=off --link-journal=no \
        --capability=CAP_NET_ADMIN --system-call-filter="add_key keyctl bpf" \
        --bind="$dir/docker:/var/lib/docker" \
        --bind-ro="$(repository_dir):/srv/repo" --bind-ro="$(runtime_dir):/usr/lib/swift/linux" \
        --network-namespace-path="/run/netns/$(netns_of "$1")"
    [ -z "$served" ] || set -- "$@" --bind-ro="$served:/srv/signed"
    ! mountpoint -q "$view" || set -- "$@" --bind="$view:/sys/fs/cgroup"
    export SYSTEMD_NSPAWN_API_VFS_WRITABLE=1
    exec "$@"
}

# Waits until sshd answers with the expected host key on all NODES given, or fails at the deadline.
await_sshd() {
    deadline=$(($(uptime_seconds) + BOOT_DEADLINE))
    waiting=$*
    while [ -n "$waiting" ]; do
        # shellcheck disable=SC2086 # a list of names
        waiting=$(nodes_without_sshd $waiting)
        for node in $waiting; do
            is_running "$node" || fail "$node went off while booting; see $(node_dir "$node")/console.log"
            [ ! -e "$(node_dir "$node")/cut" ] || fail "$node runs, but its cable is cut (testbed mend $node)"
        done
        [ -n "$waiting" ] || return 0
        [ "$(uptime_seconds)" -lt "$deadline" ] ||
            fail "sshd did not answer within $BOOT_DEADLINE s on: $waiting (see nodes/NODE/console.log in $STATE)"
        sleep 0.2
    done
}

nodes_without_sshd() {
    addresses=
    for node in "$@"; do
        addresses="$addresses $(address_of "$node")"
    done
    # shellcheck disable=SC2086 # a list of addresses
    answers=$(ip netns exec "$OPERATOR_NETNS" ssh-keyscan -T 2 -t ed25519 $addresses 2>/dev/null) || :
    for node in "$@"; do
        echo "$answers" | grep -qxF "$(address_of "$node") $(public_host_key "$node")" || printf '%s ' "$node"
    done
}

start_nodes() {
    for node in "$@"; do
        start_node "$node"
    done
    say "waiting for sshd on: $*"
    await_sshd "$@"
}

# A dead host: no process of it gets to run again. Returns when its wire and groups are gone.
kill_nodes() {
    for node in "$@"; do
        init=$(init_of "$node") || continue
        kill -KILL "$init" 2>/dev/null || :
    done
    await_off "$@"
}

# A proper shutdown, services first.
shut_down_nodes() {
    for node in "$@"; do
        is_running "$node" || continue
        in_node "$node" systemctl poweroff --no-wall 2>/dev/null || :
    done
    await_off "$@"
}

await_off() {
    deadline=$(($(uptime_seconds) + POWEROFF_DEADLINE))
    for node in "$@"; do
        while is_running "$node"; do
            [ "$(uptime_seconds)" -lt "$deadline" ] || fail "$node is not off after $POWEROFF_DEADLINE s"
            sleep 0.1
        done
    done
}

# Runs a command as root inside a node, with an environment of the node's and the caller's standard streams.
in_node() {
    node=$1
    shift
    init=$(init_of "$node") || fail "$node is off or only just starting"
    nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup --root --wdns=/root -- \
        /usr/bin/env -i HOME=/root USER=root LOGNAME=root SHELL=/bin/bash LANG=C.UTF-8 TERM="${TERM:-dumb}" \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
