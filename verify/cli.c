/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <stdint.h>

#define NUM(table) (sizeof(table) / sizeof((table)[0]))
#define CONFIG                                                                           \
    {                                                                                    \
        "config", 'c', false, "FILE", "configuration (/etc/snapseal/verify.conf)"        \
    }

static const struct bf_option common[] = {
    {"state", 's', false, "DIR", "keys, trust, ledger (/var/lib/snapseal)"},
    {"json", 'j', false, NULL, "the result as JSON on stdout"},
    {"quiet", 'q', false, NULL, "only errors"},
};

static const struct bf_option init_options[] = {
    {"name", 'n', false, "NAME", "id of this appliance in the trust file"},
    {"show", 0, false, NULL, "print the public parts again, make nothing"},
};
static const struct bf_option discover_options[] = {
    {"url", 'u', false, "URL", "the cluster, https://HOST:PORT"},
    {"ca", 0, false, "FILE",
     "the CA that the cluster's certificate must verify against; without it nothing but "
     "the certificate's fingerprint is read; system: those of the system"},
    {"auth", 0, false, "KIND", "none, basic or apikey (none)"},
    {"user", 0, false, "NAME", "user for basic"},
    {"credential", 0, false, "SOURCE",
     "file:/PATH, systemd:NAME or command:/PATH ARG..."},
    {"kind", 0, false, "KIND", "a deployment of ech (default) or ece"},
    {"deployment", 0, false, "ID", "its id, or ID/REF"},
    {"control-url", 0, false, "URL", "its API, without /api/v1"},
    {"control-ca", 0, false, "FILE", "the CA of the API, or system"},
    {"control-credential", 0, false, "SOURCE", "the API's key, as --credential"},
    {"appliance", 0, false, "NAME", "the appliance that will serve it (this one)"},
};
static const struct bf_option install_options[] = {
    {"pin", 'p', false, "SHA256",
     "fingerprint of the first trust file, from the root people"},
};
static const struct bf_option check_options[] = {
    {"trust", 't', true, "FILE",
     "check against this trust file and its successors, without a state directory"},
    {"pin", 'p', true, "SHA256", "fingerprint of the first --trust, or one for each"},
    {"identity", 'i', false, "FILE",
     "age identity that opens a sealed bundle (with --trust)"},
    {"at", 0, false, "TIME", "as of that time, 2026-11-23T15:34:00Z (with --trust)"},
};
static const struct bf_option plan_options[] = {
    CONFIG,
    {"exit-code", 0, false, NULL, "exit 1 when something would change"},
};
static const struct bf_option probe_options[] = {
    CONFIG,
    {"exit-code", 0, false, NULL, "exit 1 when something has changed"},
};
static const struct bf_option apply_options[] = {
    CONFIG,
    {"yes", 'y', false, NULL, "do not ask (services)"},
    {"out", 'o', false, "DIR", "where the receipt is copied to (.)"},
};
static const struct bf_option resume_options[] = {
    CONFIG,
    {"undo", 0, false, NULL, "do not finish, undo"},
    {"give-up", 0, false, NULL,
     "close as uncertain what can be neither finished nor undone now"},
    {"out", 'o', false, "DIR", "where the receipt is copied to (.)"},
};
static const struct bf_option receipts_options[] = {
    {"out", 'o', false, "FILE", "copy the receipt there, - for stdout"},
    {"force", 'f', false, NULL, "overwrite FILE"},
};
static const struct bf_option prove_options[] = {
    {"to", 0, false, "M", "proof up to M receipts (all)"},
};

static const struct bf_verb verbs[] = {
    {"init", "", 0, 0, "make this appliance's keys",
     "Makes three keys, each for one purpose: transport (opens sealed files), secrets "
     "(opens the values in a bundle) and receipt "
     "(signs receipts). Their public parts go to stdout, as an entry for the trust "
     "file's list of appliances. Keys that are there are "
     "never replaced.",
     init_options, NUM(init_options), vfy_cmd_init},
    {"discover", "NAME", 1, 1, "read a cluster for the trust file (network)",
     "Prints the entry for the trust file's list of targets, the names of the nodes for "
     "verify.conf, and the role and API key request that "
     "give this appliance no more than it needs. A credential is only ever sent over TLS "
     "that verifies against --ca.",
     discover_options, NUM(discover_options), vfy_cmd_discover},
    {"trust install", "FILE", 1, 1, "install a trust file",
     "The first one by its fingerprint (--pin), which the root people tell by another "
     "way; every later one by the signatures of the "
     "root people of the installed one and of its own. All versions are kept.",
     install_options, NUM(install_options), vfy_cmd_trust_install},
    {"trust show", "", 0, 0, "say which trust file is installed", NULL, NULL, 0,
     vfy_cmd_trust_show},
    {"check", "BUNDLE...", 1, SIZE_MAX, "all checks that need no network",
     "Reads, changes nothing, opens no socket. With --trust it is the auditor's form: it "
     "needs no state directory, and the verdict has "
     "scope document, since serial, order and the values themselves are known to the "
     "appliance alone.",
     check_options, NUM(check_options), vfy_cmd_check},
    {"plan", "BUNDLE", 1, 1, "check, then show what would change (network)",
     "Reads the live target and prints the difference; changes nothing. Names the "
     "privilege that a credential lacks.",
     plan_options, NUM(plan_options), vfy_cmd_plan},
    {"apply", "BUNDLE", 1, 1, "check, plan, ask, apply, prove, receipt (network)",
     "The same bundle again after it was applied is proved and changes nothing. What "
     "fails is undone (exit 4); what is not known stays "
     "open for resume (exit 5).",
     apply_options, NUM(apply_options), vfy_cmd_apply},
    {"probe", "TARGET", 1, 1, "live state against what was applied (network)",
     "Needs no bundle: what was applied last is in the state, with its receipt. Tells "
     "drift of the definition, the policy, each node's keystore and the set of nodes, "
     "lets every node verify the repository, and tells the age of the keys. Changes "
     "nothing but what the verification itself writes and takes away.",
     probe_options, NUM(probe_options), vfy_cmd_probe},
    {"resume", "[TARGET]", 0, 1, "finish or undo an interrupted run (network)",
     "Goes forward when the bundle would pass its checks today, else undoes what was "
     "begun. Without TARGET all interrupted runs.",
     resume_options, NUM(resume_options), vfy_cmd_resume},
    {"status", "", 0, 0, "keys, trust, targets, interrupted runs", NULL, NULL, 0,
     vfy_cmd_status},
    {"receipts", "[N]", 0, 1, "list receipts, or show or copy one", NULL,
     receipts_options, NUM(receipts_options), vfy_cmd_receipts},
    {"log prove", "N", 1, 1, "prove that the log only grew since N receipts",
     "Prints the consistency proof of RFC 6962 from the log's head at N receipts to its "
     "head now, as JSON; snapseal-gen receipt import "
     "moves its own head by it.",
     prove_options, NUM(prove_options), vfy_cmd_log_prove},
};

const struct bf_program vfy_program = {
    "snapseal-verify",
    SNAPSEAL_VERSION,
    "checks bundles, applies them, proves that the repository works, and writes signed "
    "receipts",
    verbs,
    NUM(verbs),
    common,
    NUM(common),
};

const char *vfy_arg_state(const struct bf_args *a)
{
    const char *dir = bf_arg(a, "state");

    return dir != NULL ? dir : "/var/lib/snapseal";
}

const char *vfy_arg_config(const struct bf_args *a)
{
    const char *file = bf_arg(a, "config");

    return file != NULL ? file : "/etc/snapseal/verify.conf";
}
