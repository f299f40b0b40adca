# shellcheck shell=sh
# Node disks: an overlay of the node's own upper directory over saved layers over the base image.
#
# nodes/NODE/layers and saved/NAME hold the lower layers, uppermost first, one a line: numbers of layers/, and last the
# base image. A saved state is a list of layers, so saving again under a name just points the name elsewhere.
#
# What an engine keeps (/var/lib/docker) is beside that, a plain directory of this machine: on an overlay it could only
# copy every layer whole. Of a saved state it is whole in the uppermost layer.

layers_of() { cat "$(node_dir "$1")/layers"; }

# The lowerdir= value for NODE.
lower_directories() {
    layers_of "$1" | while read -r layer; do
        case $layer in
        /*) echo "$layer" ;;
        *) echo "$STATE/layers/$layer/$1" ;;
        esac
    done | paste -s -d : -
}

# Throws the node's disk away and gives it an empty one over the layers listed in FILE (none: the base image).
fresh_disk() {
    dir=$(node_dir "$1")
    rm -rf "$dir/upper" "$dir/work" "$dir/cut" "$dir/docker" "$dir/images"
    mkdir -p "$dir/upper" "$dir/work" "$dir/root" "$dir/docker"
    if [ -n "${2:-}" ]; then
        cp "$2" "$dir/layers"
        engine=$STATE/layers/$(head -n 1 "$2")/$1.docker
        [ ! -d "$engine" ] || cp -a "$engine/." "$dir/docker/"
    else
        base_dir >"$dir/layers"
        write_identity "$1" "$dir/upper"
    fi
}

# What distinguishes a bare node from its neighbours: name, keys, machine id, and who may log in.
write_identity() {
    upper=$2
    mkdir -p "$upper/etc/ssh" "$upper/home/erichan/.ssh" "$upper/home/nopass/.ssh"
    chmod 0755 "$upper"
    echo "$1" >"$upper/etc/hostname"
    echo "$1" | md5sum | cut -c1-32 >"$upper/etc/machine-id"
    # The node's own name must resolve, or a Java daemon does not start. Its peers have addresses.
    cat >"$upper/etc/hosts" <<EOF
127.0.0.1	localhost
::1	localhost ip6-localhost ip6-loopback
ff02::1	ip6-allnodes
ff02::2	ip6-allrouters
$(address_of "$1")	$1
EOF
    cp "$(host_key "$1")" "$upper/etc/ssh/ssh_host_ed25519_key"
    cp "$(host_key "$1").pub" "$upper/etc/ssh/ssh_host_ed25519_key.pub"
    chmod 0600 "$upper/etc/ssh/ssh_host_ed25519_key"
    for user in erichan:1000 nopass:1001; do
        home=$upper/home/${user%:*}
        cp "$(keys_dir)/id_ed25519.pub" "$home/.ssh/authorized_keys"
        chmod 0700 "$home/.ssh"
        chmod 0600 "$home/.ssh/authorized_keys"
        chown -R "${user#*:}:${user#*:}" "$home"
    done
}

# Whether the node has a disk that still fits the base image of today.
has_disk() {
    dir=$(node_dir "$1")
    [ -d "$dir/upper" ] && [ -e "$dir/layers" ] && [ "$(tail -n 1 "$dir/layers")" = "$(base_dir)" ]
}

# Turns every node's upper directory into a layer and names the stack. The nodes must be off.
save_disks() {
    layer=$(next_layer)
    mkdir -p "$STATE/layers/$layer" "$STATE/saved"
    for node in $NODES; do
        mv "$(node_dir "$node")/upper" "$STATE/layers/$layer/$node"
        mv "$(node_dir "$node")/docker" "$STATE/layers/$layer/$node.docker"
    done
    { echo "$layer" && layers_of mesos-master1; } >"$STATE/saved/$1.new"
    mv "$STATE/saved/$1.new" "$STATE/saved/$1"
}

next_layer() {
    last=0
    for dir in "$STATE"/layers/*/; do
        [ -d "$dir" ] || continue
        number=${dir%/}
        number=${number##*/}
        [ "$number" -le "$last" ] || last=$number
    done
    echo $((last + 1))
}

# Deletes layers that neither a name nor a node refers to.
prune_layers() {
    for dir in "$STATE"/layers/*/; do
        [ -d "$dir" ] || continue
        number=${dir%/}
        number=${number##*/}
        cat "$STATE"/saved/* "$STATE"/nodes/*/layers 2>/dev/null | grep -qx "$number" || rm -rf "$dir"
    done
}

# Fails unless NAME is a saved state over the base image of today.
require_saved() {
    [ -e "$STATE/saved/$1" ] || fail "nothing is saved as $1 (testbed status lists what is)"
    [ "$(tail -n 1 "$STATE/saved/$1")" = "$(base_dir)" ] ||
        fail "$1 was saved over another base image; save it anew after testbed reset"
}
