#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Annex B of SPEC.md a second time, written from its text alone; the reasons are read from annex C.

usage: sheet.py SPEC.md CASE...    each CASE a directory with manifest.json, sheet.txt and the documents that it has
Says which sheets are not what the annex makes of the rest; exit status 1 if there is one.
"""
import datetime
import json
import os
import re
import sys

WORDS = {
    "class": {"normal": "nothing is done before all approvals are there",
              "emergency": "FEWER APPROVALS NOW, the others are owed afterwards"},
    "kind": {"opensearch": "OpenSearch, self-managed", "elasticsearch": "Elasticsearch, self-managed",
             "ech": "Elastic Cloud Hosted", "ece": "Elastic Cloud Enterprise", "eck": "Elastic Cloud on Kubernetes"},
    "do": {"register": "make the repository, or replace it", "rotate": "replace the keys",
           "remove": "take the registration away; no snapshot is deleted"},
    "iam": {"none": "users, keys and policies there are not looked at",
            "manual": "the AWS team puts the policy of section 5; it is not read, the proof shows whether it works",
            "check": "the policy of section 5 must be there; it is read, not written",
            "apply": "put the policy of section 5; one of that name is replaced",
            "mint": "make the user and a new key, put the policy of section 5"},
    "bucket": {"none": "not made, not changed, not looked at",
               "check": "it must be there, with the settings that follow",
               "create": "it is made with the settings that follow; if it is there already it must have them"},
    "preflight": {"required": "the keys of section 4 must first list, write, read and delete an object of their own in "
                              "the bucket",
                  "if-reachable": "as required, but left out where the appliance cannot reach S3",
                  "none": "the keys are not tried before they are used"},
    "restart": {"never": "no node is restarted", "if-needed": "NODES ARE RESTARTED where reloading was not enough",
                "always": "ALL NODES ARE RESTARTED"},
    "group": {"__all__": "all at once", "__name__": "one node after the other", "__zone__": "one zone after the other"},
    "versus": {"new": "says the author; no change has set this name before",
               "changed": "says the author; its value is another one than now",
               "same": "says the author; its value is the one that is set now",
               "removed": "the name is taken out of the keystore; ITS VALUE IS LOST",
               "unstated": "UNKNOWN; the author does not say whether it changes"},
    "undo": {"none": "nothing is written there, so nothing is undone",
             "manual": "nothing is written there, so nothing is undone",
             "check": "nothing is written there, so nothing is undone",
             "apply": "the policy that was there is put back; where none was, it is deleted",
             "mint": "the key and whatever was made with it are deleted"},
}
OWN = ("opensearch", "elasticsearch")
ACTIONS, SETTINGS = {}, {}
OUT = []


def jsn(x):
    return json.dumps(x, sort_keys=True, separators=(",", ":"))


def item(label, text, exact=False):
    line = label.ljust(13) + " "
    while True:
        room = 78 - len(line)
        if len(text) <= room:
            OUT.append(line + text)
            return
        cut = -1 if exact else text.rfind(" ", 1, room)
        if cut > 0:
            OUT.append(line + text[:cut])
            text = text[cut + 1:]
        else:
            OUT.append(line + text[:room])
            text = text[room:]
        line = "     | "


def word(label, table, value):
    item(label, value + (": " + WORDS[table][value] if value in WORDS[table] else ""))


def heading(text):
    OUT.extend(["", text])


def when(t):
    return datetime.datetime.strptime(t, "%Y-%m-%dT%H:%M:%SZ")


def change(m):
    p, t = m["plan"], m["target"]
    bucket, repo = p["bucket"]["name"], p["repository"]
    removed = sum(s["versus"] == "removed" for s in m["secrets"])
    left = len(m["secrets"]) - removed
    text = {
        "register": f"Let cluster {t['id']} keep snapshots in S3 bucket {bucket}, as repository {repo}",
        "rotate": f"Change the keys with which cluster {t['id']} uses S3 bucket {bucket}, repository {repo}",
        "remove": f"Take repository {repo} away from cluster {t['id']}; its snapshots stay in S3 bucket {bucket}",
    }[p["do"]]
    text += f"; write {left} secrets to its keystore" if left else ""
    text += f"; remove {removed} secrets from its keystore" if removed else ""
    if p["iam"]["mode"] in ("apply", "mint"):
        text += f"; put policy {p['iam']['policy']} on IAM user {p['iam']['user']}"
    heading("1 THE CHANGE")
    item("In short", text + ".")
    item("Reason", m["change"]["reason"])
    item("Ticket", m["change"]["ticket"])
    word("Class", "class", m["change"]["class"])
    item("Author", f"{m['author']}, who made and signed it and never counts as an approver")
    item("Serial", f"{m['serial']} of this target; later ones must be higher")
    item("Valid from", m["not_before"])
    minutes = int((when(m["expires"]) - when(m["not_before"])).total_seconds()) // 60
    item("Valid until", f"{m['expires']} (UTC), {minutes // 1440} days {minutes // 60 % 24} hours {minutes % 60} minutes later")


def where(m):
    p, t = m["plan"], m["target"]
    heading("2 WHERE")
    item("Target", t["id"])
    word("Kind", "kind", t["kind"])
    item("Cluster UUID", f"{t['cluster_uuid']}, compared before anything is written")
    item("Appliance", f"{t['appliance']}, which alone can open the secrets and apply this")
    item("Repository", p["repository"])
    item("Bucket", p["bucket"]["name"])
    item("Bucket region", p["bucket"]["region"] or "not stated")
    item("S3 endpoint", p["s3"]["endpoint"] or "not stated: that of AWS")
    item("S3 region", p["s3"]["region"] or "not stated")
    item("S3 path style", "yes: the bucket's name stands in the path" if p["s3"]["path_style"]
         else "no: the bucket's name stands in the host name")


def steps(m, repository):
    p, kind, secrets = m["plan"], m["target"]["kind"], m["secrets"]
    heading("3 WHAT IS DONE, IN THIS ORDER")
    word("Do", "do", p["do"])
    if p["precondition"] == "any":
        item("Precondition", "any: it is not asked with which settings it is registered" if repository is None
             else "any: a repository of this name that is there is replaced")
    elif p["precondition"] == "absent":
        item("Precondition", "absent: if a repository of this name is there, nothing is done")
    else:
        item("Precondition", "the repository is there and its definition is the reviewed one, else nothing is done; its "
                             "sha256:")
        item("Reviewed", p["precondition"])
    word("IAM", "iam", p["iam"]["mode"])
    if p["iam"]["mode"] != "none":
        item("IAM user", p["iam"]["user"])
        item("IAM ARN", p["iam"]["arn"])
        item("IAM policy", p["iam"]["policy"])
    word("Bucket is", "bucket", p["bucket"]["mode"])
    if p["bucket"]["mode"] != "none":
        yes = {True: "yes", False: "no"}
        item("Bucket wants", f"owner enforced {yes[p['bucket']['ownership']]}, public access blocked "
                             f"{yes[p['bucket']['public_block']]}, versioning {yes[p['bucket']['versioning']]}")
    if all(s["versus"] == "removed" for s in secrets):
        item("Preflight", p["preflight"] + ": no key comes with this change, so none is tried")
    else:
        word("Preflight", "preflight", p["preflight"])
    item("Keystore", "not changed" if not secrets
         else "changed on every node as section 4 says, after a copy of it" if kind in OWN
         else "changed as section 4 says, by a Secret of Kubernetes" if kind == "eck"
         else "changed as section 4 says, by the platform's keystore API")
    item("Reload", "not needed" if not secrets
         else "Kubernetes RESTARTS THE NODES one after the other" if kind == "eck"
         else "every node reloads its keystore, and each node's answer counts")
    word("Restart", "restart", p["restart"]["mode"])
    word("Restart group", "group", p["restart"]["group"])
    item("Restart skips", "the snapshot before a restart" if p["restart"]["skip_snapshot"] else "nothing")
    item("Request", "the repository's registration is deleted" if p["do"] == "remove"
         else "the request of section 6 is sent, read back and compared" if repository is not None
         else "the registration is left as it is")
    item("Proof", "the repository is no longer there" if p["do"] == "remove"
         else "every node must be able to use the repository")
    item("Analysis", "yes: the cluster also tests the bucket at length" if p["analyze"]
         else "no: the cluster's own long test of the bucket is not run")
    item("Retire", f"after the proof, key {p['retire']} IS NO LONGER USED; the receipt names it and the AWS team deletes it; "
                   "the appliance leaves it alone" if p["retire"] else "no older key is deleted")


def secrets(m):
    heading("4 SECRETS")
    if not m["secrets"]:
        item("Secrets", "none: no secret is set or removed")
    else:
        item("Secrets", f"{len(m['secrets'])} names; the values are encrypted to {m['target']['appliance']} alone, which "
                        "checks each value and each claim of the author")
    for n, s in enumerate(m["secrets"], 1):
        item(f"Secret {n}", s["name"])
        word(f"{n} versus", "versus", s["versus"])
        item(f"{n} value", f"{s['disclosed']} (look up at IAM whose key this is)" if s["disclosed"]
             else "none" if s["versus"] == "removed"
             else "not shown" if s["commitment"] else "made when this is applied, seen by no person")
        item(f"{n} commitment", s["commitment"] or "none")


def resource(text, bucket):
    found = re.fullmatch(r"arn:[a-z0-9-]+:s3:::" + re.escape(bucket) + r"(|/.+)", text)
    if not found:
        return "NOT the bucket of section 2"
    return {"": "the bucket itself", "/*": "every object in the bucket"}.get(
        found.group(1), "the objects in the bucket whose names fit")


def action(text):
    return ACTIONS.get(text) or ("WIDE: every action whose name fits" if re.search(r"[*?]", text)
                                 else "NOT KNOWN as an action that a repository needs; ask why")


def each(label, holder, key, say):
    if key not in holder or holder[key] == []:
        item(label, "none")
        return
    value = holder[key]
    for entry in value if isinstance(value, list) else [value]:
        item(label, f"{entry}: {say(entry)}" if isinstance(entry, str) else jsn(entry))


def statement(s, n, bucket):
    if not isinstance(s, dict):
        item(f"Statement {n}", jsn(s))
        return
    effect = s.get("Effect")
    item(f"Statement {n}", {"Allow": "allows", "Deny": "FORBIDS"}.get(effect, "Effect of another kind")
         if isinstance(effect, str) else "no Effect")
    each(f"{n} on", s, "Resource", lambda t: resource(t, bucket))
    each(f"{n} action", s, "Action", action)
    condition = s.get("Condition", {})
    if not isinstance(condition, dict):
        item(f"{n} only if", jsn(condition))
    else:
        for op in sorted(condition):
            if isinstance(condition[op], dict):
                for key in sorted(condition[op]):
                    item(f"{n} only if", f"{op} {key} {jsn(condition[op][key])}")
            else:
                item(f"{n} only if", f"{op} {jsn(condition[op])}")
    for key in sorted(s):
        if key not in ("Action", "Condition", "Effect", "Resource"):
            item(f"{n} note", f"{key} {jsn(s[key])}")


def policy(m, doc):
    heading("5 THE POLICY")
    if doc is None:
        item("Policy", "none: this change has no policy")
        return
    item("Policy", f"what IAM user {m['plan']['iam']['user']} may do by policy {m['plan']['iam']['policy']}")
    if not isinstance(doc, dict):
        item("Policy is", jsn(doc))
        return
    item("Version", jsn(doc["Version"]) if "Version" in doc else "none")
    for key in sorted(doc):
        if key not in ("Statement", "Version"):
            item("Policy note", f"{key} {jsn(doc[key])}")
    found = doc.get("Statement", [])
    if found == []:
        item("Statements", "none")
    for n, s in enumerate(found if isinstance(found, list) else [found], 1):
        statement(s, n, m["plan"]["bucket"]["name"])


def request(m, doc):
    heading("6 THE REGISTER REQUEST")
    if doc is None:
        item("Request", "none: this change has no register request")
        return
    item("Request", "PUT _snapshot/" + m["plan"]["repository"])
    if not isinstance(doc, dict):
        item("Request is", jsn(doc))
        return
    for key in sorted(doc):
        if key == "type":
            item("Type", jsn(doc[key]))
        elif key == "settings" and isinstance(doc[key], dict):
            for name in sorted(doc[key]):
                reason = SETTINGS.get(name, "NOT KNOWN as a setting of a repository; ask why")
                item("Setting", f"{name} = {jsn(doc[key][name])}: {reason}")
        else:
            item("Request note", f"{key} {jsn(doc[key])}")


def undo(m, repository):
    p = m["plan"]
    heading("7 IF SOMETHING FAILS")
    item("Undo", "the run stops at the first failure and undoes what it has written, last first; a signed receipt says what "
                 "was done and what was undone")
    word("Undo IAM", "undo", p["iam"]["mode"])
    if p["bucket"]["mode"] == "create":
        item("Undo bucket", "one that was made is removed while it is empty, else it stays")
    item("Undo secrets", "no secret is written, so nothing is undone" if not m["secrets"]
         else "a copy of every node's keystore, made before, is put back and reloaded" if m["target"]["kind"] in OWN
         else "new names are taken out again; CANNOT BE UNDONE for a name that was set before: its old value never comes back")
    item("Undo request", "none is sent, so nothing is undone" if p["do"] == "rotate" and repository is None
         else "the definition that was there is registered again" if p["do"] == "remove"
         else "the definition that was there is registered again; where none was, it is taken away")


def record(m):
    log, trust = m["expect_log"], m["trust"]
    heading("8 FOR THE RECORD")
    item("Type", m["type"])
    item("Domain", m["domain"])
    item("Bundle", m["bundle_id"])
    item("Made at", m["created_at"])
    item("Approvals", f"rule {m['change']['class']} of trust {trust['version']} (sha256 {trust['sha256']})")
    item("Follows", m["prev"] or "no bundle: it is the first one of this target")
    item("Supersedes", m["supersedes"] or "no run that was left uncertain")
    if log["size"] == 0:
        item("Log seen", "none: the author has seen no receipt of this appliance")
    else:
        item("Log seen", f"log of {log['origin']}, {log['size']} receipts, with the root")
        item("Log root", log["root"])


def sheet(m, policy_doc, repository):
    OUT[:] = ["SNAPSEAL REVIEW SHEET"]
    item("To approve", "read to END OF SHEET: it is all that this change does. The sheet follows from manifest.json and the "
                       "two documents of section 9; a bundle in which it differs by one byte is refused.")
    change(m)
    where(m)
    steps(m, repository)
    secrets(m)
    policy(m, policy_doc)
    request(m, repository)
    undo(m, repository)
    record(m)
    heading("9 THE TWO DOCUMENTS, EXACTLY")
    for label, doc in (("Policy", policy_doc), ("Request", repository)):
        item(label, "none" if doc is None else jsn(doc), doc is not None)
    heading("END OF SHEET")
    return "\n".join(OUT) + "\n"


def read(case, name):
    path = os.path.join(case, name)
    if not os.path.exists(path):
        return None
    with open(path, encoding="ascii", newline="") as f:
        return f.read()


def load(case, name):
    text = read(case, name)
    return None if text is None else json.loads(text)


def main():
    with open(sys.argv[1], encoding="ascii") as f:
        first, second = f.read().split("### C.1 ")[1].split("### C.2 ")
    ACTIONS.update(re.findall(r"^\| `([^`]+)` \| (.*) \|$", first, re.M))
    SETTINGS.update(re.findall(r"^\| `([^`]+)` \| (.*) \|$", second, re.M))
    bad = 0
    for case in sys.argv[2:]:
        made = sheet(load(case, "manifest.json"), load(case, "iam-policy.json"), load(case, "repository.json"))
        if made != read(case, "sheet.txt"):
            print(case + ": not the sheet of annex B")
            bad += 1
    print(f"{len(sys.argv) - 2} sheets, {bad} of them not as annex B has them")
    return 1 if bad or len(sys.argv) == 2 else 0


sys.exit(main())
