#include "engine/base/error.h"

namespace signalbox::base {

std::string_view name_of(Errc code) {
    switch (code) {
        case Errc::InvalidArgument:
            return "InvalidArgument";
        case Errc::Malformed:
            return "Malformed";
        case Errc::LimitExceeded:
            return "LimitExceeded";
        case Errc::NotFound:
            return "NotFound";
        case Errc::AlreadyExists:
            return "AlreadyExists";
        case Errc::PermissionDenied:
            return "PermissionDenied";
        case Errc::Unavailable:
            return "Unavailable";
        case Errc::Closed:
            return "Closed";
        case Errc::TimedOut:
            return "TimedOut";
        case Errc::Io:
            return "Io";
        case Errc::Corrupt:
            return "Corrupt";
    }
    return "unknown";
}

}  // namespace signalbox::base
