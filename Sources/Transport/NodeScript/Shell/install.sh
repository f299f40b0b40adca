# shellcheck shell=sh
# Installs packages, detached from any connection: ROOT JOB SPEC…, each SPEC `name` or `name=version`.
# Nothing that is installed here is started by its package: `policy-rc.d` says no for as long as this process lives.

ROOT=$1
job=$2
shift 2
LC_ALL=C
DEBIAN_FRONTEND=noninteractive
export LC_ALL DEBIAN_FRONTEND
umask 022
policy=$ROOT/usr/sbin/policy-rc.d

words() { grep -v '^[[:space:]]*$' "$job/log" | tail -n "${1:-5}"; }

# A policy that says no only while this process lives, so that one left behind by a crash is without effect.
hold_services() {
    [ -d "${policy%/*}" ] || return 0
    if [ -e "$policy" ] && ! grep -q '^# reconciler: ' "$policy"; then
        mv -f "$policy" "$policy.reconciler-saved" || end failed 'policy-rc.d could not be put aside, nothing was installed'
    fi
    held=1
    printf '%s\n' '#!/bin/sh' "# reconciler: no service is started while its packages are installed" \
        "seen=\$(sed 's/.*) //' /proc/$$/stat 2>/dev/null)" \
        "case \$seen in '' | [ZXx]*) seen= ;; *) seen=\$(echo \"\$seen\" | cut -d ' ' -f 20) ;; esac" \
        "if [ \"\$seen\" = '${IDENTITY#* }' ]; then exit 101; fi" \
        "if [ -x '$policy.reconciler-saved' ]; then exec '$policy.reconciler-saved' \"\$@\"; fi" \
        'exit 0' >"$policy.new"
    if ! chmod 755 "$policy.new" || ! mv -f "$policy.new" "$policy"; then
        end failed 'policy-rc.d could not be written, nothing was installed'
    fi
}

release_services() {
    [ "$held" -eq 1 ] || return 0
    if [ -e "$policy.reconciler-saved" ]; then
        mv -f "$policy.reconciler-saved" "$policy"
    else
        rm -f "$policy"
    fi
    held=0
}

# attempt SECONDS COMMAND…: again while another process holds a lock of the package manager's.
attempt() {
    attempt_end=$(($(date +%s) + $1))
    shift
    while :; do
        attempt_from=$(($(wc -c <"$job/log") + 1))
        "$@" && return 0
        attempt_status=$?
        case $(tail -c "+$attempt_from" "$job/log") in
            *'Could not get lock'* | *'Unable to lock'* | *'Unable to acquire the dpkg'* | *'is another process using it'*) ;;
            *) return "$attempt_status" ;;
        esac
        [ "$(date +%s)" -lt "$attempt_end" ] || return "$attempt_status"
        sleep 3
    done
}

# Called through attempt.
# shellcheck disable=SC2317
apt_install() {
    apt-get -y -q --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install "$@"
}

with_apt() {
    # Old lists are no reason to stop: what is to be installed was chosen from them.
    attempt 120 apt-get -q -o DPkg::Lock::Timeout=120 update || echo 'the package lists could not be renewed'
    attempt 600 apt_install "$@" && return 0
    apt_status=$?
    grep -q 'dpkg --configure -a' "$job/log" || return "$apt_status"
    # An earlier installation was cut off half-way.
    dpkg --force-confdef --force-confold --configure -a && attempt 600 apt_install "$@"
}

with_yum() {
    yum_specs=
    for yum_spec in "$@"; do
        case $yum_spec in
            *=*) yum_spec=${yum_spec%%=*}-${yum_spec#*=} ;;
        esac
        yum_specs="$yum_specs $yum_spec"
    done
    # shellcheck disable=SC2086
    yum -y -q install $yum_specs
}

# verify SPEC…: sets WRONG to what is not as it should be.
verify() {
    WRONG=
    for verify_spec in "$@"; do
        verify_name=${verify_spec%%=*}
        if command -v dpkg-query >/dev/null 2>&1; then
            verify_is=$(dpkg-query -W -f '${Status}=${Version}' "$verify_name" 2>&1)
            case $verify_is in
                *' ok installed='*) ;;
                *) WRONG="$WRONG $verify_name is \`${verify_is%%=*}\`;" ;;
            esac
            verify_is=${verify_is#*=}
        else
            verify_is=$(rpm -q --qf '%{EPOCH}:%{VERSION}-%{RELEASE}' "$verify_name" 2>&1) ||
                WRONG="$WRONG $verify_name is not installed;"
            verify_is=${verify_is#'(none):'}
            verify_is=${verify_is#0:}
        fi
        case $verify_spec in
            *=*) [ "$verify_is" = "${verify_spec#*=}" ] || WRONG="$WRONG $verify_name is at $verify_is;" ;;
        esac
    done
}

held=0
identity "$$" || end failed '/proc cannot be read'
printf '%s\n' "$IDENTITY" >"$job/process.new" && mv -f "$job/process.new" "$job/process"
IDENTITY=${IDENTITY% *}

# One installation at a time: two would undo each other's policy.
command -v flock >/dev/null 2>&1 || end failed 'flock is not here; install util-linux'
exec 9>>"$ROOT/run/reconciler/packages.lock"
lock_end=$(($(date +%s) + 900))
until flock -n 9; do
    [ "$(date +%s)" -lt "$lock_end" ] || end failed 'another installation of ours held its lock for 15 min'
    sleep 1
done

trap release_services EXIT
# shellcheck disable=SC2154
trap 'release_services; end failed "the installation was stopped by a signal"' HUP INT TERM
hold_services
if command -v apt-get >/dev/null 2>&1; then
    with_apt "$@" 9>&-
elif command -v yum >/dev/null 2>&1; then
    with_yum "$@" 9>&-
else
    end failed 'neither apt-get nor yum is here'
fi
status=$?
verify "$@"
release_services
if [ "$status" -ne 0 ]; then
    case $(words 20) in
        *'No space left on device'* | *'enough free space'*) end failed "disk full: $(words)" ;;
    esac
    end failed "the package manager ended with status $status: $(words)"
fi
[ -z "$WRONG" ] || end failed "the package manager reported success, yet$WRONG $(words)"
end changed "$(words)"
