# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A small world around a lab, for the demo and the end-to-end tests: six people, one appliance, one trust file, one target.
#   alice (author), bob (ops), carol (security), dave (auditor), erin and frank (root); appliance gw-1; target prod-eu-1.
# In a lab with a stand-in for Elastic Cloud (CLOUD_KIND is ech or ece) the target is the deployment.
# The caller sets W (an empty directory, 0700) and B (build directory), and has the lab's env in its shell. Every command that
# people would type goes through "run", which the demo replaces by one that also shows it.
unset AWS_CA_BUNDLE CURL_CA_BUNDLE REQUESTS_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR
run() { "$@"; }
gen() { "$B/gen/snapseal-gen" "$@"; }
verify() { "$B/verify/snapseal-verify" "$@"; }
as() { # PERSON VERB...: at that person's workstation
    local who=$1
    shift
    gen --state "$W/ws-$who" "$@"
}
gw() { verify --state "$W/gw" "$@"; }
gw_net() { # VERB...: with the configuration, for the verbs that reach the network
    local verb=$1
    shift
    verify --state "$W/gw" "$verb" --config "$W/verify.conf" "$@"
}
sum() { sha256sum "$1" | cut -c1-64; }

world_keys() {
    local p
    mkdir -p "$W/keys"
    for p in alice bob carol erin frank; do ssh-keygen -q -t ed25519 -N '' -C "$p" -f "$W/keys/$p" || return; done
    for p in alice bob carol dave; do gen keygen --quiet --out "$W/keys/$p.age" >"$W/keys/$p.recipient" || return; done
}
world_appliance() { verify init --quiet --state "$W/gw" --name gw-1 >"$W/gw-1.json"; }

# The block of the target; kept apart from discover, which the demo shows.
world_target() {
    local ca s3ca
    ca=$(sum "$OS_FRONT_CA") s3ca=$(sum "$S3_CA")
    printf '{"appliance":"gw-1","cluster_uuid":"%s","endpoints":[' "${1:-$OS_CLUSTER_UUID}"
    printf '{"ca_sha256":"%s","for":"cluster","resource":"","url":"%s"},' "$ca" "$OS_FRONT"
    [ -z "${CLOUD_KIND:-}" ] || printf '{"ca_sha256":"%s","for":"control","resource":"%s","url":"%s"},' "$(sum "$CLOUD_CA")" \
        "$CLOUD_DEPLOYMENT" "$CLOUD_URL"
    printf '{"ca_sha256":"%s","for":"iam","resource":"","url":"%s"},' "$s3ca" "$S3_HTTPS"
    printf '{"ca_sha256":"%s","for":"s3","resource":"","url":"%s"}],' "$s3ca" "$S3_HTTPS"
    printf '"id":"prod-eu-1","kind":"%s","serial_floor":0}\n' "${CLOUD_KIND:-opensearch}"
}
trust_draft() {
    local k=$W/keys
    as erin trust draft --domain example.corp \
        --person "alice:author:$k/alice.pub:$(cat "$k/alice.recipient")" --person "bob:approve:$k/bob.pub:$(cat "$k/bob.recipient")" \
        --person "carol:approve:$k/carol.pub:$(cat "$k/carol.recipient")" --person "erin:root:$k/erin.pub" \
        --person "frank:root:$k/frank.pub" --group ops:bob --group security:carol --rule ops:1,security:1 \
        --root erin,frank --need 2 --appliance "$W/gw-1.json" --target "$W/target.json" "$@"
}
pin_of() { as erin trust show "$1" | sed -n "s/^fingerprint (pin) //p"; }
world_trust() {
    world_target "$@" >"$W/target.json"
    trust_draft --quiet --out "$W/trust.json" >/dev/null &&
        as erin trust seal --quiet --out "$W/t0" "$W/trust.json" >/dev/null &&
        as erin trust sign --quiet --as erin --key "$W/keys/erin" --out "$W/t1" "$W/t0" >/dev/null &&
        as frank trust sign --quiet --as frank --key "$W/keys/frank" --out "$W/trust-1.snapseal-trust" "$W/t1" >/dev/null &&
        world_install
}
world_install() {
    local p pin
    pin=$(pin_of "$W/trust-1.snapseal-trust")
    for p in alice bob carol; do as "$p" trust install --quiet --pin "$pin" "$W/trust-1.snapseal-trust" >/dev/null || return; done
    gw trust install --quiet --pin "$pin" "$W/trust-1.snapseal-trust" >/dev/null
}

