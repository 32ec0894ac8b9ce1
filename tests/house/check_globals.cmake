# cmake -DLIBRARY=libengine.a -DOBJDUMP=objdump -P check_globals.cmake
#
# Fails when the library holds an object that can change: many servers run in one process, and in
# the simulation a crash is the end of one object and of nothing else. What only the loader writes
# (.data.rel.ro) is free. A `constexpr std::array` whose type is deduced and whose elements are made by
# calls is not constant enough for g++ 12 to put it there: give its elements' type, as `T k[] = {…}`.

# The personality of exceptions is reached through a pointer that the loader fills in.
set(allowed "^DW\\.ref\\.")

execute_process(COMMAND "${OBJDUMP}" -t "${LIBRARY}" OUTPUT_VARIABLE table RESULT_VARIABLE failed)
if(failed)
    message(FATAL_ERROR "${OBJDUMP} cannot read ${LIBRARY}")
endif()
# A member of the archive opens with its name: without one nothing was read.
if(NOT table MATCHES "SYMBOL TABLE")
    message(FATAL_ERROR "${LIBRARY} has no symbols")
endif()

string(REPLACE ";" "," table "${table}")
string(REPLACE "\n" ";" lines "${table}")
set(found 0)
set(member)
foreach(line IN LISTS lines)
    if(line MATCHES "^([^ :]+\\.o): ")
        set(member "${CMAKE_MATCH_1}")
    elseif(line MATCHES "^[0-9a-f]+ ([^d]+ O|.....u.|[^\t]*) *(\\.(data|bss|tdata|tbss)[^ \t]*|\\*COM\\*)\t[0-9a-f]+ (.*)$")
        set(section "${CMAKE_MATCH_2}")
        string(STRIP "${CMAKE_MATCH_4}" name)
        string(REGEX REPLACE "^\\.(hidden|internal|protected) " "" name "${name}")
        if(section MATCHES "^\\.data\\.rel\\.ro" OR name MATCHES "${allowed}" OR name MATCHES "^\\.")
            continue()
        endif()
        message("violation: ${member}: ${name} in ${section}")
        math(EXPR found "${found} + 1")
    endif()
endforeach()
if(found GREATER 0)
    message(FATAL_ERROR "${found} objects can change")
endif()
message("nothing in ${LIBRARY} can change")
