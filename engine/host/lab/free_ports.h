#pragma once

#include <cstdint>

namespace signalbox::host::lab {

/// Whether a server of this machine could listen on that port of 127.0.0.1 now.
bool is_free_port(std::uint16_t port);

}  // namespace signalbox::host::lab
