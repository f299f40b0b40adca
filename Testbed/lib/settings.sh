# shellcheck shell=sh disable=SC2034
# What the testbed is made of: its nodes, its addresses, and where it keeps things.

# Everything built once, keyed by a digest of what it is made from; may be deleted while the testbed is down.
CACHE=${RECONCILER_TESTBED_CACHE:-/var/cache/reconciler-testbed}
# Disks, keys, saved states and pids; overlay upper directories need a real disk file system.
STATE=${RECONCILER_TESTBED_STATE:-/var/lib/reconciler-testbed}

SUITE=bookworm
NODES="mesos-master1 mesos-master2 mesos-master3 mesos-slave1 mesos-slave2 mesos-slave3"
# The operator's side of the wire is also what the nodes take for their gateway; nothing is behind it.
OPERATOR_ADDRESS=10.16.41.254
PREFIX_LENGTH=23
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
    *) fail "no node is called $1; there are: $NODES" ;;
    esac
}

netns_of() { echo "rtb-$1"; }
node_dir() { echo "$STATE/nodes/$1"; }
