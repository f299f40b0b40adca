# shellcheck shell=sh disable=SC2034,SC2154 # Variables are shared between these files.
# Which version a pin means, of those that the node's sources offer at that moment.

# ask_yum NAME: leaves what yum lists of it in the job's directory; also called through attempt, since yum takes its lock
# even to look.
# shellcheck disable=SC2317
ask_yum() {
    limited 60 yum -q --setopt=exit_on_lock=1 --disableplugin=versionlock --showduplicates list available "$1" >"$job/listed"
}

# offers NAME: the versions, best first, one a line; of yum those that it was asked for last.
offers() {
    if command -v apt-cache >/dev/null 2>&1; then
        {
            limited 30 apt-cache policy "$1" | sed -n 's/^  Candidate: //p'
            limited 30 apt-cache madison "$1" | cut -d '|' -f 2
        } 2>/dev/null | sed -e 's/^ *//' -e 's/ *$//' -e '/^(none)$/d' -e '/^$/d'
    else
        # `NAME.ARCH  VERSION-RELEASE  REPOSITORY`, oldest first; a long one goes on in lines that begin with spaces.
        awk -v name="$1" '
            function settle() {
                sub(/\.[^.]*$/, "", words[1])
                if (count == 3 && words[1] == name) { sub(/^0:/, "", words[2]); found[++all] = words[2] }
                count = 0
            }
            !/^[ \t]/ { settle() }
            { for (i = 1; i <= NF; i++) words[++count] = $i }
            END { settle(); for (i = all; i > 0; i--) print found[i] }' "$job/listed"
    fi
}

# dotted VERSION: sets DOTTED to the numbers that its upstream part begins with, such as 1.6.2 of 1:1.6.2~dfsg-1.
dotted() {
    DOTTED=${1#*:}
    DOTTED=${DOTTED%%[!0-9.]*}
    while :; do
        case $DOTTED in
            *.) DOTTED=${DOTTED%.} ;;
            *) break ;;
        esac
    done
}

# is_pinned VERSION PIN: whether the version's upstream part is the pin, or goes on after it with a dot.
is_pinned() {
    dotted "$2"
    pinned_wanted=$DOTTED
    dotted "$1"
    if [ -z "$pinned_wanted" ] || [ -z "$DOTTED" ]; then
        [ "$1" = "$2" ]
        return
    fi
    case $DOTTED. in
        "$pinned_wanted".*) return 0 ;;
        *) return 1 ;;
    esac
}

# resolve SPEC…: sets SPECS, in which each `name~=pin` has become `name=version`; ends the job where none is offered.
resolve() {
    SPECS=
    for resolve_spec in "$@"; do
        case $resolve_spec in
            *'~='*)
                resolve_pin=${resolve_spec#*'~='}
                resolve_name=${resolve_spec%%'~='*}
                command -v apt-cache >/dev/null 2>&1 || attempt ask_yum "$resolve_name" || :
                resolve_offers=$(offers "$resolve_name")
                resolve_spec=
                for resolve_version in $resolve_offers; do
                    is_pinned "$resolve_version" "$resolve_pin" || continue
                    resolve_spec=$resolve_name=$resolve_version
                    break
                done
                # shellcheck disable=SC2086
                [ -n "$resolve_spec" ] || end failed \
                    "version $resolve_pin of $resolve_name is declared and the node's sources offer $(list $resolve_offers); nothing was installed"
                echo "$resolve_name $resolve_pin is ${resolve_spec#*=}"
                ;;
        esac
        SPECS="$SPECS $resolve_spec"
    done
}

# list WORD…: each once.
list() {
    list_all=
    for list_word in "$@"; do
        case ", $list_all," in
            *", $list_word,"*) ;;
            *) list_all="$list_all${list_all:+, }$list_word" ;;
        esac
    done
    printf %s "${list_all:-nothing}"
}

# add_companions: to SPECS what a package of it needs at its own version where apt would choose another by itself, such as
# libzookeeper-java of an older zookeeper: apt takes candidates only (apt_preferences(5)).
add_companions() {
    companions_new=$SPECS
    while [ -n "$companions_new" ]; do
        companions_old=$companions_new
        companions_new=
        for companions_spec in $companions_old; do
            case $companions_spec in
                *=*) ;;
                *) continue ;;
            esac
            for companions_name in $(needed_at_same_version "$companions_spec"); do
                companions_offers=$(offers "$companions_name")
                companions_one=$companions_name=${companions_spec#*=}
                case " $SPECS " in
                    *" $companions_name="* | *" $companions_name "*) continue ;;
                esac
                [ "${companions_offers%%"$newline"*}" != "${companions_spec#*=}" ] || continue
                case $newline$companions_offers$newline in
                    *"$newline${companions_spec#*=}$newline"*) ;;
                    *) continue ;;
                esac
                SPECS="$SPECS $companions_one"
                companions_new="$companions_new $companions_one"
                echo "$companions_name comes along at the same version"
            done
        done
    done
}

# needed_at_same_version NAME=VERSION: what it depends on with `(= VERSION)`, one a line.
needed_at_same_version() {
    limited 30 apt-cache show "$1" 2>/dev/null | sed -n -e 's/^Depends: //p' -e 's/^Pre-Depends: //p' | tr ',' '\n' |
        sed -n 's/^ *\([a-z0-9][a-z0-9+.-]*\)\(:[a-z0-9]*\)\{0,1\} (= \([^ ()]*\)) *$/\1 \3/p' |
        while read -r needed_name needed_version; do
            [ "$needed_version" != "${1#*=}" ] || printf '%s\n' "$needed_name"
        done
}

newline='
'
