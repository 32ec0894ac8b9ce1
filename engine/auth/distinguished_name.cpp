#include "engine/auth/distinguished_name.h"

#include "engine/base/text.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace signalbox::auth {
namespace {

using tls::NameAttribute;
using tls::RelativeName;

Error not_a_name(std::string_view text) {
    return Error(Errc::Malformed, concat("not a distinguished name: ", base::quoted(text)));
}

std::optional<unsigned> digit(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<unsigned>(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return static_cast<unsigned>(c - 'a') + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return static_cast<unsigned>(c - 'A') + 10;
    }
    return std::nullopt;
}

/// Reads a value up to the separator that ends it, or to the end.
class ValueReader {
public:
    explicit ValueReader(std::string_view text) : rest_(text) {}

    /// False: an escape is broken.
    bool read() {
        while (!rest_.empty() && rest_.front() == ' ') {
            rest_.remove_prefix(1);
        }
        while (!rest_.empty() && rest_.front() != ',' && rest_.front() != '+' &&
               rest_.front() != ';') {
            if (rest_.front() == '\\') {
                if (!read_escape()) {
                    return false;
                }
                continue;
            }
            value_ += rest_.front();
            if (rest_.front() != ' ') {
                kept_ = value_.size();
            }
            rest_.remove_prefix(1);
        }
        // Blanks at the end count only when they were escaped.
        value_.resize(kept_);
        return true;
    }

    std::string take_value() { return std::move(value_); }
    std::string_view rest() const { return rest_; }

private:
    bool read_escape() {
        if (rest_.size() < 2) {
            return false;
        }
        std::optional<unsigned> const high = digit(rest_[1]);
        if (!high) {
            value_ += rest_[1];
            rest_.remove_prefix(2);
        } else {
            std::optional<unsigned> const low = rest_.size() < 3 ? std::nullopt : digit(rest_[2]);
            if (!low) {
                return false;
            }
            value_ += static_cast<char>(*high * 16 + *low);
            rest_.remove_prefix(3);
        }
        kept_ = value_.size();
        return true;
    }

    std::string_view rest_;
    std::string value_;
    std::size_t kept_ = 0;
};

bool same_attribute(NameAttribute const& a, NameAttribute const& b) {
    return base::equal_ignoring_case(a.type, b.type) && a.value == b.value;
}

bool same_part(RelativeName const& a, RelativeName const& b) {
    return a.size() == b.size() &&
           std::is_permutation(a.begin(), a.end(), b.begin(), same_attribute);
}

}  // namespace

Result<DistinguishedName> parse_distinguished_name(std::string_view text) {
    DistinguishedName name;
    std::string_view rest = text;
    bool new_part = true;
    do {
        std::size_t const equals = rest.find('=');
        if (equals == std::string_view::npos) {
            return not_a_name(text);
        }
        std::string_view const type = base::trim(rest.substr(0, equals));
        if (type.empty() || type.find_first_of(",+;\\ ") != std::string_view::npos) {
            return not_a_name(text);
        }
        ValueReader reader(rest.substr(equals + 1));
        if (!reader.read()) {
            return not_a_name(text);
        }
        if (new_part) {
            name.emplace_back();
        }
        name.back().push_back({.type = std::string(type), .value = reader.take_value()});
        rest = reader.rest();
        if (rest.empty()) {
            return name;
        }
        new_part = rest.front() != '+';
        rest.remove_prefix(1);
    } while (true);
}

bool same_name(DistinguishedName const& a, DistinguishedName const& b) {
    return std::ranges::equal(a, b, same_part);
}

bool same_parts(DistinguishedName const& a, DistinguishedName const& b) {
    return a.size() == b.size() && std::is_permutation(a.begin(), a.end(), b.begin(), same_part);
}

}  // namespace signalbox::auth
