# shellcheck shell=sh
# The base image: a minimal Debian with systemd and sshd, the lowest layer of every node's disk.

BASE_PACKAGES="systemd systemd-sysv dbus openssh-server sudo curl ca-certificates cron procps iproute2"
# Units that a node has no use for, or that would only spend time at boot.
BASE_MASKED="apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer dpkg-db-backup.timer
    console-getty.service getty@.service systemd-firstboot.service systemd-pcrphase.service"

base_digest() { (cd "$TESTBED" && digest_of base lib/base.sh); }
base_dir() { echo "$CACHE/base-$SUITE-$(base_digest)"; }

# The Debian mirror this machine is configured with, as "URI SUITE COMPONENT" lines.
debian_sources() {
    # shellcheck disable=SC2016 # apt expands these
    apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Identifier: Packages' 'Origin: Debian' |
        awk -v suite="$SUITE" '$3 == "main" && index($2, suite) == 1' | sort -u
}

debian_mirror() {
    mirror=$(debian_sources | awk -v suite="$SUITE" '$2 == suite { print $1; exit }')
    echo "${mirror:-http://deb.debian.org/debian/}"
}

ensure_base() {
    base=$(base_dir)
    [ ! -e "$base/etc/debian_version" ] || return 0
    require_programs debootstrap
    say "building the base image with debootstrap (once; about a minute)"
    mkdir -p "$CACHE"
    rm -rf "$base.partial"
    debootstrap --variant=minbase --include="$(echo "$BASE_PACKAGES" | tr ' ' ',')" \
        "$SUITE" "$base.partial" "$(debian_mirror)" >"$CACHE/debootstrap.log" 2>&1 ||
        fail "debootstrap failed; see $CACHE/debootstrap.log"
    configure_base "$base.partial"
    mv "$base.partial" "$base"
}

configure_base() {
    root=$1
    cp -R --no-preserve=ownership,mode "$TESTBED/base/." "$root/"
    chmod 0440 "$root"/etc/sudoers.d/*
    # erichan may do everything; nopass may too, but sudo asks it for a password that nobody types.
    # "*" instead of "!": without PAM, sshd takes "!" for a locked account and refuses the key as well.
    chroot "$root" useradd --create-home --shell /bin/bash --uid 1000 --password '*' erichan
    chroot "$root" useradd --create-home --shell /bin/bash --uid 1001 --groups sudo \
        --password "\$6\$testbed\$$(printf '%086d' 0)" nopass
    # Per node: host keys and machine id come with the node's own disk.
    rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/machine-id" "$root/var/lib/dbus/machine-id"
    # No name server exists; an empty file makes a lookup fail at once.
    : >"$root/etc/resolv.conf"
    : >"$root/etc/hosts"
    mkdir -p "$root/var/log/journal" "$root/srv/repo"
    for unit in $BASE_MASKED; do
        ln -sf /dev/null "$root/etc/systemd/system/$unit"
    done
    # apt keeps a link to an index reached by file:, so that this stays right when the repository changes.
    rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb
    mkdir -p "$root/var/lib/apt/lists/partial"
    chroot "$root" chown _apt "/var/lib/apt/lists/partial"
    ln -s /srv/repo/./Packages "$root/var/lib/apt/lists/_srv_repo_._Packages"
}
