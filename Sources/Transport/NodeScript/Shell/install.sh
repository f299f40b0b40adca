# shellcheck shell=sh disable=SC2154 # Variables are shared between these files.
# Installs packages, detached from any connection: ROOT JOB SPEC…, each SPEC `name`, `name=version` or `name~=pin`.
# Nothing that is installed here is started by its package: `policy-rc.d` says no to what this process runs.

ROOT=$1
job=$2
shift 2
policy=$ROOT/usr/sbin/policy-rc.d

# A policy that says no only to descendants of this process: whoever else installs meanwhile (we may be waiting for the lock)
# would find its services stopped and never started again. One left behind by a crash is without effect.
hold_services() {
    [ -d "${policy%/*}" ] || return 0
    if [ -e "$policy" ] && ! grep -q '^# reconciler: ' "$policy"; then
        # A second name first, where the file system has such: whoever is killed here leaves the node its own policy.
        rm -f "$policy.reconciler-saved"
        ln "$policy" "$policy.reconciler-saved" 2>/dev/null || mv -f "$policy" "$policy.reconciler-saved" ||
            end failed 'policy-rc.d could not be put aside, nothing was installed'
    fi
    held=1
    printf '%s\n' '#!/bin/sh' "# reconciler: no service is started while its packages are installed" \
        "seen=\$(sed 's/.*) //' /proc/$$/stat 2>/dev/null)" \
        "case \$seen in '' | [ZXx]*) seen= ;; *) seen=\$(echo \"\$seen\" | cut -d ' ' -f 20) ;; esac" \
        "pid=\$\$; [ \"\$seen\" = '${IDENTITY#* }' ] || pid=0" \
        "while [ \"\${pid:-0}\" -gt 1 ] 2>/dev/null; do" \
        "    [ \"\$pid\" != $$ ] || exit 101" \
        "    pid=\$(sed 's/.*) //' /proc/\$pid/stat 2>/dev/null | cut -d ' ' -f 2)" \
        'done' \
        "if [ -x '$policy.reconciler-saved' ]; then exec '$policy.reconciler-saved' \"\$@\"; fi" \
        'exit 0' >"$policy.new"
    if ! chmod 755 "$policy.new" || ! mv -f "$policy.new" "$policy"; then
        end failed 'policy-rc.d could not be written, nothing was installed'
    fi
}

release_services() {
    [ "$held" -eq 1 ] || return 0
    rm -f "$policy.new"
    if [ -e "$policy" ] && ! grep -q '^# reconciler: ' "$policy"; then
        # Ours never took its place: both names may be one file, which mv refuses.
        rm -f "$policy.reconciler-saved"
    elif [ -e "$policy.reconciler-saved" ]; then
        mv -f "$policy.reconciler-saved" "$policy"
    else
        rm -f "$policy"
    fi
    held=0
}

# free_named SPEC…: those of the packages named here that are held are freed for as long as this lasts. Not apt's
# --allow-change-held-packages, which would free all others as well.
free_named() {
    if ! command -v apt-mark >/dev/null 2>&1; then
        free_locked "$@"
        return 0
    fi
    for free_spec in "$@"; do
        case $(dpkg-query -W -f '${Status}=${Version}' "${free_spec%%=*}" 2>/dev/null) in
            'hold '*) ;;
            *) continue ;;
        esac
        attempt apt-mark unhold "${free_spec%%=*}" && freed="$freed ${free_spec%%=*}"
    done
}

# The same of yum: versionlock leaves every other version out, and takes a line of its own list back.
free_locked() {
    free_lines=$(limited 60 yum -q --setopt=exit_on_lock=1 versionlock list 2>/dev/null) || return 0
    for free_spec in "$@"; do
        free_pattern=$(printf %s "${free_spec%%=*}" | sed 's/[.+]/\\&/g')
        free_line=$(printf '%s\n' "$free_lines" | grep -E "^([0-9]+:$free_pattern-[^-]+-[^-]+|$free_pattern-[0-9]+:[^-]+-[^-]+)$" |
            head -n 1)
        [ -n "$free_line" ] || continue
        attempt limited 60 yum -q --setopt=exit_on_lock=1 versionlock delete "$free_line" && freed="$freed ${free_spec%%=*}"
    done
}

