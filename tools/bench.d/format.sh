# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# For tools/bench: seal and check of one bundle and of many, next to what stock tools need for less (they know no people and no rules).
# Three signatures each; sealed to four people; the stock bundle has the same members.
export SNAPSEAL_BUILD=$B
many=${MANY:-100}
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
world
change c.json
seal c.json b0.age
gen bob -q approve b0.age --as bob -k bob.key -i bob.age --ticket CHG-1 -o b1.age >/dev/null || die 'no approval'
gen carol -q approve b1.age --as carol -k carol.key -i carol.age --ticket CHG-1 -o b.age >/dev/null || die 'no approval'
pin=$(pin_of trust.snapseal-trust)
mkdir stock many
age -d -i alice.age b.age | tar -xf - -C stock
tar -xOf trust.snapseal-trust allowed_signers >signers
recipients=''
for p in alice bob carol dave; do
    recipients+=" -r $(age-keygen -y $p.age)"
    minisign -G -W -f -p $p.pub -s $p.sec >/dev/null 2>&1
done
for ((i = 0; i < many; i++)); do cp b.age "many/$i.age"; done

# the best line of shell that we know for each
cat >seal.minisign <<T
tar -cf b.tar -C stock . && minisign -S -W -s alice.sec -m b.tar >/dev/null && age -e $recipients -o s.age b.tar
T
cat >check.minisign <<T
age -d -i alice.age s.age >x.tar && for p in alice alice alice; do minisign -V -q -p \$p.pub -m x.tar -x b.tar.minisig || exit 1; done
mkdir -p x && tar -xf x.tar -C x
T
cat >check.sshsig <<T
age -d -i alice.age b.age | tar -xf - -C x || exit 1
cd x && for s in author.alice approve.bob approve.carol; do
    p=\${s#*.}
    ssh-keygen -Y verify -f ../signers -I \$p -n "snapseal-\${s%.*}-v1@$DOMAIN" -s sig/\$s.sshsig <manifest.json >/dev/null || exit 1
done
jq -r '.members[]|.sha256+"  "+.name' manifest.json | sha256sum -c --quiet
T
for one in check.minisign check.sshsig; do
    printf 'for i in many/*; do sh %s; done\n' $one >loop.$one
done
sh seal.minisign || die 'seal.minisign'
check=("$VERIFY" check -q --trust trust.snapseal-trust --pin "$pin" --identity alice.age)
echo "== format: one bundle, whole processes; then $many in one go"
tab() { local IFS=$'\t'; printf '%s\n' "$*"; }
{
    tab 'true' /bin/true
    tab 'snapseal-gen seal' "$GEN" -q --state state.alice seal c.json --author alice -k alice.key --secrets keys.csv -o out.age --force
    tab 'tar+age+minisign seal' /bin/sh seal.minisign
    tab 'snapseal-verify check' "${check[@]}" b.age
    tab 'tar+age+minisign check' /bin/sh check.minisign
    tab 'tar+age+ssh-keygen check' /bin/sh check.sshsig
} | python3 "$ROOT/tools/bench.d/measure.py" "$ROUNDS" "$W/clock" >one.tsv || die 'a command failed'
{
    tab "snapseal-verify check, $many" "${check[@]}" many/*
    tab "tar+age+minisign check, $many" /bin/sh loop.check.minisign
    tab "tar+age+ssh-keygen check, $many" /bin/sh loop.check.sshsig
} | python3 "$ROOT/tools/bench.d/measure.py" 1 "$W/clock" >many.tsv || die 'a command failed'
cat one.tsv many.tsv | awk -F'\t' 'BEGIN { printf "%-36s %10s %10s %10s\n", "", "median ms", "least ms", "KiB" }
    { printf "%-36s %10.2f %10.2f %10d\n", $1, $2, $3, $4; t[$1] = $2 }
    END { printf "\nseal / tar+age+minisign        %.2f\n", t["snapseal-gen seal"] / t["tar+age+minisign seal"]
          printf "check / tar+age+minisign       %.2f\ncheck / tar+age+ssh-keygen     %.2f\n",
              t["snapseal-verify check"] / t["tar+age+minisign check"], t["snapseal-verify check"] / t["tar+age+ssh-keygen check"]
          for (k in t) if (k ~ /^snapseal-verify check, /) ours = t[k]; else if (k ~ /ssh-keygen check, /) ssh = t[k]; else if (k ~ /minisign check, /) mini = t[k]
          printf "many: check / tar+age+minisign %.3f\nmany: check / tar+age+ssh-keygen %.3f\n", ours / mini, ours / ssh }'
cd "$ROOT" || exit 3
