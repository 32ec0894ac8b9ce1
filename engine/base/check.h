#pragma once

namespace signalbox::base {

/// Writes where the broken invariant stands and ends the process.
[[noreturn]] void check_failed(char const* condition, char const* file, int line);

}  // namespace signalbox::base

/// Ends the program when an invariant of this program does not hold, in release builds as well.
/// What a client, a peer, a file or an operator can cause is never a CHECK.
#define CHECK(condition)                                                     \
    do {                                                                     \
        if (!(condition)) [[unlikely]] {                                     \
            ::signalbox::base::check_failed(#condition, __FILE__, __LINE__); \
        }                                                                    \
    } while (false)
