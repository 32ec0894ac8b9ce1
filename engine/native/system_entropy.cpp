#include "engine/native/system_entropy.h"

#include "engine/base/check.h"

#include <sys/random.h>

#include <cerrno>

namespace signalbox::native {

void SystemEntropy::fill(std::span<unsigned char> bytes) {
    while (!bytes.empty()) {
        ssize_t const n = getrandom(bytes.data(), bytes.size(), 0);
        if (n < 0) {
            CHECK(errno == EINTR);
            continue;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
}

std::uint64_t SystemEntropy::next() {
    std::uint64_t value = 0;
    fill({reinterpret_cast<unsigned char*>(&value), sizeof value});
    return value;
}

std::unique_ptr<world::Entropy> SystemEntropy::fork(std::string_view) {
    return std::make_unique<SystemEntropy>();
}

}  // namespace signalbox::native
