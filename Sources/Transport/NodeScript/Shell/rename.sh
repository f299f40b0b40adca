# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# The running host name, by the kernel's own file: the program `hostname` is not everywhere, and a scratch root has no other
# kernel than that of whoever runs it.

# act_rename NAME
act_rename() {
    rename_file=$ROOT/proc/sys/kernel/hostname
    rename_old=
    { read -r rename_old <"$rename_file"; } 2>/dev/null || failed '/proc/sys/kernel/hostname: cannot be read'
    [ "$rename_old" != "$1" ] || conclude already
    # The shell says itself what it cannot open.
    rename_words=$( (printf '%s\n' "$1" >"$rename_file") 2>&1) || failed_words '/proc/sys/kernel/hostname' "$rename_words"
    rename_new=
    { read -r rename_new <"$rename_file"; } 2>/dev/null
    [ "$rename_new" = "$1" ] || failed "the kernel says $rename_new and not $1"
    field detail "$rename_old became $1"
    conclude changed
}
