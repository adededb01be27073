/* SPDX-License-Identifier: Apache-2.0 */
/* ssh-agent as a signer, against an agent of ours that answers rightly, wrongly, or not
 * at all. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent.h"
#include "fixture.h"
#include "harness.h"

/* One end of a pair with the answers that the fake agent will give, one a request. */
struct fake {
    int fd;
    struct bf_buf answers[4];
    size_t num;
    struct bf_buf seen; /* bodies of the requests, one after the other */
};

static bool whole(int fd, void *to, size_t len, bool out)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = out ? send(fd, (char *)to + done, len - done, MSG_NOSIGNAL)
                        : read(fd, (char *)to + done, len - done);

        if (n <= 0) {
            return false;
        }
        done += (size_t)n;
    }
    return true;
}

static void *serve(void *arg)
{
    struct fake *f = arg;
    uint8_t head[4], body[8192];
    size_t i;

    for (i = 0; i < f->num; i++) {
        size_t len;

        if (!whole(f->fd, head, 4, false)) {
            break;
        }
        len = (size_t)head[2] << 8 | head[3];
        if (head[0] != 0 || head[1] != 0 || len > sizeof(body) ||
            !whole(f->fd, body, len, false)) {
            break;
        }
        bf_put(&f->seen, body, len);
        if (!whole(f->fd, f->answers[i].ptr, f->answers[i].len, true)) {
            break;
        }
    }
    close(f->fd);
    return NULL;
}

struct talk {
    struct fake fake;
    struct gen_agent agent;
    pthread_t thread;
};

static void begin(struct talk *t)
{
    int fd[2];

    memset(t, 0, sizeof(*t));
    T_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    t->agent.fd = fd[0];
    t->fake.fd = fd[1];
    t->fake.seen = bf_buf(65536);
}

/* Raw bytes as the next answer. */
static void answer(struct talk *t, struct bf_bytes raw)
{
    struct bf_buf *b = &t->fake.answers[t->fake.num++];

    *b = bf_buf(300000);
    bf_put_bytes(b, raw);
}

/* A framed body as the next answer. */
static void framed(struct talk *t, const struct bf_buf *body)
{
    struct bf_buf *b = &t->fake.answers[t->fake.num++];

    *b = bf_buf(300000);
    bf_put_string(b, bf_buf_bytes(body));
}

static void go(struct talk *t)
{
    T_INT(pthread_create(&t->thread, NULL, serve, &t->fake), 0);
}

static void end(struct talk *t)
{
    size_t i;

    gen_agent_close(&t->agent);
    pthread_join(t->thread, NULL);
    for (i = 0; i < t->fake.num; i++) {
        bf_buf_clear(&t->fake.answers[i]);
    }
    bf_buf_clear(&t->fake.seen);
}

static void put_identity(struct bf_buf *b, const struct bf_sshkey *key)
{
    bf_put_string(b, bf_view(key->blob, key->blob_len));
    bf_put_string(b, bf_text("a comment"));
}

static void finds_the_preferred(void)
{
    struct fx *f = calloc(1, sizeof(*f));
    struct bf_buf body = bf_buf(4096);
    struct bf_diag diag = {0};
    struct talk t;
    const struct bf_sshkey *wanted[2];
    size_t found;

    fx_init(f);
    begin(&t);
    bf_put_u8(&body, 12);
    bf_put_u32(&body, 3);
    put_identity(&body, &f->who[FX_MALLORY].signer.key);
    put_identity(&body, &f->who[FX_BOB].signer.key);
    put_identity(&body, &f->who[FX_ALICE].signer.key);
    framed(&t, &body);
    framed(&t, &body);
    go(&t);
    wanted[0] = &f->who[FX_ALICE].signer.key;
    wanted[1] = &f->who[FX_BOB].signer.key;
    T_OK(gen_agent_find(&t.agent, &found, wanted, 2, &diag), &diag);
    T_INT(found, 0);
    wanted[0] = &f->who[FX_CAROL].signer.key;
    T_OK(gen_agent_find(&t.agent, &found, wanted, 1, &diag), &diag);
    T_INT(found, 1); /* none */
    end(&t);
    bf_buf_clear(&body);
    fx_clear(f);
    free(f);
}