# How the appliance reaches things. Node commands run as the owner of the node's configuration; those of the nodes in AS_ROOT stay
# root (as where somebody trusts that owner and does not think of the node).
world_conf() {
    local n conf name user
    # a working tree may be its group's to write, and such a helper is refused; root's need not be copied, and node users read it there
    if [ "$(id -u)" != 0 ]; then
        install -m 0755 "$NODE_HELPER" "$W/snapseal-node" && NODE_HELPER=$W/snapseal-node || return
    fi
    (
        umask 077
        printf '%s' "$OS_FRONT_PASS" >"$W/cluster.secret"
        printf '%s\n%s\n' "$ROOT_KEY" "$ROOT_SECRET" >"$W/iam.secret"
        printf 's3.client.secondary.access_key=%s\ns3.client.secondary.secret_key=%s\n' "$BOB_KEY" "$BOB_SECRET" >"$W/bob.secrets"
        {
            printf '[prod-eu-1]\nurl = %s\nca = %s\nauth = basic\nuser = %s\ncredential = file:%s\n' "$OS_FRONT" "$OS_FRONT_CA" \
                "$OS_FRONT_USER" "$W/cluster.secret"
            printf 'iam.url = %s\niam.ca = %s\niam.region = %s\niam.credential = file:%s\n' "$S3_HTTPS" "$S3_CA" "$S3_REGION" "$W/iam.secret"
            printf 's3.url = %s\ns3.ca = %s\n' "$S3_HTTPS" "$S3_CA"
            [ -z "${CLOUD_KIND:-}" ] || {
                cp "$CLOUD_KEY" "$W/control.secret"
                printf 'control.url = %s\ncontrol.ca = %s\ncontrol.credential = file:%s\n' "$CLOUD_URL" "$CLOUD_CA" "$W/control.secret"
            }
            # a deployment names its nodes itself
            for n in $([ -n "${CLOUD_KIND:-}" ] || seq "$OS_NODES"); do
                name=OS_NAME_$n conf=OS_CONF_$n user="--user $OS_USER"
                case " ${AS_ROOT:-} " in *" $n "*) user='--user root' ;; esac
                printf 'node.%s = %s --tool %s --conf %s %s\n' "${!name}" "$NODE_HELPER" "$OS_KEYSTORE" "${!conf}" "$user"
            done
        } >"$W/verify.conf"
    )
}
NODE_HELPER=${NODE_HELPER:-$PWD/verify/node/snapseal-node}

