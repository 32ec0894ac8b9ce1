#include "engine/monitor/absent_parts.h"

namespace signalbox::monitor {

Result<void> check_ipqueuesz(Query const& query) {
    TRY(query.boolean("all"));
    return {};
}

}  // namespace signalbox::monitor
