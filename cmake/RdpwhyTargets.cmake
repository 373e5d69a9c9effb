# Every target is made by one of these functions, so that warnings, hardening and sanitizers are
# decided in one place.
include(CheckCCompilerFlag)
include(CheckLinkerFlag)

add_library(rdpwhy_flags INTERFACE)
target_compile_features(rdpwhy_flags INTERFACE c_std_11)
target_compile_definitions(rdpwhy_flags INTERFACE _POSIX_C_SOURCE=200809L)
if(APPLE)
  # Without it macOS hides SO_NOSIGPIPE, SIGWINCH and other BSD names once POSIX is asked for.
  target_compile_definitions(rdpwhy_flags INTERFACE _DARWIN_C_SOURCE=1)
endif()

set(rdpwhy_warnings
    -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
    -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla -Wimplicit-fallthrough -Wnull-dereference
    -Wdouble-promotion -Wcast-align)
foreach(flag IN LISTS rdpwhy_warnings)
  string(MAKE_C_IDENTIFIER "HAVE${flag}" var)
  check_c_compiler_flag(${flag} ${var})
  if(${var})
    target_compile_options(rdpwhy_flags INTERFACE ${flag})
  endif()
endforeach()
if(RDPWHY_WERROR)
  target_compile_options(rdpwhy_flags INTERFACE -Werror)
endif()

if(RDPWHY_TEST_HOOKS)
  target_compile_definitions(rdpwhy_flags INTERFACE RDPWHY_TEST_HOOKS)
endif()

if(RDPWHY_SANITIZE)
  set(sanitize -fsanitize=${RDPWHY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(rdpwhy_flags INTERFACE ${sanitize})
  target_link_options(rdpwhy_flags INTERFACE ${sanitize})
else()
  foreach(flag IN ITEMS -fstack-protector-strong -fstack-clash-protection -fcf-protection)
    string(MAKE_C_IDENTIFIER "HAVE${flag}" var)
    check_c_compiler_flag(${flag} ${var})
    if(${var})
      target_compile_options(rdpwhy_flags INTERFACE ${flag})
    endif()
  endforeach()
  target_compile_options(rdpwhy_flags INTERFACE $<$<CONFIG:Release,RelWithDebInfo>:-U_FORTIFY_SOURCE>
                                                $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
  foreach(flag IN ITEMS -Wl,-z,relro -Wl,-z,now)
    string(MAKE_C_IDENTIFIER "HAVE${flag}" var)
    check_linker_flag(C ${flag} ${var})
    if(${var})
      target_link_options(rdpwhy_flags INTERFACE ${flag})
    endif()
  endforeach()
endif()

# why_stage(NAME SOURCES file... [PUBLIC header...] [SHARED header...] [NEEDS stage...] [DEPS target...]):
# one static library per stage, and what others may see of it.
# PUBLIC: its headers in include/rdpwhy. SHARED: headers in its folder that other stages include as
# "NAME/header.h". NEEDS: stages whose headers those include. DEPS: what its own files use besides.
# A stage sees its own folder and the headers of NEEDS and DEPS: anything else does not compile.
# The view is a folder of links, since the headers of all stages lie side by side.
function(why_stage name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;SHARED;NEEDS;DEPS" ${ARGN})
  set(view ${PROJECT_BINARY_DIR}/views/${name})
  file(REMOVE_RECURSE ${view})
  file(MAKE_DIRECTORY ${view}/rdpwhy ${view}/${name})
  foreach(header IN LISTS arg_PUBLIC)
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/include/rdpwhy/${header} ${view}/rdpwhy/${header} SYMBOLIC)
  endforeach()
  foreach(header IN LISTS arg_SHARED)
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${header} ${view}/${name}/${header} SYMBOLIC)
  endforeach()
  set_property(GLOBAL APPEND PROPERTY why_views ${view})
  add_library(why_${name} STATIC ${arg_SOURCES})
  target_include_directories(why_${name} PUBLIC ${view} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  set_target_properties(why_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  list(TRANSFORM arg_NEEDS PREPEND why_)
  target_link_libraries(why_${name} PRIVATE rdpwhy_flags ${arg_DEPS} PUBLIC ${arg_NEEDS})
endfunction()
