#include "engine/host/lab/line_reader.h"

#include "engine/base/duration_text.h"
#include "engine/base/number.h"
#include "engine/base/text.h"

#include <algorithm>
#include <optional>

namespace signalbox::host::lab {

namespace {

constexpr std::size_t kLongestName = 32;

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Error wrong(std::string_view what, std::string_view met) {
    return Error(Errc::Malformed,
                 concat(what, " expected, not ", base::quoted(base::cut(met, 40))));
}

}  // namespace

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= kLongestName && is_letter(text.front()) &&
           std::ranges::all_of(text, [](char c) {
               return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
           });
}

LineReader::LineReader(std::string_view statement) : statement_(statement) {
    std::size_t at = 0;
    while (true) {
        at = statement.find_first_not_of(" \t\r", at);
        if (at == std::string_view::npos) {
            return;
        }
        std::size_t const end = std::min(statement.find_first_of(" \t\r", at), statement.size());
        words_.push_back(statement.substr(at, end - at));
        at = end;
    }
}

bool LineReader::accept(std::string_view word) {
    if (!next_is(word)) {
        return false;
    }
    ++at_;
    return true;
}

Result<std::string_view> LineReader::word(std::string_view what) {
    if (done()) {
        return Error(Errc::Malformed, concat(what, " expected at the end"));
    }
    return words_[at_++];
}

Result<std::string> LineReader::name(std::string_view what) {
    std::string_view const text = TRY(word(what));
    if (!is_name(text)) {
        return wrong(what, text);
    }
    return std::string(text);
}

Result<std::uint64_t> LineReader::number(std::string_view what, std::uint64_t least,
                                         std::uint64_t most) {
    std::string_view const text = TRY(word(what));
    std::optional<std::uint64_t> const value = base::parse_uint(text);
    if (!value) {
        return wrong(what, text);
    }
    if (*value < least || *value > most) {
        return Error(Errc::Malformed,
                     concat(what, " is ", *value, ", which is not from ", least, " to ", most));
    }
    return *value;
}

Result<std::uint64_t> LineReader::quantity(std::string_view what, std::uint64_t most) {
    std::string_view const text = TRY(word(what));
    std::uint64_t unit = 1;
    if (text.ends_with('k')) {
        unit = 1'000;
    } else if (text.ends_with('M')) {
        unit = 1'000'000;
    }
    std::optional<std::uint64_t> const value =
        base::parse_uint(text.substr(0, text.size() - (unit > 1 ? 1 : 0)));
    if (!value || *value == 0) {
        return wrong(what, text);
    }
    if (*value > most / unit) {
        return Error(Errc::Malformed, concat(what, " is more than ", most));
    }
    return *value * unit;
}

Result<Duration> LineReader::duration(std::string_view what, Duration most) {
    std::string_view const text = TRY(word(what));
    Result<Duration> const value = base::parse_duration(text);
    if (!value.ok()) {
        return wrong(what, text);
    }
    if (value.value().count() < 0 || value.value() > most) {
        return Error(Errc::Malformed,
                     concat(what, " is not from 0s to ", base::duration_text(most)));
    }
    return value.value();
}

Result<std::vector<std::string>> LineReader::names(std::string_view what,
                                                   std::initializer_list<std::string_view> stops) {
    std::vector<std::string> found;
    while (!done() && std::ranges::find(stops, words_[at_]) == stops.end()) {
        found.push_back(TRY(name(what)));
    }
    if (found.empty()) {
        return done() ? Error(Errc::Malformed, concat(what, " expected at the end"))
                      : wrong(what, words_[at_]);
    }
    return found;
}

std::string_view LineReader::rest() {
    if (done()) {
        return {};
    }
    auto const from = static_cast<std::size_t>(words_[at_].data() - statement_.data());
    at_ = words_.size();
    return base::trim(statement_.substr(from));
}

Result<void> LineReader::end() const {
    if (!done()) {
        return Error(Errc::Malformed,
                     concat(base::quoted(base::cut(words_[at_], 40)), " is not understood here"));
    }
    return {};
}

}  // namespace signalbox::host::lab
