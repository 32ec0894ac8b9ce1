#include "engine/jetstream/stream/filters.h"

#include "engine/subject/tokens.h"

namespace signalbox::jetstream {

bool filters_meet(std::string_view a, std::string_view b) {
    subject::Tokens one(a);
    subject::Tokens other(b);
    while (!one.done() && !other.done()) {
        std::string_view const left = one.next();
        std::string_view const right = other.next();
        if (left == ">" || right == ">") {
            return true;
        }
        if (left != right && left != "*" && right != "*") {
            return false;
        }
    }
    return one.done() && other.done();
}

bool is_asset_name(std::string_view name) {
    return !name.empty() && name.find_first_of(" \t\r\n\f.*>/\\") == std::string_view::npos;
}

}  // namespace signalbox::jetstream