/* The signature that the agent gives is that of the key file, and asked for in its
 * protocol. */
static void signs(void)
{
    struct fx *f = calloc(1, sizeof(*f));
    struct bf_buf body = bf_buf(4096), field = bf_buf(4096), data = bf_buf(4096);
    struct bf_buf armor = bf_buf(BF_MAX_SIGNATURE), direct = bf_buf(BF_MAX_SIGNATURE);
    struct bf_signer *signer = calloc(1, sizeof(*signer));
    struct bf_diag diag = {0};
    struct talk t;

    fx_init(f);
    T_OK(bf_sshsig_data(&data, "snapseal-approve-v1@example.corp", bf_text("message"),
                        &diag),
         &diag);
    T_OK(f->who[FX_BOB].signer.sign(&f->who[FX_BOB].signer, &field, bf_buf_bytes(&data),
                                    &diag),
         &diag);
    begin(&t);
    bf_put_u8(&body, 14);
    bf_put_string(&body, bf_buf_bytes(&field));
    framed(&t, &body);
    go(&t);
    gen_agent_signer(signer, &t.agent, &f->who[FX_BOB].signer.key);
    T_OK(bf_sign(signer, &armor, "snapseal-approve-v1@example.corp", bf_text("message"),
                 &diag),
         &diag);
    T_OK(bf_sign(&f->who[FX_BOB].signer, &direct, "snapseal-approve-v1@example.corp",
                 bf_text("message"), &diag),
         &diag);
    T_BYTES(bf_buf_bytes(&armor), bf_buf_bytes(&direct));
    end(&t);
    bf_signer_clear(signer);
    free(signer);
    bf_buf_clear(&body);
    bf_buf_clear(&field);
    bf_buf_clear(&data);
    bf_buf_clear(&armor);
    bf_buf_clear(&direct);
    fx_clear(f);
    free(f);
}

/* What an agent may answer to a request for a signature, and none of it may come out as
 * one. */
static void no_signature(const struct bf_buf *body, const struct fx *f, enum bf_err want,
                         const char *where)
{
    struct bf_buf armor = bf_buf(BF_MAX_SIGNATURE);
    struct bf_signer *signer = calloc(1, sizeof(*signer));
    struct bf_diag diag = {0};
    struct talk t;

    begin(&t);
    framed(&t, body);
    go(&t);
    gen_agent_signer(signer, &t.agent, &f->who[FX_BOB].signer.key);
    T_ERR(bf_sign(signer, &armor, "snapseal-approve-v1@example.corp", bf_text("message"),
                  &diag),
          want, &diag);
    if (where != NULL) {
        T_TEXT(diag.where, where);
    }
    T_INT(armor.len, 0);
    end(&t);
    bf_signer_clear(signer);
    free(signer);
    bf_buf_clear(&armor);
}

static void wrong_signatures(void)
{
    struct fx *f = calloc(1, sizeof(*f));
    struct bf_buf body, field;
    uint8_t sig[64] = {1};

    fx_init(f);
    body = bf_buf(4096);
    bf_put_u8(&body, 5); /* FAILURE: locked, or the user said no */
    no_signature(&body, f, BF_AGENT, "it refused to sign");
    bf_put_u8(&body, 5);
    no_signature(&body, f, BF_AGENT, "it refused to sign");
    bf_buf_clear(&body);

    field = bf_buf(4096);
    bf_put_string(&field, bf_text("ssh-rsa"));
    bf_put_string(&field, bf_view(sig, 64));
    body = bf_buf(4096);
    bf_put_u8(&body, 14);
    bf_put_string(&body, bf_buf_bytes(&field));
    no_signature(&body, f, BF_SIG_KEY_TYPE, NULL);
    bf_buf_clear(&body);
    bf_buf_clear(&field);

    field = bf_buf(4096);
    bf_put_string(&field, bf_text("ssh-ed25519"));
    bf_put_string(&field, bf_view(sig, 63));
    body = bf_buf(4096);
    bf_put_u8(&body, 14);
    bf_put_string(&body, bf_buf_bytes(&field));
    no_signature(&body, f, BF_SIG_BLOB, NULL);
    bf_buf_clear(&body);

    bf_buf_clear(&field);
    field = bf_buf(4096);
    bf_put_string(&field, bf_text("ssh-ed25519"));
    bf_put_string(&field, bf_view(sig, 64)); /* of the right form, and of nobody */
    body = bf_buf(4096);
    bf_put_u8(&body, 14);
    bf_put_string(&body, bf_buf_bytes(&field));
    no_signature(&body, f, BF_SIG_BAD, NULL);
    bf_put_u8(&body, 0); /* something after it */
    no_signature(&body, f, BF_AGENT, "its signature is malformed");
    bf_buf_clear(&body);
    bf_buf_clear(&field);
    fx_clear(f);
    free(f);
}

