/* SPDX-License-Identifier: Apache-2.0 */
/* snapseal-gen: the workstation's program. It opens no socket but the ssh-agent's. Verbs
 * and options as data. */
#include "cmd.h"

#define NUM(a) (sizeof(a) / sizeof((a)[0]))
#define OUT(text)                                                                        \
    {                                                                                    \
        "out", 'o', false, "FILE", text                                                  \
    }
#define KEY                                                                              \
    {                                                                                    \
        "key", 'k', false, "FILE",                                                       \
            "private key file (mode 0600), or FILE.pub: that key of ssh-agent's"         \
    }
#define IDENTITY                                                                         \
    {                                                                                    \
        "identity", 'i', false, "FILE", "age identity that opens sealed files"           \
    }
#define FORCE                                                                            \
    {                                                                                    \
        "force", 'f', false, NULL, "replace an output that is there"                     \
    }

static const struct bf_option everywhere[] = {
    {"state", 's', false, "DIR",
     "state directory, mode 0700 (default: $XDG_STATE_HOME/snapseal)"},
    {"json", 'j', false, NULL, "one JSON document on stdout"},
    {"quiet", 'q', false, NULL, "only errors"},
};

static const struct bf_option keygen_options[] = {
    OUT("where the identity goes, mode 0600"),
    FORCE,
};

static const struct bf_option new_options[] = {
    {"target", 0, false, "ID", "target in the trust file"},
    {"ticket", 0, false, "TEXT", "ticket; approvers type it to approve"},
    {"reason", 0, false, "TEXT", "reason, one line"},
    {"repository", 'r', false, "NAME", "name of the repository in the cluster"},
    {"bucket", 'b', false, "NAME", "S3 bucket"},
    {"endpoint", 0, false, "URL", "S3 endpoint; empty: AWS"},
    {"region", 0, false, "REGION", "region of the bucket"},
    {"base-path", 0, false, "PATH", "path inside the bucket; empty: all of it"},
    {"client", 0, false, "NAME",
     "middle part of the keystore names (default: secondary)"},
    {"iam-mode", 0, false, "MODE", "apply, check, manual or none"},
    {"iam-user", 0, false, "NAME", "IAM user that holds the access key"},
    {"iam-arn", 0, false, "ARN", "ARN of that user"},
    {"iam-policy-name", 0, false, "NAME", "name of the inline policy"},
    {"policy", 0, false, "FORM",
     "minimal (nine actions), page (s3:* as on Elastic's page, also called wide) or a "
     "file"},
    {"preflight", 0, false, "HOW", "required, if-reachable or none"},
    {"precondition", 0, false, "WHAT",
     "absent, any, or the SHA-256 of what is registered now"},
    {"validity", 0, false, "HOURS", "how long the bundle may be applied"},
    {"batch", 0, false, NULL, "ask nothing: options and defaults only"},
    {"from", 0, false, "CHANGE", "start from the answers of another change"},
    {"rotate", 0, false, "TARGET",
     "new keys for what was applied last to that target (--repository: which one)"},
    {"remove", 0, false, "TARGET", "take that repository and its keys away"},
    {"retire", 0, false, "KEYID",
     "with these: the access key that is no longer used (default: the last one set)"},
    {"setting", 0, true, "NAME=VALUE", "a further setting of the repository"},
    {"path-style", 0, false, "YES|NO",
     "path-style access (default: yes with an endpoint that is not AWS's)"},
    {"policy-compat", 0, false, "SERVER",
     "rgw: also s3:DeleteObject on the bucket, for Ceph RGW 16"},
    {"no-keys", 0, false, NULL,
     "write no keystore entries: the client has its keys from elsewhere"},
    {"analyze", 0, false, NULL, "run _analyze after Verify"},
    {"restart", 0, false, "MODE",
     "never, if-needed or always (default: never; for ech and ece if-needed)"},
    {"restart-group", 0, false, "ATTRIBUTE",
     "which nodes at once: __zone__, __name__ (one) or __all__ (default: __all__ with "
     "never, else __zone__)"},
    {"skip-snapshot", 0, false, NULL, "no snapshot before a restart"},
    {"bucket-mode", 0, false, "MODE", "none (default), check or create"},
    {"bucket-region", 0, false, "REGION",
     "where the bucket is to be (default: as --region)"},
    {"bucket-ownership", 0, false, NULL,
     "wish: bucket owner owns all objects, no ACLs (BucketOwnerEnforced)"},
    {"bucket-public-block", 0, false, NULL, "wish: block public access, all four"},
    {"bucket-versioning", 0, false, NULL, "wish: keep versions"},
    {"class", 0, false, "CLASS", "normal (default) or emergency"},
    OUT("the same as CHANGE; - is stdout (default: change.json)"),
    FORCE,
};

static const struct bf_option lint_options[] = {
    {"fail-on", 0, false, "SEVERITY",
     "error (default) or warn: what ends with exit code 1"},
    {"list", 0, false, NULL, "the ids of all findings, with severity and reason"},
};

static const struct bf_option handout_options[] = {IDENTITY};

