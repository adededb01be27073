/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speaks the applier's side of the protocol in place of snapseal-applier, so that the
 * parent's side can be tested at every message without a server. What it "changes" is
 * lines of a file: "+STEP" when a step is done, "-STEP" when it is undone.
 *
 * The file is the command of the first node; the user name of the cluster says what
 * happens: ok            everything works die:N         ends without a word after N
 * messages have been sent (and acked) fail:STEP     that step fails, everything is undone
 *   stuck:STEP    that step fails, and undoing fails too: uncertain
 *   refuse        the live target is not as approved: refused before anything
 *   net           no connection: failed, or uncertain when there are records
 *   rewritten     everything works, and the keystore is another file
 *   lose          undoing is not possible: uncertain with PREFLIGHT
 */
#ifndef TEST_FAKE_APPLIER_H
#define TEST_FAKE_APPLIER_H

#define FAKE_DIGEST "71f31975ba146f773bd0b64bca185d2b3456ae1830c82de073627faa223369e2"

#define FAKE_OTHER_DIGEST                                                                \
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* Returns when the program is not run as an applier; else plays it and ends the process.
 */
void fake_applier(void);

#endif
