#pragma once

#include <string>

namespace signalbox::config {

/// Where to listen. A port of -1 asks for any free one.
struct ListenAddress {
    std::string host;  ///< Empty: none was given, and the safe default applies.
    int port = 0;

    friend bool operator==(ListenAddress const&, ListenAddress const&) = default;
};

}  // namespace signalbox::config
