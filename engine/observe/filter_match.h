#pragma once

#include <string_view>

namespace signalbox::observe {

/// Whether a filter with `*` and `>` lets a subject through. Wildcards of the subject are ordinary
/// text, so that a filter also finds filters below it.
inline bool filter_matches(std::string_view filter, std::string_view subject) {
    for (;;) {
        if (filter == ">") {
            return !subject.empty();
        }
        std::size_t const filter_dot = filter.find('.');
        std::size_t const subject_dot = subject.find('.');
        std::string_view const wanted = filter.substr(0, filter_dot);
        std::string_view const token = subject.substr(0, subject_dot);
        if (token.empty() || (wanted != "*" && wanted != token)) {
            return false;
        }
        if (filter_dot == std::string_view::npos || subject_dot == std::string_view::npos) {
            return filter_dot == subject_dot;
        }
        filter.remove_prefix(filter_dot + 1);
        subject.remove_prefix(subject_dot + 1);
    }
}

}  // namespace signalbox::observe
