# SPDX-License-Identifier: Apache-2.0
# Target snapseal_archive: libarchive's ustar writer, tar reader and disk writer. Linked statically where that works: Debian's
# shared library loads 14 others (XML, ICU, compressors), which costs each start 1.5 ms of 2.0 and is code that nothing here
# uses. The static one needs libc alone, and libacl for the disk writer, once pack.c has taken its list of formats out.
find_package(LibArchive REQUIRED)
find_library(snapseal_archive_a NAMES libarchive.a)
find_library(snapseal_acl NAMES acl libacl.so.1) # the development package of libacl is not needed
mark_as_advanced(snapseal_archive_a snapseal_acl)

add_library(snapseal_archive INTERFACE)
if(snapseal_archive_a AND snapseal_acl)
  try_compile(SNAPSEAL_STATIC_ARCHIVE ${CMAKE_BINARY_DIR}/archive_check ${CMAKE_CURRENT_LIST_DIR}/archive_check.c
    CMAKE_FLAGS -DINCLUDE_DIRECTORIES=${LibArchive_INCLUDE_DIRS}
    LINK_LIBRARIES ${snapseal_archive_a} ${snapseal_acl})
endif()
if(SNAPSEAL_STATIC_ARCHIVE)
  target_include_directories(snapseal_archive SYSTEM INTERFACE ${LibArchive_INCLUDE_DIRS})
  target_compile_definitions(snapseal_archive INTERFACE SNAPSEAL_STATIC_ARCHIVE)
  target_link_libraries(snapseal_archive INTERFACE ${snapseal_archive_a} ${snapseal_acl})
else()
  target_link_libraries(snapseal_archive INTERFACE LibArchive::LibArchive)
endif()
message(STATUS "libarchive: ${LibArchive_VERSION}, static: ${SNAPSEAL_STATIC_ARCHIVE}")
