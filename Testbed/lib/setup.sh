# shellcheck shell=sh
# The Debian packages that the testbed itself needs on this machine.

SETUP_PACKAGES="systemd-container debootstrap iproute2 apt-utils dpkg-dev openssh-client tar procps util-linux
    libzookeeper-mt-dev gpg gpg-agent"

setup() {
    require_root
    require_programs apt-get dpkg-query
    lacking=
    for package in $SETUP_PACKAGES; do
        status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
        [ "$status" = installed ] || lacking="$lacking $package"
    done
    if [ -n "$lacking" ]; then
        say "installing:$lacking"
        apt-get update -q
        # shellcheck disable=SC2086 # a list of names
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $lacking
    else
        say "all packages are there"
    fi
    command -v swift >/dev/null 2>&1 || fail "no swift: the daemons in the nodes are built with a Swift 6.3 toolchain"
}
