# cmake -DLIBRARY=libengine.a -DNM=nm -P check_symbols.cmake
#
# Fails when the library calls anything that is not on this list. The broker learns of the outside
# through its rooms `world` alone: no clock, file, socket, thread, signal or environment.

# Never, although a prefix below would let it pass.
set(forbidden
    "_clock3nowEv"                  # std::chrono's clocks
    "^_ZNSt6thread" "^_ZNSt13random_device" "^_ZNSt18condition_variable" "^_ZNSt10filesystem"
    "^_ZNSt3_V2" "^_ZNSt12__basic_file" "basic_filebuf|basic_[io]*fstream"
    "^_ZSt[34](cin|cout|cerr|clog)E?" "^_ZNSt8ios_base4InitC" "^_ZNSt6locale"
    "^_ZSt11this_thread")

set(allowed
    # The language: memory, exceptions of the library below us, type information, the stack's guard.
    "^_Zn[aw]" "^_Zd[al]" "^__cxa_" "^__gxx_personality_v0$" "^_Unwind_Resume$" "^__stack_chk_fail$"
    "^_GLOBAL_OFFSET_TABLE_$" "^__libc_single_threaded$" "^__dso_handle$" "^_ZT[ISV]" "^__(u|)(div|mod)ti3$" "^__popcountdi2$"
    # The library of C++.
    "^_ZNK?S[absdiot]" "^_ZSt" "^_ZNK?9__gnu_cxx"
    # Memory and text of C, also as they are hardened.
    "^__?mem(cpy|move|set|chr|cmp)(_chk)?$" "^mem(cpy|move|set|chr|cmp|mem|rchr)$" "^bcmp$"
    "^str(len|nlen|chr|rchr|cmp|ncmp|str|tol|toul|toll|toull|tod|casecmp|ncasecmp)$"
    "^__isoc.*_strto" "^__explicit_bzero_chk$" "^explicit_bzero$" "^abort$" "^malloc$" "^free$"
    # Numbers, and how they are written.
    "^(__|)snprintf(_chk|)$"
    "^(floor|ceil|round|lround|llround|trunc|fmod|pow|log|log2|log10|exp|sqrt|cbrt|frexp|ldexp|modf|nan)[fl]?$"
    # A condition that never was met is printed and ends the program: base/check.cpp.
    "^(__fprintf_chk|fprintf|fputs|fputc|fwrite|fflush|stderr)$"
    # The libraries that rooms name in the house's table.
    "^_ZNK?8simdjson" "^XXH" "^EVP_" "^OPENSSL_" "^CRYPTO_" "^ERR_"
    "^SSL_" "^TLS_" "^BIO_" "^X509_" "^PEM_" "^ASN1_" "^OBJ_" "^OCSP_"
    "^GENERAL_NAMES?_" "^(d2i|i2d)_" "^a2i_" "^crypt(_r|_rn|_ra)?$"
    "^crypto_(box|scalarmult)_" "^_ZN6snappy" "^deflate(Init2_|End|)$")

execute_process(COMMAND "${NM}" --format=posix "${LIBRARY}" OUTPUT_VARIABLE table
    ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
    message(FATAL_ERROR "${NM} cannot read ${LIBRARY}")
endif()
string(REPLACE ";" "," table "${table}")
string(REPLACE "[" "(" table "${table}")
string(REPLACE "]" ")" table "${table}")
string(REPLACE "\n" ";" lines "${table}")
set(defined)
set(wanted)
foreach(line IN LISTS lines)
    if(line MATCHES "^([^ ]+) ([A-Za-z]) *([0-9a-f]*)")
        set(name "${CMAKE_MATCH_1}")
        set(kind "${CMAKE_MATCH_2}")
        set(address "${CMAKE_MATCH_3}")
        if(kind STREQUAL "U" OR (kind MATCHES "^[vw]$" AND address STREQUAL ""))
            list(APPEND wanted "${name}")
        else()
            list(APPEND defined "${name}")
        endif()
    endif()
endforeach()
if(NOT defined)
    message(FATAL_ERROR "${LIBRARY} has no symbols")
endif()
list(REMOVE_DUPLICATES wanted)
list(REMOVE_DUPLICATES defined)
list(REMOVE_ITEM wanted ${defined})

function(matches_any result name)
    foreach(pattern IN LISTS ARGN)
        if(name MATCHES "${pattern}")
            set(${result} TRUE PARENT_SCOPE)
            return()
        endif()
    endforeach()
    set(${result} FALSE PARENT_SCOPE)
endfunction()

set(found 0)
foreach(name IN LISTS wanted)
    matches_any(is_forbidden "${name}" ${forbidden})
    matches_any(is_allowed "${name}" ${allowed})
    if(is_forbidden OR NOT is_allowed)
        message("violation: ${name}")
        math(EXPR found "${found} + 1")
    endif()
endforeach()
if(found GREATER 0)
    message(FATAL_ERROR "${found} symbols that only native and host may use")
endif()
list(LENGTH wanted count)
message("${LIBRARY} asks for ${count} foreign symbols, all of them allowed")
