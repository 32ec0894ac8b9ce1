#pragma once

#include <string>
#include <string_view>

namespace signalbox::base {

/// What a caller can act on when something expected went wrong.
enum class Errc {
    InvalidArgument,  ///< A value that may not stand there.
    Malformed,        ///< Bytes that are not of the format.
    LimitExceeded,    ///< Larger or more than allowed.
    NotFound,         ///< There is nothing of that name.
    AlreadyExists,    ///< There is one already.
    PermissionDenied,
    Unavailable,  ///< Not now, or not in this build.
    Closed,       ///< The other end, or the owner, is gone.
    TimedOut,
    Io,       ///< The operating system refused.
    Corrupt,  ///< Bytes that once were right.
};

/// The code's name as it stands in the source: for tests and logs.
std::string_view name_of(Errc code);

/// Why something failed: a code to act on and a detail for a person, which says what was met.
class Error {
public:
    Error(Errc code, std::string detail) : code_(code), detail_(std::move(detail)) {}

    Errc code() const { return code_; }
    std::string const& detail() const { return detail_; }

private:
    Errc code_;
    std::string detail_;
};

}  // namespace signalbox::base
