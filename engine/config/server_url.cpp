#include "engine/config/server_url.h"

#include "engine/base/encoding.h"
#include "engine/base/number.h"
#include "engine/base/text.h"

#include <algorithm>

namespace signalbox::config {
namespace {

Error not_a_url(std::string_view text) {
    return Error(Errc::InvalidArgument, concat("error parsing url ", base::quoted(text)));
}

int digit_of(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/// With `%2f` and the like made into what they stand for.
std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const escape = text[i] == '%' && i + 2 < text.size() && digit_of(text[i + 1]) >= 0 &&
                            digit_of(text[i + 2]) >= 0;
        if (escape) {
            out += static_cast<char>(digit_of(text[i + 1]) * 16 + digit_of(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

void read_user(std::string_view text, ServerUrl& url) {
    std::size_t const colon = text.find(':');
    url.user = unescaped(text.substr(0, colon));
    if (colon != std::string_view::npos) {
        url.password = crypto::Secret(unescaped(text.substr(colon + 1)));
    }
}

/// False: it is none.
bool read_host(std::string_view text, ServerUrl& url) {
    std::string_view port;
    if (text.starts_with('[')) {
        std::size_t const end = text.find(']');
        if (end == std::string_view::npos) {
            return false;
        }
        url.host = text.substr(1, end - 1);
        port = text.substr(end + 1);
    } else {
        std::size_t const colon = text.find(':');
        url.host = text.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    }
    if (url.host.empty()) {
        return false;
    }
    if (port.empty()) {
        return true;
    }
    auto const number = base::parse_int(port.substr(1));
    if (port.front() != ':' || !number || *number < -1 || *number > 65'535) {
        return false;
    }
    url.port = static_cast<int>(*number);
    return true;
}

}  // namespace

Result<ServerUrl> ServerUrl::parse(std::string_view text) {
    bool const printable = std::ranges::all_of(text, [](char c) { return c > ' ' && c != '\x7f'; });
    if (text.empty() || !printable) {
        return not_a_url(text);
    }
    ServerUrl url;
    std::string_view rest = text;
    if (std::size_t const end = rest.find("://"); end != std::string_view::npos) {
        url.scheme = base::to_lower(rest.substr(0, end));
        rest.remove_prefix(end + 3);
    }
    std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    std::string_view const path = rest.substr(authority.size());
    url.path = path == "/" ? std::string() : std::string(path);
    if (std::size_t const at = authority.rfind('@'); at != std::string_view::npos) {
        read_user(authority.substr(0, at), url);
        authority.remove_prefix(at + 1);
    }
    if (!read_host(authority, url)) {
        return not_a_url(text);
    }
    return url;
}

std::string ServerUrl::authority() const {
    std::string out = host.find(':') == std::string::npos ? host : concat('[', host, ']');
    if (port != 0) {
        append(out, ':', port);
    }
    return out;
}

std::string ServerUrl::shown() const {
    std::string out = scheme.empty() ? std::string() : concat(scheme, "://");
    if (!user.empty()) {
        append(out, user, password.empty() ? "@" : ":xxxxx@");
    }
    return concat(out, authority(), path);
}

}  // namespace signalbox::config
