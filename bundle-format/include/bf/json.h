/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict JSON (SPEC section 2): a subset of RFC 8785 output for what is signed; the same
 * with wider keys for the review documents; and a relaxed reader for change.json, which
 * takes blanks, any key order and RFC 8259's \uXXXX below 0x7f, and nothing else more.
 */
#ifndef BF_JSON_H
#define BF_JSON_H

#include "bf/bytes.h"

enum bf_json_profile {
    BF_JSON_SIGNED, /* keys [a-z0-9_.-]{1,64}, strictly ascending, no blanks */
    BF_JSON_REVIEW, /* keys printable ASCII 1..128 without quote and backslash, strictly
                       ascending, no blanks */
    BF_JSON_RELAXED /* keys as REVIEW; blanks, any order, no key twice */
};

enum bf_json_kind { BF_OBJECT = 1, BF_ARRAY, BF_STRING, BF_INT, BF_BOOL };

enum { BF_MAX_DEPTH = 8, BF_MAX_JSON = 256 * 1024 };

/* A node; text is NUL-terminated and never holds a NUL. Owned by the document's arena. */
struct bf_json {
    enum bf_json_kind kind;
    const char *key;  /* in an object, else NULL */
    const char *text; /* STRING */
    int64_t num;      /* INT; BOOL: 0 or 1 */
    struct bf_json *first;
    struct bf_json *next;
    size_t count; /* children */
};

struct bf_json_doc {
    struct bf_arena
        arena; /* may be locked before parsing: bf_arena_lock(&doc.arena, ...) */
    struct bf_json *root;
};

/*
 * Parses in whole, or fails with JSON_SIZE, JSON_SYNTAX, JSON_BLANK, JSON_STRING,
 * JSON_NUMBER, JSON_KEY, JSON_ORDER, JSON_DEPTH, JSON_TRAILING (where: byte offset). The
 * input may go away afterwards.
 */
BF_MUST enum bf_err bf_json_parse(struct bf_json_doc *doc, struct bf_bytes in,
                                  enum bf_json_profile profile, struct bf_diag *diag);
void bf_json_clear(struct bf_json_doc *doc);
/* The member of an object, or NULL. */
const struct bf_json *bf_json_get(const struct bf_json *object, const char *key);
/* Text of a string member, or NULL when absent or of another kind. */
const char *bf_json_get_text(const struct bf_json *object, const char *key);
/* Writes node in the profile (keys sorted, no blanks). */
void bf_json_write(struct bf_buf *out, const struct bf_json *node);
/* Writes text as a JSON string in the profile; out goes bad on bytes outside 0x20-0x7e.
 */
void bf_json_write_text(struct bf_buf *out, const char *text);

/*
 * A closed schema as data. One table says how an object is read (unknown and missing
 * members are refused), which grammar its strings obey, and how it is written.
 */
enum bf_field_kind {
    BF_F_TEXT = 1,
    BF_F_INT,
    BF_F_BOOL,
    BF_F_OBJECT,
    BF_F_TEXTS,
    BF_F_OBJECTS
};

/* A list in a decoded struct: items points to num C strings (TEXTS) or num structs
 * (OBJECTS). */
struct bf_list {
    size_t num;
    void *items;
};

typedef bool bf_grammar_fn(const char *text);
struct bf_schema;

struct bf_field {
    const char *name; /* fields of one schema ascend by name */
    enum bf_field_kind kind;
    size_t at; /* offsetof in the struct: const char *, int64_t, bool, a struct, struct
                  bf_list */
    bf_grammar_fn *grammar;     /* TEXT, TEXTS; NULL: any */
    int64_t min, max;           /* INT: value; TEXTS, OBJECTS: count */
    const struct bf_schema *of; /* OBJECT, OBJECTS */
};

struct bf_schema {
    const char *name;
    size_t size; /* sizeof of the struct */
    const struct bf_field *fields;
    size_t num;
};

/*
 * Decodes node into out (zeroed first); strings point into the arena. The error of a
 * wrong shape is the caller's: err_schema with a place such as "plan.s3.region: unknown
 * member". BF_NO_MEMORY.
 */
BF_MUST enum bf_err bf_schema_read(void *out, const struct bf_schema *schema,
                                   const struct bf_json *node, struct bf_arena *arena,
                                   enum bf_err err_schema, struct bf_diag *diag);
/* The same; err_value for what has the right shape but not an allowed value (grammar,
 * range, number of entries). */
BF_MUST enum bf_err bf_schema_read_as(void *out, const struct bf_schema *schema,
                                      const struct bf_json *node, struct bf_arena *arena,
                                      enum bf_err err_schema, enum bf_err err_value,
                                      struct bf_diag *diag);
/* Writes the struct in the signed profile. NULL texts are written as "". */
void bf_schema_write(struct bf_buf *out, const struct bf_schema *schema, const void *in);

/* List access: item i as C string, as struct. */
const char *bf_list_text(const struct bf_list *list, size_t i);
#define BF_LIST_ITEM(list, type, i) (&((type *)(list)->items)[i])

#endif
