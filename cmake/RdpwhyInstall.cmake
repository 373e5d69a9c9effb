# What `cmake --install` puts in place for other programs: the headers, one static library out of all
# stages, and a pkg-config file. The program, its man page and completions are installed by src/cli.

set(rdpwhy_objects)
get_property(folders DIRECTORY PROPERTY SUBDIRECTORIES)
foreach(folder IN LISTS folders)
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  list(FILTER targets INCLUDE REGEX "^why_")
  list(REMOVE_ITEM targets why_cli)
  list(TRANSFORM targets REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>")
  list(APPEND rdpwhy_objects ${targets})
endforeach()
add_library(librdpwhy STATIC ${rdpwhy_objects})
set_target_properties(librdpwhy PROPERTIES OUTPUT_NAME rdpwhy LINKER_LANGUAGE C)

install(TARGETS librdpwhy ARCHIVE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/rdpwhy DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h" PATTERN "*.def")

file(RELATIVE_PATH relative_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
set(compression_requires "")
foreach(library IN ITEMS ZLIB LZMA ZSTD)
  if(${library}_FOUND)
    string(APPEND compression_requires ", ${${library}_MODULE_NAME}")
  endif()
endforeach()
configure_file(${CMAKE_CURRENT_LIST_DIR}/rdpwhy.pc.in ${PROJECT_BINARY_DIR}/rdpwhy.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/rdpwhy.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
