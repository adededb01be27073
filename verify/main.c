/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

int main(int argc, char **argv)
{
    return bf_cli_main(&vfy_program, argc, argv);
}
