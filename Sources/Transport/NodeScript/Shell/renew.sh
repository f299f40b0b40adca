# shellcheck shell=sh disable=SC2034,SC2154 # Variables are shared between these files.
# Renews the lists of the node's package sources, detached: ROOT JOB NAME=URI…; fails where one of these could not be.

ROOT=$1
job=$2
shift 2

# apt ends with success where a list could not be had or is signed by nobody it knows (apt up to 1.4), and with failure where
# another source of the node is broken: so its complaints are read, source by source.
judge_apt() {
    FAULTS=
    OTHERS=
    while read -r judge_line; do
        case $judge_line in
            W:* | E:*) ;;
            *) continue ;;
        esac
        # An error of ours is one, whatever its words are.
        case $judge_line in
            E:*) ! is_ours "$judge_line" "$@" || { FAULTS="$FAULTS${FAULTS:+; }$judge_line" && continue; } ;;
        esac
        case $judge_line in
            *'Failed to fetch'* | *'GPG error'* | *NO_PUBKEY* | *EXPKEYSIG* | *REVKEYSIG* | *BADSIG* | *KEYEXPIRED*) ;;
            *'is not signed'* | *'no longer signed'* | *'does not have a Release file'* | *"couldn't be verified"*) ;;
            *'is not valid yet'* | *'is expired'* | *'the component '*) ;;
            *) continue ;;
        esac
        if is_ours "$judge_line" "$@"; then
            FAULTS="$FAULTS${FAULTS:+; }$judge_line"
        else
            OTHERS="$OTHERS${OTHERS:+; }$judge_line"
        fi
    done <"$job/log"
}

# is_ours LINE NAME=URI…: whether it is about one of these; before 1.1 apt names no more of a source than its host.
is_ours() {
    ours_line=$1
    shift
    for ours_uri in "$@"; do
        ours_uri=${ours_uri#*=}
        ours_uri=${ours_uri%/}
        ours_host=${ours_uri#*://}
        ours_host=${ours_uri%%://*}://${ours_host%%/*}
        case $ours_line in
            *"$ours_uri"* | *"$ours_host "*) return 0 ;;
        esac
    done
    return 1
}

# take_back NAME=URI…: removes the files of sources that keep apt from reading any; sets TAKEN to them.
take_back() {
    TAKEN=
    for back_source in "$@"; do
        is_ours "$FAULTS" "$back_source" || continue
        back_file=/etc/apt/sources.list.d/${back_source%%=*}.list
        rm -f "$ROOT$back_file" && TAKEN="$TAKEN${TAKEN:+, }$back_file"
    done
}

advice() {
    case $FAULTS in
        *NO_PUBKEY*) printf %s 'it is signed by another key than the declared one' ;;
        *KEYSIG* | *KEYEXPIRED*) printf %s "its key has expired or was revoked: save the new one, with its fingerprint" ;;
        *BADSIG*) printf %s 'its lists are not what was signed: it is being renewed at this moment, or somebody changes them on the way' ;;
        *'is expired'*) printf %s 'its lists are older than they say they may be: ask whoever keeps it to renew them' ;;
        *'is not valid yet'*) printf %s "its lists are from the future: see to the node's clock" ;;
        *'changed its '*) printf %s 'it calls itself by another name now: accept that on the node (apt-get update --allow-releaseinfo-change)' ;;
        *'Conflicting values set for option'*)
            printf %s "another file of /etc/apt/sources.list.d, or sources.list, has the same source with other options; apt reads no \
source at all while both are there, so ours was taken back ($TAKEN): remove the other and run again"
            return 0
            ;;
        *) printf %s 'see whether the node reaches it' ;;
    esac
    printf '; %s' 'its files stay as declared: correct "repositories" in cluster.yaml and run again'
}

with_apt() {
    attempt limited 600 apt-get -q -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 -o Acquire::Retries=1 update
    apt_status=$?
    judge_apt "$@"
    case $FAULTS in
        *'Conflicting values set for option'*) take_back "$@" ;;
    esac
    [ -z "$FAULTS" ] || end failed "$FAULTS; $(advice)"
    [ "$apt_status" -eq 0 ] || [ -n "$OTHERS" ] || end failed "apt-get ended with status $apt_status: $(words 5)"
}

with_yum() {
    names=
    for source; do names="$names${names:+,}${source%%=*}"; done
    yum -q clean expire-cache
    attempt limited 600 yum -q -y --setopt=exit_on_lock=1 '--disablerepo=*' "--enablerepo=$names" makecache && return 0
    FAULTS=$(words 5)
    end failed "$FAULTS; $(advice)"
}

OTHERS=
take_turn
trap 'end failed "the renewal was stopped by a signal"' HUP INT TERM
if command -v apt-get >/dev/null 2>&1; then
    with_apt "$@" 9>&-
elif command -v yum >/dev/null 2>&1; then
    with_yum "$@" 9>&-
else
    end failed 'neither apt-get nor yum is here'
fi
names=
for source; do names="$names${names:+, }${source%%=*}"; done
end changed "lists of $names renewed${OTHERS:+; another source of the node could not be: $OTHERS}"