static const struct bf_option seal_options[] = {
    {"author", 'a', false, "PERSON",
     "who makes the bundle; the key must be that person's"},
    KEY,
    {"secrets", 0, false, "FILE",
     "values, one NAME=VALUE a line, or the AWS console's CSV, also encrypted with age "
     "to the author; mode 0600; - is stdin"},
    {"secrets-fd", 0, false, "N",
     "the same from a descriptor; without either they are asked on the terminal"},
    {"open", 0, false, NULL, "do not seal: anybody can read all but the secrets"},
    {"serial", 0, false, "N", "this serial instead of the next one"},
    {"after", 0, false, "BUNDLE", "follow a bundle that is still on its way"},
    {"supersedes", 0, false, "SHA256",
     "manifest of a run that was closed as uncertain (default: the one that is known "
     "from receipts)"},
    {"not-before", 0, false, "TIME", "valid from then on (UTC, 2026-11-23T15:34:00Z)"},
    IDENTITY,
    OUT("where the bundle goes (default: TARGET-SERIAL.snapseal.age)"),
    FORCE,
};

static const struct bf_option inspect_options[] = {
    IDENTITY,
    {"sheet", 0, false, NULL,
     "the review sheet, exactly as it was signed, and nothing else"},
};

static const struct bf_option diff_options[] = {
    IDENTITY,
    {"exit-code", 0, false, NULL, "end with exit code 1 when they differ"},
};

static const struct bf_option approve_options[] = {
    {"as", 'a', false, "PERSON", "who approves"},
    KEY,
    IDENTITY,
    {"ticket", 0, false, "TEXT",
     "the ticket of the change: giving the right one is the confirmation"},
    {"detached", 0, false, NULL,
     "write the signature alone (default: manifest.json.sig)"},
    {"export", 0, false, "DIR",
     "for somebody without snapseal: sheet, manifest and a README, no secret"},
    {"import", 0, false, "FILE",
     "take in a signature by ssh-keygen, or another copy of the bundle"},
    OUT("where the bundle goes (default: BUNDLE.PERSON.snapseal.age)"),
    FORCE,
};

static const struct bf_option disclose_options[] = {
    {"name", 'n', false, "NAME",
     "which secret: s3.client.CLIENT.access_key or .secret_key"},
    IDENTITY,
};

static const struct bf_option draft_options[] = {
    {"domain", 'd', false, "NAME", "domain of a first version"},
    {"from-installed", 0, false, NULL, "the version after the installed one"},
    {"person", 0, true, "SPEC",
     "ID:ROLES:KEY.pub[:RECIPIENT]; roles of author, approve, audit, root; lists with "
     "commas"},
    {"group", 0, true, "SPEC", "ID:PERSON,PERSON"},
    {"rule", 0, false, "SPEC", "GROUP:NEED,GROUP:NEED, all of them must be met"},
    {"emergency-rule", 0, false, "SPEC",
     "the same for emergency changes (default: as rule)"},
    {"root", 0, false, "PEOPLE", "PERSON,PERSON: who signs trust files"},
    {"need", 0, false, "N", "how many of them"},
    {"appliance", 0, true, "FILE", "what snapseal-verify init prints; - is stdin"},
    {"target", 0, true, "FILE",
     "what snapseal-verify discover --json prints, or its target alone"},
    {"drop", 0, true, "LIST:ID",
     "take away: people:ID, groups:ID, appliances:ID, targets:ID"},
    {"days", 0, false, "N", "until it expires (default: 365)"},
    {"lifetime-hours", 0, false, "N", "how long a bundle may live (default: 720)"},
    {"serial-jump", 0, false, "N", "how far a serial may jump (default: 1000)"},
    {"debts-max", 0, false, "N", "open emergency changes; 0 forbids them (default: 1)"},
    OUT("where the draft goes (default: stdout)"),
    FORCE,
};

static const struct bf_option trust_seal_options[] = {
    OUT("where the trust file goes (default: trust-VERSION.snapseal-trust)"),
    FORCE,
};

static const struct bf_option trust_sign_options[] = {
    {"as", 'a', false, "PERSON", "which root person signs"},
    KEY,
    {"pin", 'p', false, "SHA256",
     "sign only the file of this fingerprint; asked for on a terminal"},
    OUT("where the signed file goes (default: FILE.PERSON.snapseal-trust)"),
    FORCE,
};

static const struct bf_option trust_diff_options[] = {
    {"exit-code", 0, false, NULL, "end with exit code 1 when they differ"},
};

static const struct bf_option install_options[] = {
    {"pin", 'p', false, "SHA256",
     "fingerprint of the first trust file, told by the root people"},
};

static const struct bf_option receipt_options[] = {
    {"own", 0, false, NULL,
     "close a change of this workstation: refuse receipts of other bundles"},
};

