# baton_instrument(TARGET...): what the targets are made of can be recorded by `baton record`. For C and C++, with g++ or clang.
# Works in Baton's own build and in others' (include() this file there), which use the library that `./run` has built.

get_filename_component(BATON_RECORD_ROOT ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE)

function(baton_instrument)
  if(TARGET baton_record_runtime)
    set(library baton_record_runtime)
  else()
    find_library(BATON_RECORD_LIBRARY baton_record NO_DEFAULT_PATH
                 PATHS $ENV{BATON_BUILD} ${BATON_RECORD_ROOT}/build/release ${BATON_RECORD_ROOT}/build/run)
    if(NOT BATON_RECORD_LIBRARY)
      message(FATAL_ERROR "baton_instrument: there is no libbaton_record.so in ${BATON_RECORD_ROOT}/build; "
                          "run ${BATON_RECORD_ROOT}/run --version once, which builds it")
    endif()
    set(library ${BATON_RECORD_LIBRARY})
  endif()
  # See traces/record/baton-cc for the reasons.
  set(gnu -fno-builtin-memcpy -fno-builtin-memmove -fno-builtin-memset -Wno-tsan -U__SANITIZE_THREAD__)
  set(clang "SHELL:-mllvm -tsan-instrument-read-before-write=1")
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    list(APPEND clang -mcx16)
  endif()
  foreach(target IN LISTS ARGN)
    target_compile_options(${target} PRIVATE -fsanitize=thread -g -fno-lto "$<$<COMPILE_LANG_AND_ID:C,GNU>:${gnu}>"
                           "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:${gnu}>" "$<$<COMPILE_LANG_AND_ID:C,Clang>:${clang}>"
                           "$<$<COMPILE_LANG_AND_ID:CXX,Clang>:${clang}>")
    target_include_directories(${target} PRIVATE ${BATON_RECORD_ROOT}/traces/record/include)
    target_link_libraries(${target} PRIVATE ${library})
    target_link_options(${target} PRIVATE -fno-lto LINKER:--wrap=memcpy,--wrap=memmove,--wrap=memset)
  endforeach()
endfunction()
