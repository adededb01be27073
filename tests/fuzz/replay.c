/* SPDX-License-Identifier: Apache-2.0 */
/* replay FILE|DIRECTORY...: each file as one input. Fails when there is none. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static size_t replayed;

static void one_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    uint8_t *data;

    if (f == NULL || fstat(fileno(f), &st) != 0) {
        perror(path);
        exit(1);
    }
    data = malloc(st.st_size > 0 ? (size_t)st.st_size : 1); /* exact, so that one byte
                                                               too many is seen */
    if (data == NULL || fread(data, 1, (size_t)st.st_size, f) != (size_t)st.st_size) {
        perror(path);
        exit(1);
    }
    fclose(f);
    (void)LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
    free(data);
    replayed++;
}

int main(int argc, char **argv)
{
    char path[1000];
    struct dirent *e;
    int i;

    LLVMFuzzerInitialize(&argc, &argv);
    for (i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);

        while (dir != NULL && (e = readdir(dir)) != NULL) {
            if (e->d_name[0] != '.') {
                snprintf(path, sizeof(path), "%s/%s", argv[i], e->d_name);
                one_file(path);
            }
        }
        if (dir != NULL) {
            closedir(dir);
        } else {
            one_file(argv[i]);
        }
    }
    printf("%zu inputs\n", replayed);
    return replayed > 0 ? 0 : 1;
}
