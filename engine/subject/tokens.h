#pragma once

#include <cstddef>
#include <string_view>

namespace signalbox::subject {

/// Walks over the text between the dots of a subject, empty tokens included.
class Tokens {
public:
    explicit Tokens(std::string_view text) : rest_(text) {}

    bool done() const { return done_; }

    /// The next token; only while not `done`.
    std::string_view next() {
        std::size_t const dot = rest_.find('.');
        if (dot == std::string_view::npos) {
            done_ = true;
            return rest_;
        }
        std::string_view const token = rest_.substr(0, dot);
        rest_.remove_prefix(dot + 1);
        return token;
    }

private:
    std::string_view rest_;
    bool done_ = false;
};

}  // namespace signalbox::subject
