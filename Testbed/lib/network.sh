# shellcheck shell=sh
# The wires: one namespace is the operator's side with a bridge, each node has its own, and nothing leads elsewhere.

operator_network_up() {
    ip netns exec "$OPERATOR_NETNS" true 2>/dev/null || ip netns add "$OPERATOR_NETNS"
    ip -n "$OPERATOR_NETNS" link show "$BRIDGE" >/dev/null 2>&1 && return
    ip -n "$OPERATOR_NETNS" link add "$BRIDGE" type bridge
    ip -n "$OPERATOR_NETNS" addr add "$OPERATOR_ADDRESS/$PREFIX_LENGTH" dev "$BRIDGE"
    ip -n "$OPERATOR_NETNS" link set "$BRIDGE" up
    ip -n "$OPERATOR_NETNS" link set lo up
}

operator_network_down() {
    ! ip netns list | grep -qw "^$OPERATOR_NETNS" || ip netns del "$OPERATOR_NETNS"
}

# A node gets a fresh namespace at each boot: a real host too forgets its firewall rules and bridges.
node_network_up() {
    netns=$(netns_of "$1")
    node_network_down "$1"
    ip netns add "$netns"
    ip -n "$OPERATOR_NETNS" link add "$1" type veth peer name eth0 netns "$netns"
    ip -n "$OPERATOR_NETNS" link set "$1" master "$BRIDGE"
    [ -e "$(node_dir "$1")/cut" ] || ip -n "$OPERATOR_NETNS" link set "$1" up
    # The same hardware address at each boot, as a host has: the neighbours' ARP caches stay right.
    ip -n "$netns" link set eth0 address "$(hardware_address_of "$1")"
    ip -n "$netns" addr add "$(address_of "$1")/$PREFIX_LENGTH" dev eth0
    ip -n "$netns" link set lo up
    ip -n "$netns" link set eth0 up
    # A cut cable leaves eth0 without a carrier, and the gateway then counts as unreachable without "onlink".
    ip -n "$netns" route add default via "$OPERATOR_ADDRESS" dev eth0 onlink
}

hardware_address_of() { printf '02:00:0a:10:28:%02x\n' "$(address_of "$1" | cut -d . -f 4)"; }

node_network_down() {
    # The link goes with either end, but a namespace may live on a little in a dying process: the wire goes first.
    ! ip -n "$OPERATOR_NETNS" link show "$1" >/dev/null 2>&1 || ip -n "$OPERATOR_NETNS" link del "$1"
    ! ip netns list | grep -qw "^$(netns_of "$1")" || ip netns del "$(netns_of "$1")"
}

cut_node() {
    : >"$(node_dir "$1")/cut"
    ip -n "$OPERATOR_NETNS" link set "$1" down
}

mend_node() {
    rm -f "$(node_dir "$1")/cut"
    ip -n "$OPERATOR_NETNS" link set "$1" up
}
