#include "engine/protocol/proxy_header.h"

#include "engine/base/ip_address.h"
#include "engine/base/number.h"
#include "engine/base/text.h"

#include <array>
#include <limits>
#include <span>
#include <vector>

namespace signalbox::protocol {
namespace {

using Kind = ProxyHeader::Kind;

constexpr std::size_t kDecides = 6;
constexpr std::string_view kTextBeginning = "PROXY ";
constexpr std::size_t kTextLimit = 107;
constexpr std::string_view kBinarySignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kBinaryFixed = 16;
constexpr std::size_t kPortsV4 = 12;  ///< Two addresses of version 4 and two ports.
constexpr std::size_t kPortsV6 = 36;

ProxyHeader malformed(std::string_view fault) {
    return {.kind = Kind::Malformed, .size = 0, .source = {}, .fault = fault};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    auto const port = base::parse_uint(text);
    if (!port || *port > std::numeric_limits<std::uint16_t>::max()) {
        return std::nullopt;
    }
    return static_cast<std::uint16_t>(*port);
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (std::string_view const part : base::split(line, ' ')) {
        if (!part.empty()) {
            words.push_back(part);
        }
    }
    return words;
}

/// `PROXY TCP4 source destination port port`.
ProxyHeader read_text(Bytes bytes) {
    std::size_t const end = bytes.substr(0, kTextLimit).find("\r\n");
    if (end == Bytes::npos) {
        return bytes.size() < kTextLimit ? ProxyHeader{} : malformed("its line is too long");
    }
    ProxyHeader header{.kind = Kind::Present, .size = end + 2, .source = {}, .fault = {}};
    std::vector<std::string_view> const words = words_of(bytes.substr(0, end));
    if (words.size() < 2) {
        return malformed("it names no protocol");
    }
    if (words[1] == "UNKNOWN") {
        return header;
    }
    if (words[1] != "TCP4" && words[1] != "TCP6") {
        return malformed("its protocol is not known");
    }
    if (words.size() != 6) {
        return malformed("it has not two addresses and two ports");
    }
    auto const source = base::IpAddress::parse(words[2]);
    auto const destination = base::IpAddress::parse(words[3]);
    auto const port = parse_port(words[4]);
    if (!source.ok() || !destination.ok() || !port || !parse_port(words[5])) {
        return malformed("an address or port is none");
    }
    bool const wants_v4 = words[1] == "TCP4";
    if (source.value().is_v4() != wants_v4 || destination.value().is_v4() != wants_v4) {
        return malformed("its addresses are not of the protocol it names");
    }
    header.source = world::Address{.host = source.value().unmapped().text(), .port = *port};
    return header;
}

unsigned byte_at(Bytes bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

world::Address address_at(Bytes body, std::size_t address_size) {
    auto const* const at = reinterpret_cast<unsigned char const*>(body.data());
    std::size_t const port_at = address_size * 2;
    return {.host = base::IpAddress::from_bytes(std::span(at, address_size)).unmapped().text(),
            .port = static_cast<std::uint16_t>(byte_at(body, port_at) << 8 |
                                               byte_at(body, port_at + 1))};
}

ProxyHeader read_binary(Bytes bytes) {
    if (bytes.size() < kBinaryFixed) {
        bool const may_be =
            bytes.substr(0, kBinarySignature.size()) == kBinarySignature.substr(0, bytes.size());
        return may_be ? ProxyHeader{} : malformed("its signature is wrong");
    }
    if (!bytes.starts_with(kBinarySignature)) {
        return malformed("its signature is wrong");
    }
    unsigned const version = byte_at(bytes, 12) >> 4;
    unsigned const command = byte_at(bytes, 12) & 0xf;
    unsigned const family = byte_at(bytes, 13) >> 4;
    unsigned const transport = byte_at(bytes, 13) & 0xf;
    std::size_t const length = byte_at(bytes, 14) << 8 | byte_at(bytes, 15);
    if (version != 2) {
        return malformed("its version is not known");
    }
    constexpr unsigned kLocal = 0;
    constexpr unsigned kProxy = 1;
    if (command != kLocal && command != kProxy) {
        return malformed("its command is not known");
    }
    if (bytes.size() < kBinaryFixed + length) {
        return {};
    }
    ProxyHeader header{
        .kind = Kind::Present, .size = kBinaryFixed + length, .source = {}, .fault = {}};
    Bytes const body = bytes.substr(kBinaryFixed, length);
    if (command == kLocal) {
        return header;
    }
    constexpr unsigned kUnspecified = 0;
    constexpr unsigned kInternet4 = 1;
    constexpr unsigned kInternet6 = 2;
    constexpr unsigned kStream = 1;
    bool const is_internet = family == kInternet4 || family == kInternet6;
    if (transport != kStream || (!is_internet && family != kUnspecified)) {
        return malformed("its address is of no TCP connection");
    }
    if (family == kUnspecified) {
        return header;
    }
    if (length < (family == kInternet4 ? kPortsV4 : kPortsV6)) {
        return malformed("its addresses are cut off");
    }
    header.source = address_at(body, family == kInternet4 ? 4 : 16);
    return header;
}

}  // namespace

ProxyHeader read_proxy_header(Bytes bytes) {
    if (bytes.size() < kDecides) {
        return {};
    }
    if (bytes.starts_with(kTextBeginning)) {
        return read_text(bytes);
    }
    if (bytes.starts_with(kBinarySignature.substr(0, kDecides))) {
        return read_binary(bytes);
    }
    return {.kind = Kind::Absent, .size = 0, .source = {}, .fault = {}};
}

}  // namespace signalbox::protocol
