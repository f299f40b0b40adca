# shellcheck shell=sh disable=SC2034,SC2154 # JOB is the script's that this stands before, IDENTITY is for it.
# What scripts that a node runs by themselves have in common; it stands before each of them.

# identity PID: sets IDENTITY, the same for as long as it is the same process (common.sh has it for visits).
identity() {
    { read -r identity_line <"/proc/$1/stat"; } 2>/dev/null || return 1
    # shellcheck disable=SC2086
    set -- "$1" ${identity_line##*') '}
    { read -r identity_boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || identity_boot=-
    IDENTITY="$1 ${21} $identity_boot"
}

# end VERDICT WORDS: the result, once and whole. What `before_end` names is run first, since somebody may read at once.
end() {
    ${before_end:-:}
    printf '%s\n%s\n' "$1" "$2" >"$job/result.new" && mv -f "$job/result.new" "$job/result"
    exit 0
}
