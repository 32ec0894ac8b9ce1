#include "engine/sim/run_log.h"

#include "engine/base/duration_text.h"

#include <algorithm>

namespace signalbox::sim {

void RunLog::add(std::string_view machine, std::string_view line) {
    std::string text =
        concat(base::duration_text(simulation_.now().since_origin()), " ", machine, ": ", line);
    simulation_.fingerprint().add(text);
    lines_.push_back(std::move(text));
    if (lines_.size() > kKept) {
        lines_.pop_front();
    }
}

std::string RunLog::last_lines() const {
    std::string out;
    for (std::string const& line : lines_) {
        append(out, line, '\n');
    }
    return out;
}

std::size_t RunLog::count(std::string_view text) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        lines_, [&](std::string const& line) { return line.find(text) != std::string::npos; }));
}

}  // namespace signalbox::sim
