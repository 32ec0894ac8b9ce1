#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::host::lab {

/// The words of one statement, taken from the left. Errors of all: Malformed.
class LineReader {
public:
    explicit LineReader(std::string_view statement);

    bool done() const { return at_ == words_.size(); }
    bool next_is(std::string_view word) const { return !done() && words_[at_] == word; }
    /// Takes that word if it is the next.
    bool accept(std::string_view word);

    Result<std::string_view> word(std::string_view what);
    /// Letters, digits, `-` and `_`, not more than 32, beginning with a letter.
    Result<std::string> name(std::string_view what);
    Result<std::uint64_t> number(std::string_view what, std::uint64_t least, std::uint64_t most);
    /// With `k` or `M` for thousands and millions.
    Result<std::uint64_t> quantity(std::string_view what, std::uint64_t most);
    Result<Duration> duration(std::string_view what, Duration most);
    /// Names until the end or one of the words in `stops`; at least one.
    Result<std::vector<std::string>> names(std::string_view what,
                                           std::initializer_list<std::string_view> stops);
    /// All that is left, as it was written.
    std::string_view rest();
    /// Errors: when something is left.
    Result<void> end() const;

private:
    std::string_view statement_;
    std::vector<std::string_view> words_;
    std::size_t at_ = 0;
};

bool is_name(std::string_view text);

}  // namespace signalbox::host::lab
