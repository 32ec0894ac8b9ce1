#pragma once

#include "engine/base/bytes.h"

#include <string>

namespace signalbox::crypto {

/// The 32 bytes of SHA-256 (FIPS 180-4).
std::string sha256(Bytes bytes);

/// The 20 bytes of SHA-1: for protocols that demand it, never where a collision would matter.
std::string sha1(Bytes bytes);

}  // namespace signalbox::crypto
