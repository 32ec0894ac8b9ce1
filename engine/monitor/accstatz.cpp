#include "engine/monitor/accstatz.h"

#include "engine/base/json_writer.h"
#include "engine/event/event_json.h"

namespace signalbox::monitor {

Answer accstatz(MonitorSource const& source, AccstatzOptions const& options, WallTime now,
                Layout layout) {
    JsonWriter json(indent_of(layout));
    json.begin_object().field("server_id", source.server().id).field("now", now);
    json.key("account_statz").begin_array();
    auto const write = [&](AccountFacts const& account) {
        bool const used = account.stat.connections + account.stat.leafnodes > 0;
        if (used || options.include_unused) {
            json.begin_object();
            event::write_fields(json, account.stat);
            json.end_object();
        }
    };
    if (options.accounts.empty()) {
        source.visit_accounts(write);
    }
    for (std::string const& name : options.accounts) {
        if (auto const account = source.find_account(name)) {
            write(*account);
        }
    }
    json.end_array().end_object();
    return answer_whole(json.take());
}

}  // namespace signalbox::monitor