hold_freed() {
    [ -n "$freed" ] || return 0
    if command -v apt-mark >/dev/null 2>&1; then
        # shellcheck disable=SC2086
        apt-mark hold $freed || echo "could not be held again:$freed"
    else
        # shellcheck disable=SC2086
        limited 60 yum -q --setopt=exit_on_lock=1 versionlock add $freed || echo "could not be held again:$freed"
    fi
    freed=
}

# Called through attempt.
# shellcheck disable=SC2317
apt_install() {
    apt-get -y -q --no-install-recommends --no-remove \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install "$@"
}

# Sets SPECS.
with_apt() {
    # Old lists are no reason to stop: what is to be installed may have been chosen from them.
    attempt limited 600 apt-get -q update || echo 'the package lists could not be renewed'
    resolve "$@"
    add_companions
    # shellcheck disable=SC2086
    set -- $SPECS
    free_named "$@"
    attempt apt_install "$@" && return 0
    apt_status=$?
    grep -q 'dpkg --configure -a' "$job/log" || return "$apt_status"
    # An earlier installation was cut off half-way.
    dpkg --force-confdef --force-confold --configure -a && attempt apt_install "$@"
}

# yum would wait for ever for another one of its kind (yum.conf(5), exit_on_lock). Sets SPECS.
with_yum() {
    resolve "$@"
    # shellcheck disable=SC2086
    free_named $SPECS
    yum_specs=
    for yum_spec in $SPECS; do
        case $yum_spec in
            *=*) yum_spec=${yum_spec%%=*}-${yum_spec#*=} ;;
        esac
        yum_specs="$yum_specs $yum_spec"
    done
    # shellcheck disable=SC2086
    attempt yum -y -q --setopt=exit_on_lock=1 install $yum_specs
}

# path_of PROGRAM: where it is; a shell with commands of its own (busybox) may have another one of that name.
path_of() {
    (
        IFS=:
        for path_directory in $PATH; do
            [ -x "$path_directory/$1" ] || continue
            printf %s "$path_directory/$1"
            exit 0
        done
        printf %s "$1"
    )
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
            verify_is=$("$(path_of rpm)" -q --qf '%{EPOCH}:%{VERSION}-%{RELEASE}' "$verify_name" 2>&1) ||
                WRONG="$WRONG $verify_name is not installed;"
            verify_is=${verify_is#'(none):'}
            verify_is=${verify_is#0:}
        fi
        case $verify_spec in
            *=*) [ "$verify_is" = "${verify_spec#*=}" ] || WRONG="$WRONG $verify_name is at $verify_is;" ;;
        esac
    done
}

put_back() {
    release_services
    hold_freed
}

held=0
freed=
SPECS=
take_turn
# shellcheck disable=SC2034 # For end.
before_end=put_back
trap put_back EXIT
trap 'end failed "the installation was stopped by a signal"' HUP INT TERM
hold_services
if command -v apt-get >/dev/null 2>&1; then
    with_apt "$@" 9>&-
elif command -v yum >/dev/null 2>&1; then
    with_yum "$@" 9>&-
else
    end failed 'neither apt-get nor yum is here'
fi
status=$?
# shellcheck disable=SC2086
verify $SPECS
put_back
if [ "$status" -ne 0 ]; then
    case $(words 20) in
        *'No space left on device'* | *'enough free space'*) end failed "disk full: $(words 5)" ;;
        *'held broken packages'* | *'Held packages were changed'*)
            # shellcheck disable=SC2046
            end failed "held here: $(list $(apt-mark showhold 2>/dev/null)), which may be what stands in the way: $(words 5)"
            ;;
    esac
    end failed "the package manager ended with status $status: $(words 5)"
fi
[ -z "$WRONG" ] || end failed "the package manager reported success, yet$WRONG $(words 5)"
end changed "$(words 5)"
