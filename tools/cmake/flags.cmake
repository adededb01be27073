# SPDX-License-Identifier: Apache-2.0
# The warnings and the hardening that every target of the project is built with.

set(snapseal_warnings
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wcast-align -Wwrite-strings
  -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wbad-function-cast -Wundef -Wvla -Wformat=2
  -Wimplicit-fallthrough -Wnull-dereference -Wdouble-promotion -Wswitch-enum -Wframe-larger-than=4096)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  list(APPEND snapseal_warnings -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wjump-misses-init -Warith-conversion)
else()
  list(APPEND snapseal_warnings -Wshorten-64-to-32 -Wcomma -Wunreachable-code -Wconditional-uninitialized)
endif()
if(SNAPSEAL_WERROR)
  list(APPEND snapseal_warnings -Werror)
endif()

set(snapseal_hardening -fstack-protector-strong -fstack-clash-protection -fcf-protection=full)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  list(APPEND snapseal_hardening -ftrivial-auto-var-init=zero)
endif()
set(snapseal_link -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)

if(SNAPSEAL_SANITIZE OR SNAPSEAL_FUZZ)
  # redzones make frames larger than what the release is held to
  list(APPEND snapseal_warnings -Wno-frame-larger-than)
  set(snapseal_hardening -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  set(snapseal_link -fsanitize=address,undefined)
  if(SNAPSEAL_FUZZ)
    list(APPEND snapseal_hardening -fsanitize=fuzzer-no-link)
  endif()
elseif(SNAPSEAL_COVERAGE)
  list(APPEND snapseal_hardening --coverage -fprofile-update=atomic)
  list(APPEND snapseal_link --coverage)
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  list(APPEND snapseal_hardening -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()

function(snapseal_flags target)
  target_compile_options(${target} PRIVATE ${snapseal_warnings} ${snapseal_hardening})
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE SNAPSEAL_VERSION="${PROJECT_VERSION}")
  get_target_property(kind ${target} TYPE)
  if(kind STREQUAL "EXECUTABLE")
    target_compile_options(${target} PRIVATE -fPIE)
    target_link_options(${target} PRIVATE ${snapseal_link})
  endif()
endfunction()