static void find_fails(struct bf_bytes raw, const char *where)
{
    const struct bf_sshkey *wanted[1];
    struct bf_sshkey *key = calloc(1, sizeof(*key));
    struct bf_diag diag = {0};
    struct talk t;
    size_t found = 7;

    wanted[0] = key;
    begin(&t);
    answer(&t, raw);
    go(&t);
    T_ERR(gen_agent_find(&t.agent, &found, wanted, 1, &diag), BF_AGENT, &diag);
    T_TEXT(diag.where, where);
    T_INT(found, 1);
    end(&t);
    free(key);
}

static void garbage(void)
{
    static const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff}, over[] = {0, 4, 0, 1},
                         none[] = {0, 0, 0, 0};
    static const uint8_t cut[] = {0, 0, 0, 9, 12, 0, 0}, failure[] = {0, 0, 0, 1, 5};
    static const uint8_t lying[] = {0, 0, 0, 5, 12, 0, 0, 0, 9},
                         many[] = {0, 0, 0, 5, 12, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t after[] = {0, 0, 0, 6, 12, 0, 0, 0, 0, 1},
                         string[] = {0, 0, 0, 9, 12, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff};

    find_fails(bf_view(huge, sizeof(huge)), "it answers with 4294967295 bytes");
    find_fails(bf_view(over, sizeof(over)), "it answers with 262145 bytes");
    find_fails(bf_view(none, sizeof(none)), "it answers with 0 bytes");
    find_fails(bf_view(cut, sizeof(cut)), "it hung up in the middle of its answer");
    find_fails(bf_view(failure, sizeof(failure)),
               "it does not list its keys (is it locked?)");
    find_fails(bf_view(lying, sizeof(lying)), "its list of keys is malformed");
    find_fails(bf_view(many, sizeof(many)), "it lists 4294967295 keys");
    find_fails(bf_view(after, sizeof(after)), "its list of keys is malformed");
    find_fails(bf_view(string, sizeof(string)), "its list of keys is malformed");
    find_fails(bf_view(NULL, 0), "it hung up in the middle of its answer");
}

static void nobody_there(void)
{
    struct gen_agent a;
    struct bf_diag diag = {0};

    T_ERR(gen_agent_open(&a, "/nonexistent/agent", &diag), BF_AGENT, &diag);
    T_INT(a.fd, -1);
    T_ERR(gen_agent_open(&a, "", &diag), BF_AGENT, &diag);
    T_TEXT(diag.where, "SSH_AUTH_SOCK is not set");
    T_ERR(gen_agent_open(&a,
                         "/a/very/long/name/that/does/not/fit/into/the/address/of/a/"
                         "socket/however/often/one/tries/to/make/"
                         "it/fit/there",
                         &diag),
          BF_AGENT, &diag);
    T_TEXT(diag.where, "the name of its socket is too long");
    gen_agent_close(&a);
}

T_CASES("agent", {"finds the preferred", finds_the_preferred}, {"signs", signs},
        {"wrong signatures", wrong_signatures}, {"garbage", garbage},
        {"nobody there", nobody_there});
