# shellcheck shell=sh
# The testbed's own mesos and marathon packages: the layout of the real ones around daemons built from Sources/.

ensure_own_pool() {
    pool=$(own_pool_dir)
    [ ! -d "$pool" ] || return 0
    require_programs swift dpkg-deb
    say "building the mesos and marathon packages"
    build_daemons
    rm -rf "$pool.partial"
    mkdir -p "$pool.partial"
    for tree in "$TESTBED"/packages/*/; do
        build_package "${tree%/}" "$pool.partial"
    done
    # Only the newest is worth keeping; these are quickly made.
    rm -rf "$CACHE"/own-????????????????
    mv "$pool.partial" "$pool"
}

build_daemons() {
    mkdir -p "$CACHE"
    swift build --package-path "$TESTBED" --scratch-path "$TESTBED/.build" -c release --static-swift-stdlib \
        -Xlinker -s >"$CACHE/swift-build.log" 2>&1 || {
        tail -n 40 "$CACHE/swift-build.log" >&2
        fail "swift build failed; see $CACHE/swift-build.log"
    }
    daemons=$TESTBED/.build/release
}

# TREE is a directory of packages/: DEBIAN/ and the files as installed. Its file DEBIAN/daemons, one "PRODUCT PATH" a
# line, says where the built programs go, DEBIAN/links likewise "TARGET PATH"; neither is part of the package.
build_package() {
    tree=$1
    staging=$(mktemp -d)
    cp -R --no-preserve=ownership "$tree/." "$staging/"
    find "$staging" -type d -exec chmod 0755 {} +
    rm -f "$staging/DEBIAN/daemons" "$staging/DEBIAN/links"
    while read -r product path; do
        install -D -m 0755 "$daemons/$product" "$staging$path"
    done <"$tree/DEBIAN/daemons"
    [ ! -e "$tree/DEBIAN/links" ] || while read -r target path; do
        mkdir -p "$(dirname "$staging$path")"
        ln -s "$target" "$staging$path"
    done <"$tree/DEBIAN/links"
    find "$staging" -type f ! -perm /0111 -exec chmod 0644 {} +
    dpkg-deb --root-owner-group -Zgzip -z1 --build "$staging" "$2" >/dev/null
    rm -rf "$staging"
}
