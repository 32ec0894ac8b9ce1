#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::base {

/// Lower-case hexadecimal, two digits a byte.
std::string to_hex(std::string_view bytes);

/// Base64 with the URL-safe alphabet and no padding (RFC 4648, 5).
std::string to_base64_url(std::string_view bytes);

/// Base64 with the standard alphabet and padding (RFC 4648, 4).
std::string to_base64(std::string_view bytes);

/// Reads either alphabet, padded or not. Errors: Malformed.
Result<std::string> from_base64(std::string_view text);

/// Base32 in upper case without padding (RFC 4648, 6): the alphabet of nkeys.
std::string to_base32(std::string_view bytes);

/// Errors: Malformed.
Result<std::string> from_base32(std::string_view text);

/// CRC-16 of the XMODEM kind, which nkeys end with.
std::uint16_t crc16(std::string_view bytes);

}  // namespace signalbox::base
