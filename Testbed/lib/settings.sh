# shellcheck shell=sh disable=SC2034
# What the testbed is made of: its nodes, its addresses, and where it keeps things.

# Everything built once, keyed by a digest of what it is made from; may be deleted while the testbed is down.
CACHE=${RECONCILER_TESTBED_CACHE:-/var/cache/reconciler-testbed}
# Disks, keys, saved states and pids; overlay upper directories need a real disk file system.
STATE=${RECONCILER_TESTBED_STATE:-/var/lib/reconciler-testbed}

SUITE=bookworm
NODES="mesos-master1 mesos-master2 mesos-master3 mesos-slave1 mesos-slave2 mesos-slave3"
# A seventh host, booted only when asked for: it has an engine with images and nothing of Mesos.
IMAGE_HOST=docker.alibaba.net
# The operator's side of the wire is also what the nodes take for their gateway; nothing is behind it.
OPERATOR_ADDRESS=10.16.41.254
PREFIX_LENGTH=23
NETMASK=255.255.254.0
# Namespaces are rtb-operator and rtb-NODE; bridge and links live inside rtb-operator only.
OPERATOR_NETNS=rtb-operator
BRIDGE=rtb-br0
CGROUP=rtb

BOOT_DEADLINE=${RECONCILER_TESTBED_BOOT_DEADLINE:-90}
POWEROFF_DEADLINE=${RECONCILER_TESTBED_POWEROFF_DEADLINE:-60}

address_of() {
    case $1 in
    mesos-master[1-3]) echo "10.16.40.${1#mesos-master}" ;;
    mesos-slave[1-3]) echo "10.16.40.1${1#mesos-slave}" ;;
    "$IMAGE_HOST") echo 10.16.40.21 ;;
    *) fail "no node is called $1; there are: $NODES $IMAGE_HOST" ;;
    esac
}

netns_of() { echo "rtb-$1"; }
# The operator's end of a node's wire; the kernel takes no more than 15 characters.
link_of() {
    case $1 in
    "$IMAGE_HOST") echo image-host ;;
    *) echo "$1" ;;
    esac
}
node_dir() { echo "$STATE/nodes/$1"; }
