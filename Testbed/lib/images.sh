# shellcheck shell=sh
# The image host: a seventh Debian with a Docker engine and the images that the walkthrough takes from elsewhere.

# What its images are made from; another digest makes them anew.
image_host_digest() { echo "$(base_dir) $(debian_pool_dir) $(cd "$TESTBED" && digest_of image-host lib/images.sh)"; }

image_host() {
    case $1 in
    up)
        prepare
        image_host_up
        ;;
    down)
        require_testbed_tools
        lock_testbed
        shut_down_nodes "$IMAGE_HOST"
        ;;
    reset)
        prepare
        kill_nodes "$IMAGE_HOST"
        fresh_disk "$IMAGE_HOST"
        image_host_up
        ;;
    *) usage_error "usage: testbed image-host up|down|reset" ;;
    esac
}

# Needs `prepare`.
image_host_up() {
    if is_running "$IMAGE_HOST"; then
        await_sshd "$IMAGE_HOST"
    else
        # What was made of an older base or older scripts is not worth keeping.
        { has_disk "$IMAGE_HOST" && has_images; } || fresh_disk "$IMAGE_HOST"
        start_nodes "$IMAGE_HOST"
    fi
    has_images || make_images
}

has_images() { [ "$(cat "$(node_dir "$IMAGE_HOST")/images" 2>/dev/null)" = "$(image_host_digest)" ]; }

make_images() {
    say "installing the engine and making the images of $IMAGE_HOST (half a minute)"
    log=$(node_dir "$IMAGE_HOST")/images.log
    {
        in_node "$IMAGE_HOST" sh -s <"$TESTBED/image-host/install" &&
            ubuntu_base_root | in_node "$IMAGE_HOST" docker import - feuyeux/ubuntu-base &&
            in_node "$IMAGE_HOST" sh -s <"$TESTBED/image-host/make-ubuntu" &&
            in_node "$IMAGE_HOST" sh -s <"$TESTBED/image-host/serve"
    } >"$log" 2>&1 </dev/null || {
        tail -n 20 "$log" >&2
        fail "the images of $IMAGE_HOST could not be made; see $log"
    }
    image_host_digest >"$(node_dir "$IMAGE_HOST")/images"
}

# An archive of a Debian that apt can install nginx in, with no network: the base image without what a container has no
# use for, and with the packages inside.
ubuntu_base_root() (
    staging=$(mktemp -d)
    trap 'rm -rf "$staging"' EXIT
    mkdir -p "$staging/srv/repo" "$staging/usr/sbin"
    for package in $(packages_for nginx); do
        cp "$(repository_dir)/${package}_"*.deb "$staging/srv/repo/"
    done
    index_repository "$staging/srv/repo"
    # No service is started by being installed in an image.
    printf '#!/bin/sh\nexit 101\n' >"$staging/usr/sbin/policy-rc.d"
    chmod 0755 "$staging/usr/sbin/policy-rc.d" "$staging"
    # Docker takes no archive with a path twice, directories included: from the second place come files alone.
    # shellcheck disable=SC2046 # paths without spaces
    tar -c --numeric-owner --anchored --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale \
        --exclude=./usr/share/info --exclude=./usr/lib/systemd --exclude=./usr/lib/udev --exclude=./var/cache/debconf/\*-old \
        --exclude=./var/lib/dpkg/status-old --exclude=./var/log/\*.log \
        -C "$(base_dir)" . -C "$staging" $(cd "$staging" && find . -type f)
)

# The packages that apt would install in a bare node with those given.
packages_for() {
    in_node "$IMAGE_HOST" apt-get -s install --no-install-recommends "$@" | sed -n 's/^Inst \([^ ]*\) .*/\1/p'
}

# image NAME MIB: an image of so much on the image host, half random, half text. Its upper layer of 1 MiB is another one
# each time, the rest stays the same.
image() {
    case $2 in
    '' | *[!0-9]*) usage_error "usage: testbed image NAME MIB" ;;
    esac
    require_testbed_tools
    require_running "$IMAGE_HOST"
    in_node "$IMAGE_HOST" sh -s "$1" "$2" <"$TESTBED/image-host/make-image"
}