static const struct bf_verb verbs[] = {
    {"keygen", "", 0, 0, "make an age identity, print its recipient",
     "The recipient goes into the trust file; the identity opens what is sealed to it. A "
     "key for signing is made with "
     "ssh-keygen -t ed25519.",
     keygen_options, NUM(keygen_options), gen_cmd_keygen},
    {"new", "[CHANGE]", 0, 1, "ask for everything and write the change file",
     "Writes change.json unless CHANGE is given; - is stdout. No secret goes into it. "
     "Every question has an option of the same "
     "meaning; what is given is not asked.\n\nThe file may be edited by hand: see "
     "snapseal(5).",
     new_options, NUM(new_options), gen_cmd_new},
    {"lint", "CHANGE", 0, 1, "look for what is wrong or unwise in a change",
     "Each finding is a line: severity, id, place, text, reason. Ids are stable.",
     lint_options, NUM(lint_options), gen_cmd_lint},
    {"handout", "CHANGE|BUNDLE", 1, 1,
     "what the AWS team has to do, as aws lines and console steps",
     "From a change file bucket, user and key; the policy only from a bundle whose "
     "approvals meet its rule.",
     handout_options, NUM(handout_options), gen_cmd_handout},
    {"seal", "CHANGE", 1, 1, "take the secrets, sign, and write the bundle",
     "Only the installed trust is used, and lint must pass. Serial, prev and the log "
     "head come from the state and from "
     "receipts that were imported. Prints the file's name and the SHA-256 of its "
     "manifest.",
     seal_options, NUM(seal_options), gen_cmd_seal},
    {"inspect", "BUNDLE", 1, 1, "show everything about a bundle but its secrets",
     "For each signature who, which key, which role, good or why not. Exit 0 when checks "
     "3 to 10 pass; that approvals are "
     "missing or that it is not valid yet is told and no refusal.",
     inspect_options, NUM(inspect_options), gen_cmd_inspect},
    {"diff", "[OLD] NEW", 1, 2, "what differs between two bundles",
     "OLD is the bundle applied last to the target unless it is given. Compared are the "
     "review sheets, which leave nothing out: - is of the old one, + of the new one. For "
     "secrets that is what the author claims; values are not here.",
     diff_options, NUM(diff_options), gen_cmd_diff},
    {"approve", "BUNDLE", 1, 1, "read the sheet, type the ticket, sign",
     "Writes a copy with one signature more; nothing is applied by it. With --export and "
     "--import people approve who have "
     "OpenSSH alone.",
     approve_options, NUM(approve_options), gen_cmd_approve},
    {"disclose", "BUNDLE", 1, 1, "tell an auditor the opening of one commitment",
     "With it, and with the value told by other means, the auditor sees with openssl "
     "alone that this value was approved. Only the workstation that sealed the bundle "
     "has the opening.",
     disclose_options, NUM(disclose_options), gen_cmd_disclose},
    {"trust draft", "", 0, 0, "write a draft of the trust file from options",
     "The draft is JSON to be looked over and edited; an option with the id of somebody "
     "or something that is there replaces "
     "it.",
     draft_options, NUM(draft_options), gen_cmd_trust_draft},
    {"trust seal", "DRAFT", 1, 1, "make the trust file of a draft, to be signed",
     "Prints its SHA-256, the fingerprint that the root people compare before they sign "
     "and that is the first one's pin.",
     trust_seal_options, NUM(trust_seal_options), gen_cmd_trust_seal},
    {"trust sign", "FILE", 1, 1, "add the signature of a root person",
     "Shows the file, asks for the first digits of the fingerprint, and writes a copy "
     "with one signature more; several copies are signed one after another.",
     trust_sign_options, NUM(trust_sign_options), gen_cmd_trust_sign},
    {"trust show", "[FILE]", 0, 1,
     "a trust file (default: the installed one) in plain words, with its fingerprint",
     NULL, NULL, 0, gen_cmd_trust_show},
    {"trust diff", "[OLD] NEW", 1, 2,
     "what differs between two trust files, in plain words",
     "OLD is the installed one unless it is given. Each line is one fact that one of the "
     "files alone has: - only the old one, + only the new one. Whether the new one may "
     "be "
     "installed is for trust install to say.",
     trust_diff_options, NUM(trust_diff_options), gen_cmd_trust_diff},
    {"trust install", "FILE", 1, 1, "put a trust file into force here",
     "The first one by --pin; each later one must follow the installed one and be signed "
     "by the root people of both.",
     install_options, NUM(install_options), gen_cmd_trust_install},
    {"receipt import", "RECEIPT...", 1, SIZE_MAX,
     "check receipts, close their changes, keep the log's head",
     "The head of an appliance's log moves only to what provably extends it. Receipts of "
     "bundles made elsewhere are taken too; "
     "approvers import them as well.",
     receipt_options, NUM(receipt_options), gen_cmd_receipt_import},
    {"status", "", 0, 0, "changes open, approvals missing, receipts awaited",
     "What receipts have not told cannot be known here: import them. Superseded means "
     "that the appliance has used up the serial for another bundle.",
     NULL, 0, gen_cmd_status},
};

static const struct bf_program program = {
    "snapseal-gen",
    SNAPSEAL_VERSION,
    "makes, reviews and approves sealed changes of snapshot repositories, without a "
    "network",
    verbs,
    NUM(verbs),
    everywhere,
    NUM(everywhere),
};

int main(int argc, char **argv)
{
    return bf_cli_main(&program, argc, argv);
}
