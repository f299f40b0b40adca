# shellcheck shell=sh
# What the image host serves on port 80: the nodes' repository as one of Debian's form, signed with a key of the testbed's
# own (/debian), and the same signed with another (/foreign).

signed_dir() { echo "$STATE/signed"; }
signing_key() { echo "$STATE/keys/$1.gpg"; }

# Keys outlive every reset, as the ssh keys do.
ensure_signing_keys() {
    mkdir -p "$STATE/keys"
    chmod 0700 "$STATE/keys"
    for name in packages foreign; do
        [ -e "$(signing_key "$name")" ] || with_gpg make_signing_key "$name"
    done
}

# Runs a function with a gpg of its own, which leaves neither home directory nor agent behind.
with_gpg() (
    require_programs gpg gpgconf
    # gpg's sockets have short names, wherever the state is.
    GNUPGHOME=$(mktemp -d /tmp/rtb-gpg.XXXXXX)
    export GNUPGHOME
    trap 'gpgconf --kill all; rm -rf "$GNUPGHOME"' EXIT
    "$@"
)

make_signing_key() {
    gpg --batch --quiet --passphrase '' --quick-generate-key "testbed $1 <$1@testbed>" rsa3072 sign never 2>/dev/null
    gpg --batch --armor --export >"$(signing_key "$1").asc"
    gpg --batch --export-secret-keys >"$(signing_key "$1").new"
    chmod 0600 "$(signing_key "$1").new"
    mv "$(signing_key "$1").new" "$(signing_key "$1")"
}

fingerprint_of() { with_gpg show_fingerprint "$1"; }
show_fingerprint() { gpg --batch --with-colons --show-keys "$(signing_key "$1").asc" 2>/dev/null | awk -F : '$1 == "fpr" { print $10; exit }'; }

# Follows the nodes' repository. The directory stays the same one, since the image host has it bind-mounted.
ensure_signed() {
    ensure_signing_keys
    signed=$(signed_dir)
    stamp="$(cat "$(repository_dir)/.stamp") $(cat "$(signing_key packages).asc" "$(signing_key foreign).asc" | sha256sum)"
    [ "$(cat "$signed/.stamp" 2>/dev/null)" != "$stamp" ] || return 0
    mkdir -p "$signed"
    for name in debian foreign; do
        lay_out_suite "$signed/$name"
    done
    with_gpg sign_suite packages "$signed/debian"
    with_gpg sign_suite foreign "$signed/foreign"
    echo "$stamp" >"$signed/.stamp"
}

lay_out_suite() {
    index=$1/dists/$SUITE/main/binary-amd64
    rm -rf "$1"
    mkdir -p "$index"
    # As the image host sees it.
    ln -s /srv/repo "$1/pool"
    sed 's|^Filename: \./|Filename: pool/|' "$(repository_dir)/Packages" >"$index/Packages"
    gzip -9 --keep --no-name "$index/Packages"
    (
        cd "$1/dists/$SUITE" || exit
        option=APT::FTPArchive::Release
        apt-ftparchive -o "$option::Origin=testbed" -o "$option::Label=testbed" -o "$option::Suite=$SUITE" \
            -o "$option::Codename=$SUITE" -o "$option::Architectures=amd64" -o "$option::Components=main" release . >../Release
        mv ../Release Release
    )
}

sign_suite() {
    gpg --batch --quiet --import "$(signing_key "$1")" 2>/dev/null
    release=$2/dists/$SUITE/Release
    gpg --batch --yes --clearsign --output "${release%Release}InRelease" "$release"
    gpg --batch --yes --armor --detach-sign --output "$release.gpg" "$release"
}

# repository-key DIR: the public key as DIR/testbed.asc; its fingerprint is printed.
repository_key() {
    require_root
    ensure_signing_keys
    mkdir -p "$1"
    install -m 0644 "$(signing_key packages).asc" "$1/testbed.asc"
    fingerprint_of packages
}

# seed DIR: what an operator has in git for the whole walkthrough on these nodes.
seed() {
    require_root
    root=$(readlink -f "$TESTBED/..")
    mkdir -p "$1"
    # nginx comes three times here, once an agent.
    cp -R --no-preserve=ownership "$root/apps" "$root/images" "$TESTBED/seed/." "$1/"
    fingerprint=$(repository_key "$1/keys")
    sed "s/@FINGERPRINT@/$fingerprint/" "$TESTBED/seed/cluster.yaml" >"$1/cluster.yaml"
}
