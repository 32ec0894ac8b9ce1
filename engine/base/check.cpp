#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace signalbox::base {

void check_failed(char const* condition, char const* file, int line) {
    std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
    std::abort();
}

}  // namespace signalbox::base
