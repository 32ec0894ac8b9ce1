// What the tests of globals and symbols must see: a counter that lives as long as the program, one
// hidden in an inline function, and a clock that is not the world's.

#include <chrono>

namespace signalbox::sample {

int calls = 1;

inline int& hidden() {
    static int count = 0;
    return count;
}

long long now() {
    ++calls;
    ++hidden();
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

}  // namespace signalbox::sample
