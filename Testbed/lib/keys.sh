# shellcheck shell=sh
# The operator's ssh key and the nodes' host keys. They outlive every reset, so that known_hosts stays true.

keys_dir() { echo "$STATE/keys"; }
host_key() { echo "$STATE/keys/$1.host_ed25519_key"; }
ssh_config() { echo "$STATE/keys/ssh_config"; }

ensure_keys() {
    keys=$(keys_dir)
    mkdir -p "$keys"
    chmod 0700 "$keys"
    [ -e "$keys/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C operator@testbed -f "$keys/id_ed25519"
    for node in $NODES $IMAGE_HOST; do
        [ -e "$(host_key "$node")" ] || ssh-keygen -q -t ed25519 -N '' -C "$node" -f "$(host_key "$node")"
    done
    write_known_hosts >"$keys/known_hosts"
    write_ssh_config >"$(ssh_config)"
}

write_known_hosts() {
    for node in $NODES $IMAGE_HOST; do
        echo "$(address_of "$node"),$node $(public_host_key "$node")"
    done
}

public_host_key() { cut -d ' ' -f 1,2 "$(host_key "$1").pub"; }

write_ssh_config() {
    for node in $NODES $IMAGE_HOST; do
        printf 'Host %s\n    HostName %s\n\n' "$node" "$(address_of "$node")"
    done
    cat <<EOF
Host mesos-* $IMAGE_HOST 10.16.40.*
    User erichan
    IdentityFile $keys/id_ed25519
    IdentitiesOnly yes
    UserKnownHostsFile $keys/known_hosts
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    PasswordAuthentication no
    KbdInteractiveAuthentication no
    ForwardAgent no
EOF
}
