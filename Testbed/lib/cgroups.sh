# shellcheck shell=sh
# Control groups: each node has a subtree of its own and sees it as the whole.
#
# Six systemds in one hierarchy would share /system.slice/NAME.service, and stopping a service on one node would wait for
# (or kill) the same service on the others. So a node's processes start in CGROUP/NODE of each version-1 hierarchy, and
# that subtree, not the machine's, is what the node gets to see and write under /sys/fs/cgroup.

CGROUP_ROOT=/sys/fs/cgroup

# The hierarchies mounted side by side (version 1 or hybrid); none where the machine has only version 2.
cgroup_hierarchies() {
    for procs in "$CGROUP_ROOT"/*/cgroup.procs; do
        [ ! -e "$procs" ] || [ -L "${procs%/cgroup.procs}" ] || echo "${procs%/cgroup.procs}"
    done
}

# Moves this process into the node's groups and lays out the node's view of them below VIEW.
# With version 2 alone nspawn gives the payload a writable subtree itself, and VIEW stays empty.
enter_node_cgroups() {
    view=$2
    if [ -e "$CGROUP_ROOT/cgroup.procs" ]; then
        mkdir -p "$CGROUP_ROOT/$CGROUP/$1"
        echo $$ >"$CGROUP_ROOT/$CGROUP/$1/cgroup.procs"
        return
    fi
    mkdir -p "$view"
    mount -t tmpfs -o mode=0755 tmpfs "$view"
    for hierarchy in $(cgroup_hierarchies); do
        group=$hierarchy/$CGROUP/$1
        mkdir -p "$group"
        ! [ -e "$group/cpuset.cpus" ] || inherit_cpuset "$hierarchy" "$1"
        echo $$ >"$group/cgroup.procs"
        # In the hierarchies that systemd manages, nspawn puts the node into a group "payload" beside its own.
        case ${hierarchy##*/} in systemd | unified) group=$group/payload && mkdir -p "$group" ;; esac
        mkdir "$view/${hierarchy##*/}"
        mount --bind "$group" "$view/${hierarchy##*/}"
    done
    # Joint controllers are reached by links, such as cpu -> cpu,cpuacct.
    for link in "$CGROUP_ROOT"/*; do
        [ ! -L "$link" ] || cp -P "$link" "$view/"
    done
}

# A new cpuset group has no processors until it is given some.
inherit_cpuset() {
    for cpuset in "$1/$CGROUP" "$1/$CGROUP/$2"; do
        cat "$1/cpuset.cpus" >"$cpuset/cpuset.cpus"
        cat "$1/cpuset.mems" >"$cpuset/cpuset.mems"
    done
}

# Removes the groups that a node left behind; they are empty once its processes are gone.
remove_node_cgroups() {
    for group in "$CGROUP_ROOT/$CGROUP/$1" "$CGROUP_ROOT"/*/"$CGROUP/$1"; do
        [ -d "$group" ] || continue
        find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || :
        rmdir "${group%/*}" 2>/dev/null || :
    done
}
