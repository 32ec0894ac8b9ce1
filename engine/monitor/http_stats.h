#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace signalbox::monitor {

/// How often each document was asked for, by its path without the base path.
class HttpStats {
public:
    void count(std::string_view path) {
        auto const found = counts_.find(path);
        if (found == counts_.end()) {
            counts_.emplace(path, 1);
        } else {
            ++found->second;
        }
    }

    std::map<std::string, std::uint64_t, std::less<>> const& counts() const { return counts_; }

private:
    std::map<std::string, std::uint64_t, std::less<>> counts_;
};

}  // namespace signalbox::monitor