# CHANGE [OPTION VALUE...]: a change of the lab's bucket for bob's keys; an option given replaces the one here
world_change() {
    local file=$1 o
    local -A with=([--target]=prod-eu-1 [--ticket]=CHG-1001 [--reason]='Nightly snapshots of prod-eu-1 to S3' [--repository]=s3-repo
        [--bucket]=$LAB_BUCKET [--endpoint]=$S3_HTTPS [--region]=$S3_REGION [--base-path]=prod-eu-1 [--client]=secondary
        [--iam-mode]=apply [--iam-user]=bob [--iam-arn]=arn:aws:iam:::user/bob [--iam-policy-name]=snapshots [--policy]=minimal
        [--policy-compat]=rgw [--preflight]=required [--precondition]=any)
    local args=()
    [ -z "${CLOUD_KIND:-}" ] || with+=([--restart]=if-needed [--restart-group]=__zone__)
    shift
    while [ $# -ge 2 ]; do
        with[$1]=$2
        shift 2
    done
    for o in "${!with[@]}"; do args+=("$o" "${with[$o]}"); done
    as alice new --quiet --batch --force "${args[@]}" "$file" >/dev/null
}
world_seal() { # CHANGE OUT [OPTION...]
    local change=$1 out=$2
    shift 2
    as alice seal --quiet --author alice --key "$W/keys/alice" --identity "$W/keys/alice.age" --secrets "${SECRETS:-$W/bob.secrets}" \
        --out "$out" "$@" "$change" >/dev/null
}
world_approve() { # IN OUT: bob with our tool, carol with stock ssh-keygen
    local dir
    dir=$(mktemp -d "$W/approve.XXXXXX")
    as bob approve --quiet --as bob --key "$W/keys/bob" --identity "$W/keys/bob.age" --ticket "${TICKET:-CHG-1001}" --out "$dir/bob.age" "$1" >/dev/null &&
        as bob approve --quiet --identity "$W/keys/bob.age" --export "$dir/carol" "$1" >/dev/null &&
        ssh-keygen -q -Y sign -n snapseal-approve-v1@example.corp -f "$W/keys/carol" "$dir/carol/manifest.json" 2>/dev/null &&
        as bob approve --quiet --identity "$W/keys/bob.age" --import "$dir/carol/manifest.json.sig" --out "$2" "$dir/bob.age" >/dev/null
}
world_bundle() { # OUT [OPTION of new...]
    local out=$1
    shift
    world_change "$W/change.json" "$@" && rm -f "$out.0" "$out" && world_seal "$W/change.json" "$out.0" && world_approve "$out.0" "$out"
}
world() { # all of it
    world_keys && world_appliance && world_trust "$@" && world_conf
}

# ---- what the servers say, past our own code ----
os() { # METHOD PATH [BODY]
    local cred
    cred=$(mktemp "$W/curl.XXXXXX")
    printf 'user = "%s:%s"\ncacert = "%s"\nsilent\nshow-error\n' "$OS_FRONT_USER" "$OS_FRONT_PASS" "$OS_FRONT_CA" >"$cred"
    curl -K "$cred" --capath /nonexistent -m 300 -X "$1" -H 'Content-Type: application/json' ${3:+--data-binary "$3"} "$OS_FRONT$2"
    rm -f "$cred"
}
cloud() { # METHOD PATH: of the deployment, at the stand-in for Elastic Cloud's API
    local cred
    cred=$(mktemp "$W/curl.XXXXXX")
    printf 'header = "Authorization: ApiKey %s"\ncacert = "%s"\nsilent\nshow-error\n' "$(cat "$CLOUD_KEY")" "$CLOUD_CA" >"$cred"
    curl -K "$cred" --capath /nonexistent -m 60 -X "$1" "$CLOUD_URL/api/v1/deployments/$CLOUD_DEPLOYMENT$2"
    rm -f "$cred"
}
iam_policy() { # the policy of bob, decoded, or nothing
    local cred
    cred=$(mktemp "$W/curl.XXXXXX")
    printf 'user = "%s:%s"\ncacert = "%s"\nsilent\n' "$ROOT_KEY" "$ROOT_SECRET" "$S3_CA" >"$cred"
    curl -K "$cred" --capath /nonexistent --aws-sigv4 aws:amz:us-east-1:iam -d Action=GetUserPolicy -d Version=2010-05-08 -d UserName=bob \
        -d "PolicyName=${1:-snapshots}" "$S3_HTTPS/" |
        python3 -c 'import sys,re,html,urllib.parse
m=re.search(r"<PolicyDocument>(.*)</PolicyDocument>",sys.stdin.read(),re.S)
print(urllib.parse.unquote(html.unescape(m.group(1))) if m else "")'
    rm -f "$cred"
}
put_policy() { # DOCUMENT: by hand, as the AWS team would
    local cred
    cred=$(mktemp "$W/curl.XXXXXX")
    printf 'user = "%s:%s"\ncacert = "%s"\nsilent\n' "$ROOT_KEY" "$ROOT_SECRET" "$S3_CA" >"$cred"
    curl -K "$cred" --capath /nonexistent --aws-sigv4 aws:amz:us-east-1:iam -d Action=PutUserPolicy -d Version=2010-05-08 -d UserName=bob \
        -d PolicyName="${2:-snapshots}" --data-urlencode "PolicyDocument=$1" "$S3_HTTPS/" >/dev/null
    rm -f "$cred"
}
delete_policy() {
    local cred
    cred=$(mktemp "$W/curl.XXXXXX")
    printf 'user = "%s:%s"\ncacert = "%s"\nsilent\n' "$ROOT_KEY" "$ROOT_SECRET" "$S3_CA" >"$cred"
    curl -K "$cred" --capath /nonexistent --aws-sigv4 aws:amz:us-east-1:iam -d Action=DeleteUserPolicy -d Version=2010-05-08 -d UserName=bob \
        -d "PolicyName=${1:-snapshots}" "$S3_HTTPS/" >/dev/null
    rm -f "$cred"
}
# Everything that a run may change, in one text: registrations, policy, the keystores' bytes, owners and modes, leftovers beside them.
picture() {
    local n conf f
    os GET /_snapshot | jq -cS .
    iam_policy | jq -cS . 2>/dev/null
    for n in $(seq "$OS_NODES"); do
        conf=OS_CONF_$n
        for f in "${!conf}"/*keystore*; do
            [ -e "$f" ] && printf '%s %s %s\n' "$n ${f##*/}" "$(stat -c '%u:%g:%a' "$f")" "$(sum "$f")"
        done
    done
}
