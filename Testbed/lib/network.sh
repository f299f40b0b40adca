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
    link=$(link_of "$1")
    ip -n "$OPERATOR_NETNS" link add "$link" type veth peer name eth0 netns "$netns"
    ip -n "$OPERATOR_NETNS" link set "$link" master "$BRIDGE"
    [ -e "$(node_dir "$1")/cut" ] || ip -n "$OPERATOR_NETNS" link set "$link" up
    # The same hardware address at each boot, as a host has: the neighbours' ARP caches stay right.
    ip -n "$netns" link set eth0 address "$(hardware_address_of "$1")"
}

# Whether the disk below ROOT was given a network configuration of its own.
has_own_network() { [ -e "$1/etc/testbed-network" ]; }

# own_network STACK NODE...: from a reboot on, which this does, their links are brought up by that stack.
own_network() {
    stack=$1
    shift
    for node in "$@"; do
        require_running "$node"
        in_node "$node" sh -s "$stack" "$(address_of "$node")" "$PREFIX_LENGTH" "$NETMASK" "$OPERATOR_ADDRESS" \
            <"$TESTBED/node/own-network" >"$(node_dir "$node")/network.log" 2>&1 || {
            tail -n 20 "$(node_dir "$node")/network.log" >&2
            fail "$stack could not be set up on $node"
        }
    done
    reboot "$@"
}

# What a host's own network configuration does, for nodes that have none.
node_address_up() {
    netns=$(netns_of "$1")
    ip -n "$netns" addr add "$(address_of "$1")/$PREFIX_LENGTH" dev eth0
    ip -n "$netns" link set lo up
    ip -n "$netns" link set eth0 up
    # A cut cable leaves eth0 without a carrier, and the gateway then counts as unreachable without "onlink".
    ip -n "$netns" route add default via "$OPERATOR_ADDRESS" dev eth0 onlink
}

hardware_address_of() { printf '02:00:0a:10:28:%02x\n' "$(address_of "$1" | cut -d . -f 4)"; }

node_network_down() {
    # The link goes with either end, but a namespace may live on a little in a dying process: the wire goes first.
    link=$(link_of "$1")
    ! ip -n "$OPERATOR_NETNS" link show "$link" >/dev/null 2>&1 || ip -n "$OPERATOR_NETNS" link del "$link"
    ! ip netns list | grep -qw "^$(netns_of "$1")" || ip netns del "$(netns_of "$1")"
}

cut_node() {
    : >"$(node_dir "$1")/cut"
    ip -n "$OPERATOR_NETNS" link set "$(link_of "$1")" down
}

mend_node() {
    rm -f "$(node_dir "$1")/cut"
    ip -n "$OPERATOR_NETNS" link set "$(link_of "$1")" up
}

# Limits what NODE, or "operator", sends to RATE as tc takes it (100mbit), until "off" or the next boot.
shape() {
    netns=$OPERATOR_NETNS device=$BRIDGE
    [ "$1" = operator ] || { netns=$(netns_of "$1") && device=eth0; }
    if [ "$2" = off ]; then
        ! tc -n "$netns" qdisc show dev "$device" | grep -q '^qdisc tbf' || tc -n "$netns" qdisc del dev "$device" root
    else
        # Room for what a timer tick of 4 ms lets pass at a gigabit.
        tc -n "$netns" qdisc replace dev "$device" root tbf rate "$2" burst 512kb latency 100ms ||
            fail "tc does not take the rate $2 (100mbit, say)"
    fi
}

# "SENT RECEIVED", bytes over the wire of NODE since it booted, or of "operator" since the testbed is up.
traffic() {
    if [ "$1" = operator ]; then
        # What the bridge itself sends and takes is the operator's; what it passes on between nodes is not in it.
        link_counters "$BRIDGE" tx_bytes rx_bytes
    else
        link_counters "$(link_of "$1")" rx_bytes tx_bytes
    fi
}

link_counters() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    ip netns exec "$OPERATOR_NETNS" sh -c 'read -r sent <"$1/$2" && read -r received <"$1/$3" && echo "$sent $received"' \
        sh "/sys/class/net/$1/statistics" "$2" "$3"
}
