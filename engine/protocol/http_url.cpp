#include "engine/protocol/http_url.h"

#include "engine/base/number.h"
#include "engine/base/text.h"

#include <algorithm>
#include <limits>

namespace signalbox::protocol {
namespace {

Error not_a_url(std::string_view text) {
    return Error(Errc::InvalidArgument, concat("not an HTTP URL: ", base::quoted(text)));
}

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

Result<HttpUrl> HttpUrl::parse(std::string_view text) {
    HttpUrl url;
    std::string_view rest = text;
    if (base::equal_ignoring_case(rest.substr(0, 7), "http://")) {
        rest.remove_prefix(7);
    } else if (base::equal_ignoring_case(rest.substr(0, 8), "https://")) {
        url.secure = true;
        rest.remove_prefix(8);
    } else {
        return not_a_url(text);
    }
    std::string_view const authority = rest.substr(0, rest.find_first_of("/?#"));
    std::string_view target = rest.substr(authority.size());
    target = target.substr(0, target.find('#'));
    if (!is_printable(rest) || authority.find('@') != std::string_view::npos) {
        return not_a_url(text);
    }
    url.authority = authority;
    url.target = target.starts_with('/') ? std::string(target) : concat('/', target);
    // A numeric address of version 6 stands in brackets, for it has colons of its own.
    std::size_t const behind_host =
        authority.starts_with('[') ? authority.find(']') : authority.find(':');
    if (authority.starts_with('[')) {
        if (behind_host == std::string_view::npos) {
            return not_a_url(text);
        }
        url.host = authority.substr(1, behind_host - 1);
    } else {
        url.host = authority.substr(0, behind_host);
    }
    std::string_view port = authority.starts_with('[') ? authority.substr(behind_host + 1)
                            : behind_host == std::string_view::npos ? std::string_view()
                                                                    : authority.substr(behind_host);
    url.port = url.secure ? 443 : 80;
    if (!port.empty()) {
        auto const number = base::parse_uint(port.substr(1));
        bool const fits =
            number && *number > 0 && *number <= std::numeric_limits<std::uint16_t>::max();
        if (port[0] != ':' || !fits) {
            return not_a_url(text);
        }
        url.port = static_cast<std::uint16_t>(*number);
    }
    if (url.host.empty()) {
        return not_a_url(text);
    }
    return url;
}

}  // namespace signalbox::protocol
