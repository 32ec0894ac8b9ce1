#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::support {

/// Subjects and filters by chance, of so few tokens that they often meet, odd ones among them.
class RandomSubjects {
public:
    explicit RandomSubjects(std::uint64_t seed) : random_(seed) {}

    /// From 0 to `bound` - 1.
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

    /// Valid as a filter.
    std::string filter() {
        std::string text;
        std::size_t const count = 1 + below(4);
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0) {
                text += '.';
            }
            if (i + 1 == count && below(5) == 0) {
                text += '>';
            } else {
                text += below(4) == 0 ? "*" : word();
            }
        }
        return text;
    }

    /// Valid to publish on; wildcards in it are text, and now and then a token is empty.
    std::string subject() {
        std::string text;
        std::size_t const count = 1 + below(4);
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0) {
                text += '.';
            }
            std::size_t const kind = below(20);
            text += kind == 0 ? "*" : kind == 1 ? ">" : kind == 2 && count > 1 ? "" : word();
        }
        return text;
    }

private:
    std::string word() {
        static constexpr std::string_view kWords[] = {"a",  "b",  "c",
                                                      "a*", ">b", "longer-than-sso-text"};
        return std::string(kWords[below(std::size(kWords))]);
    }

    std::mt19937_64 random_;
};

/// What a subject is, by splitting it: slow, and plainly right.
inline std::vector<std::string> tokens_of(std::string_view text) {
    std::vector<std::string> tokens(1);
    for (char const c : text) {
        if (c == '.') {
            tokens.emplace_back();
        } else {
            tokens.back() += c;
        }
    }
    return tokens;
}

/// Whether a message on `given` is for who listens on `wanted`.
inline bool plainly_matches(std::vector<std::string> const& wanted,
                            std::vector<std::string> const& given) {
    for (std::string const& token : given) {
        if (token.empty()) {
            return false;
        }
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (i >= given.size()) {
            return false;
        }
        if (wanted[i] == ">") {
            return true;
        }
        if (wanted[i] != "*" && wanted[i] != given[i]) {
            return false;
        }
    }
    return wanted.size() == given.size();
}

inline bool plainly_matches(std::string_view filter, std::string_view subject) {
    return plainly_matches(tokens_of(filter), tokens_of(subject));
}

}  // namespace signalbox::support
