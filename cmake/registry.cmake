# Explicit registries, generated at configure time from what lies in a folder: a new protocol, topology or pattern is a
# new folder or file and no edit to an existing one. The lists are sorted, so that the order never depends on the machine.

# Writes OUTPUT from TEMPLATE: the line that holds @EACH@…@END@ is repeated for every name, with NAME replaced.
function(baton_registry output template)
  set(names ${ARGN})
  list(SORT names)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${template})
  file(STRINGS ${template} lines)
  set(text "")
  foreach(line IN LISTS lines)
    if(line MATCHES "^@EACH@(.*)$")
      set(pattern "${CMAKE_MATCH_1}")
      foreach(name IN LISTS names)
        string(REPLACE "NAME" "${name}" one "${pattern}")
        string(APPEND text "${one}\n")
      endforeach()
    else()
      string(APPEND text "${line}\n")
    endif()
  endforeach()
  file(CONFIGURE OUTPUT ${output} CONTENT "${text}" @ONLY)
endfunction()
