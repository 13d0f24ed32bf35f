# What every target of the project shares: flags, libraries from the system, and how a layer, a test and a benchmark are declared.
# SPDX-License-Identifier: Apache-2.0
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT AMPSPEC_FUZZ_ONLY)
  find_package(Threads REQUIRED)
  find_package(Boost 1.81 REQUIRED CONFIG)
  find_package(nlohmann_json REQUIRED CONFIG)
  find_package(CLI11 REQUIRED CONFIG)
  find_package(OpenSSL REQUIRED)
endif()
if(AMPSPEC_FUZZ_FILES OR NOT AMPSPEC_FUZZ_ONLY)
  find_package(yaml-cpp REQUIRED CONFIG)
  add_library(ampspec_yaml INTERFACE)
  # Fuzz targets have libstdc++ inside; a shared library would bring a second one, and throw from there.
  find_library(AMPSPEC_YAML_ARCHIVE libyaml-cpp.a)
  if(AMPSPEC_FUZZ_ONLY AND AMPSPEC_YAML_ARCHIVE)
    target_link_libraries(ampspec_yaml INTERFACE ${AMPSPEC_YAML_ARCHIVE})
  else()
    target_link_libraries(ampspec_yaml INTERFACE yaml-cpp)
  endif()
  add_library(ampspec::yaml ALIAS ampspec_yaml)
endif()

if(AMPSPEC_TESTS)
  find_package(GTest REQUIRED CONFIG)
  include(GoogleTest)
endif()
if(AMPSPEC_BENCH)
  find_package(benchmark REQUIRED CONFIG)
endif()

# Targets that never meet the bytes of the wire themselves do without the checks that ASan's faults cover already: they double
# the time that compiling coroutines and templates takes.
define_property(TARGET PROPERTY FEWER_UNDEFINED_CHECKS INITIALIZE_FROM_VARIABLE AMPSPEC_FEWER_UNDEFINED_CHECKS)

add_library(ampspec_flags INTERFACE)
target_include_directories(ampspec_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(ampspec_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
# g++ 12 sees overlaps that are not there when strings are joined (its bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(ampspec_flags INTERFACE -Wno-restrict)
endif()
if(AMPSPEC_WERROR)
  target_compile_options(ampspec_flags INTERFACE -Werror)
endif()
if(AMPSPEC_SANITIZE)
  target_compile_options(ampspec_flags INTERFACE -fsanitize=${AMPSPEC_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ampspec_flags INTERFACE -fsanitize=${AMPSPEC_SANITIZE})
  target_compile_options(ampspec_flags INTERFACE
    $<$<BOOL:$<TARGET_PROPERTY:FEWER_UNDEFINED_CHECKS>>:-fno-sanitize=null,alignment,object-size,vptr>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(ampspec_flags INTERFACE -Wno-maybe-uninitialized)  # false in <regex> under sanitizers
  endif()
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    target_compile_options(ampspec_flags INTERFACE -fno-sanitize=function)
  endif()
endif()

if(AMPSPEC_FUZZ_ENGINE MATCHES "^-fsanitize=fuzzer")
  target_compile_options(ampspec_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# ampspec_layer(NAME SOURCES... LINK targets...): the static library ampspec_NAME, alias ampspec::NAME.
function(ampspec_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  add_library(ampspec_${name} STATIC ${arg_SOURCES})
  add_library(ampspec::${name} ALIAS ampspec_${name})
  target_link_libraries(ampspec_${name} PUBLIC ampspec_flags ${arg_LINK})
endfunction()

# ampspec_cold(TARGET): nothing waits for what it does, so its own sources are compiled with AMPSPEC_COLD_FLAGS.
function(ampspec_cold name)
  separate_arguments(own_flags UNIX_COMMAND "${AMPSPEC_COLD_FLAGS}")
  target_compile_options(${name} PRIVATE ${own_flags})
endfunction()

# ampspec_test(NAME SOURCES... LINK targets...): a GoogleTest program; each of its tests is a test of ctest.
function(ampspec_test name)
  if(NOT AMPSPEC_TESTS OR NOT AMPSPEC_UNIT_TESTS)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ampspec_flags ${arg_LINK} GTest::gtest GTest::gtest_main)
  ampspec_cold(${name})
  set_target_properties(${name} PROPERTIES FEWER_UNDEFINED_CHECKS ON)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 120)
endfunction()

# ampspec_bench(NAME SOURCES... LINK targets...): a Google Benchmark program, run by `make bench`.
function(ampspec_bench name)
  if(NOT AMPSPEC_BENCH)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ampspec_flags ${arg_LINK} benchmark::benchmark)
endfunction()
