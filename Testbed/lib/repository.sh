# shellcheck shell=sh
# The local apt repository that nodes install from: Debian's packages and their dependencies, and the testbed's own.

REPOSITORY_PACKAGES="zookeeper zookeeperd default-jre-headless haproxy docker.io iptables busybox-static netcat-openbsd lsb-release
    libzookeeper-mt2 docker-registry nginx ifupdown libfaketime git libyaml-0-2"

repository_dir() { echo "$STATE/repository"; }

debian_pool_dir() {
    # shellcheck disable=SC2086 # a list of names
    list=$(echo $REPOSITORY_PACKAGES | sha256sum | cut -c1-8)
    echo "$CACHE/debian-$SUITE-$(base_digest)-$list"
}

# Lies beside the repository, and is likewise bind-mounted into the nodes.
runtime_dir() { echo "$STATE/swift-runtime"; }

own_pool_dir() {
    echo "$CACHE/own-$(cd "$TESTBED/.." && digest_of Testbed/packages Testbed/Package.swift Testbed/Sources \
        Testbed/lib/packages.sh Package.swift Sources/Daemons Sources/Serving)"
}

# Downloads what apt would install on a bare node for REPOSITORY_PACKAGES. The machine's own apt is only asked where
# Debian is; lists, cache and the dpkg status all belong to the base image.
ensure_debian_pool() {
    pool=$(debian_pool_dir)
    [ ! -d "$pool" ] || return 0
    say "downloading Debian's packages for the nodes (once)"
    apt=$CACHE/apt
    rm -rf "$apt" "$pool.partial"
    mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/etc/parts" "$pool.partial"
    sources=$(debian_sources)
    [ -n "$sources" ] || sources="$(debian_mirror) $SUITE main"
    echo "$sources" | sed 's|^|deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] |' >"$apt/etc/sources.list"
    node_apt update >"$CACHE/apt.log" 2>&1 || fail "apt-get update failed; see $CACHE/apt.log"
    # shellcheck disable=SC2086 # a list of names
    node_apt install -y --download-only --no-install-recommends $REPOSITORY_PACKAGES >>"$CACHE/apt.log" 2>&1 ||
        fail "downloading packages failed; see $CACHE/apt.log"
    mv "$apt"/archives/*.deb "$pool.partial/"
    mv "$pool.partial" "$pool"
    rm -rf "$apt"
}

node_apt() {
    apt-get -q -o Dir::State::lists="$apt/lists" -o Dir::State::status="$(base_dir)/var/lib/dpkg/status" \
        -o Dir::Cache="$apt" -o Dir::Etc::sourcelist="$apt/etc/sources.list" -o Dir::Etc::sourceparts="$apt/etc/parts" \
        -o Dir::Etc::preferencesparts="$apt/etc/parts" -o APT::Sandbox::User=root -o Acquire::Languages=none "$@"
}

# Puts the current packages in place. The directory stays the same one, since running nodes have it bind-mounted.
ensure_repository() {
    ensure_debian_pool
    ensure_own_pool
    repository=$(repository_dir)
    stamp="$(debian_pool_dir) $(own_pool_dir)"
    [ "$(cat "$repository/.stamp" 2>/dev/null)" != "$stamp" ] || return 0
    say "indexing the nodes' package repository"
    mkdir -p "$repository"
    rm -f "$repository"/*.deb "$repository/.stamp"
    cp "$(debian_pool_dir)"/*.deb "$(own_pool_dir)"/*.deb "$repository/"
    mkdir -p "$(runtime_dir)"
    # Running daemons have the old files mapped: new ones take their names, not their content.
    cp --remove-destination "$(own_pool_dir)"/swift-runtime/* "$(runtime_dir)/"
    index_repository "$repository"
    echo "$stamp" >"$repository/.stamp"
}

# Without a Release file apt would look for Packages under a dozen other names, and complain about each.
index_repository() (
    cd "$1" || exit
    rm -f Release
    apt-ftparchive packages . >"$CACHE/Packages"
    mv "$CACHE/Packages" Packages
    apt-ftparchive release . >"$CACHE/Release"
    mv "$CACHE/Release" Release
)
