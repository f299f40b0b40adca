# shellcheck shell=sh
# The testbed's own mesos and marathon packages: the layout of the real ones around the lab's daemons (../Sources/Daemons).

ensure_own_pool() {
    pool=$(own_pool_dir)
    [ ! -d "$pool" ] || return 0
    require_programs swift dpkg-deb
    say "building the mesos and marathon packages"
    build_daemons
    rm -rf "$pool.partial"
    copy_swift_runtime "$pool.partial/swift-runtime"
    for tree in "$TESTBED"/packages/*/; do
        for release in $(releases_of "${tree%/}"); do
            build_package "${tree%/}" "$release" "$pool.partial"
        done
    done
    # Only the newest is worth keeping; these are quickly made.
    rm -rf "$CACHE"/own-????????????????
    mv "$pool.partial" "$pool"
}

build_daemons() {
    mkdir -p "$CACHE"
    daemons=$(built_daemons)
    compile_daemons >"$CACHE/swift-build.log" 2>&1 || {
        tail -n 40 "$CACHE/swift-build.log" >&2
        fail "swift build failed; see $CACHE/swift-build.log"
    }
}

compile_daemons() { testbed_swift build; }

# testbed_swift VERB OPTIONS...: works in the root package's scratch path, on its debug build: what both need is compiled
# once, whichever is built first, given the same versions of what they depend on. The plan that SwiftPM keeps there does
# not say whose it is, and would be taken for the other's: it is thrown away, which costs the next build a second.
testbed_swift() (
    root=$(readlink -f "$TESTBED/..")
    ! [ -e "$root/Package.resolved" ] || cp "$root/Package.resolved" "$TESTBED/Package.resolved"
    trap 'rm -f "$root/.build/debug.yaml"' EXIT INT TERM
    rm -f "$root/.build/debug.yaml"
    verb=$1
    shift
    swift "$verb" --package-path "$TESTBED" --scratch-path "$root/.build" "$@"
)

built_daemons() { echo "$(readlink -f "$TESTBED/..")/.build/debug"; }

# What the daemons are linked with of the Swift toolchain; the nodes have it in /usr/lib/swift/linux.
copy_swift_runtime() {
    mkdir -p "$1"
    for product in mesos-master mesos-agent marathon; do
        ldd "$daemons/$product"
    done | awk '$3 ~ /\/lib\/swift\// { print $3 }' | sort -u | xargs cp -t "$1"
}

# The release that TREE is of, and those that are made of it by writing another number in its place: DEBIAN/releases.
releases_of() {
    written_release "$1"
    [ ! -e "$1/DEBIAN/releases" ] || cat "$1/DEBIAN/releases"
}

# 1.11.0 of "Version: 1.11.0-2.0.1".
written_release() { sed -n 's/^Version: \([0-9.]*\).*/\1/p' "$1/DEBIAN/control"; }

# TREE is a directory of packages/: DEBIAN/ and the files as installed. Its file DEBIAN/daemons, one "PRODUCT PATH" a
# line, says where the built programs go, DEBIAN/links likewise "TARGET PATH"; neither is part of the package.
build_package() {
    tree=$1
    staging=$(mktemp -d)
    cp -R --no-preserve=ownership "$tree/." "$staging/"
    find "$staging" -type d -exec chmod 0755 {} +
    rm -f "$staging/DEBIAN/daemons" "$staging/DEBIAN/links" "$staging/DEBIAN/releases"
    written=$(written_release "$tree")
    # shellcheck disable=SC2046 # paths without spaces
    [ "$2" = "$written" ] || sed -i "s/$(echo "$written" | sed 's/[.]/[.]/g')/$2/g" $(grep -rlF "$written" "$staging")
    while read -r product path; do
        install -D -m 0755 --strip "$daemons/$product" "$staging$path"
    done <"$tree/DEBIAN/daemons"
    [ ! -e "$tree/DEBIAN/links" ] || while read -r target path; do
        mkdir -p "$(dirname "$staging$path")"
        ln -s "$target" "$staging$path"
    done <"$tree/DEBIAN/links"
    find "$staging" -type f ! -perm /0111 -exec chmod 0644 {} +
    dpkg-deb --root-owner-group -Zgzip -z1 --build "$staging" "$3" >/dev/null
    rm -rf "$staging"
}
