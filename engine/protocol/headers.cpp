#include "engine/protocol/headers.h"

#include "engine/base/text.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace signalbox::protocol {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

/// What only servers may say: who asks, by which way a traced message came, and with which key an
/// answer is to be sealed.
constexpr std::array<std::string_view, 3> kServerHeaders = {kRequestInfoHeader, "Nats-Trace-Hop",
                                                            "Nats-Server-Xkey"};

constexpr std::string_view kTraceHeader = "Nats-Trace-Dest";

bool is_server_header(std::string_view name) {
    return std::ranges::any_of(kServerHeaders, [&](std::string_view known) {
        return base::equal_ignoring_case(known, base::trim(name));
    });
}

/// The block without the headers that `unwanted` is true of, and without its last empty line.
template <class Unwanted>
std::string kept_lines(Bytes block, Unwanted unwanted) {
    std::string out;
    std::size_t copied = 0;
    HeaderFields fields(block);
    while (auto const field = fields.next()) {
        if (unwanted(field->name)) {
            out.append(block.substr(copied, field->begin - copied));
            copied = field->end;
        }
    }
    out.append(block.substr(copied));
    if (out.ends_with("\r\n\r\n")) {
        out.resize(out.size() - kLineEnd.size());
    }
    return out;
}

/// Each begins a line with "Nats-": most messages have no such line, and few bytes are looked at.
template <class Wanted>
bool has_header_of_ours(Bytes block, Wanted wanted) {
    for (std::size_t at = block.find('\n'); at != Bytes::npos; at = block.find('\n', at + 1)) {
        bool const may_be =
            at + 5 < block.size() && (block[at + 1] | 0x20) == 'n' && block[at + 5] == '-';
        if (!may_be) {
            continue;
        }
        std::string_view const line = block.substr(at + 1, block.find('\n', at + 1) - at - 1);
        std::size_t const colon = line.find(':');
        if (colon != std::string_view::npos && wanted(line.substr(0, colon))) {
            return true;
        }
    }
    return false;
}

}  // namespace

HeaderFields::HeaderFields(Bytes block) : block_(block) {
    // The first line is the version, and with it a status.
    std::size_t const end = block_.find('\n');
    at_ = end == Bytes::npos ? block_.size() : end + 1;
}

std::optional<HeaderField> HeaderFields::next() {
    while (at_ < block_.size()) {
        std::size_t const begin = at_;
        std::size_t const end = std::min(block_.find('\n', begin), block_.size() - 1) + 1;
        at_ = end;
        std::string_view const line = block_.substr(begin, end - begin);
        std::size_t const colon = line.find(':');
        if (colon != std::string_view::npos && colon > 0) {
            return HeaderField{.name = line.substr(0, colon),
                               .value = base::trim(line.substr(colon + 1)),
                               .begin = begin,
                               .end = end};
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> find_header(Bytes block, std::string_view name) {
    HeaderFields fields(block);
    while (auto const field = fields.next()) {
        if (field->name == name) {
            return field->value;
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> find_header_in_any_case(Bytes block, std::string_view name) {
    HeaderFields fields(block);
    while (auto const field = fields.next()) {
        if (base::equal_ignoring_case(field->name, name)) {
            return field->value;
        }
    }
    return std::nullopt;
}

std::string with_header(Bytes block, std::string_view name, std::string_view value) {
    std::string out =
        block.empty() ? std::string(kHeaderVersion) : kept_lines(block, [&](std::string_view each) {
            return base::equal_ignoring_case(each, name);
        });
    append(out, name, ": ", value, kLineEnd, kLineEnd);
    return out;
}

bool has_server_header(Bytes block) {
    return has_header_of_ours(block, is_server_header);
}

bool has_trace_header(Bytes block) {
    return has_header_of_ours(block, [](std::string_view name) { return name == kTraceHeader; });
}

std::string without_server_headers(Bytes block) {
    std::string out = kept_lines(block, is_server_header);
    out += kLineEnd;
    return out;
}

}  // namespace signalbox::protocol
