#include "engine/system/elsewhere.h"

#include "engine/base/json_reader.h"
#include "engine/base/text.h"

#include <utility>
#include <vector>

namespace signalbox::system {
namespace {

/// Servers say it every thirty seconds at least.
constexpr Duration kLongestSilence = base::seconds(75);
constexpr Duration kLook = base::seconds(15);
constexpr std::size_t kMostServers = 1'024;

/// The third token: of `$SYS.SERVER.<id>.SHUTDOWN` the id.
std::string third_token(std::string const& subject) {
    auto const tokens = base::split(subject, '.');
    return tokens.size() > 2 ? std::string(tokens[2]) : std::string();
}

}  // namespace

void Elsewhere::start() {
    if (parts_.source.cluster().name.empty()) {
        return;
    }
    publisher_.client().subscribe("$SYS.ACCOUNT.*.SERVER.CONNS", {},
                                  [this](auto const& message) { connections_told(message); });
    publisher_.client().subscribe("$SYS.SERVER.*.SHUTDOWN", {}, [this](auto const& message) {
        server_gone(third_token(message.subject));
    });
    look_for_silent();
}

void Elsewhere::connections_told(dispatch::ReceivedMessage const& message) {
    Result<Json> const parsed = Json::parse(message.payload);
    if (!parsed.ok()) {
        return;
    }
    Json const* const server = parsed.value().find("server");
    Json const* const id = server == nullptr ? nullptr : server->find("id");
    Json const* const name = parsed.value().find("acc");
    Json const* const count = parsed.value().find("conns");
    bool const whole = id != nullptr && id->as_text() != nullptr && name != nullptr &&
                       name->as_text() != nullptr && count != nullptr && count->as_int();
    if (!whole || *id->as_text() == parts_.source.server().id) {
        return;
    }
    account::Account* const account = parts_.accounts.find(*name->as_text());
    bool const room = servers_.contains(*id->as_text()) || servers_.size() < kMostServers;
    if (account == nullptr || !room || *count->as_int() < 0) {
        return;
    }
    Server& told = servers_[*id->as_text()];
    told.heard = parts_.world.clock().now();
    told.accounts.insert(account->name());
    account->count_elsewhere(*id->as_text(), *count->as_int());
}

void Elsewhere::server_gone(std::string const& id) {
    auto const found = servers_.find(id);
    if (found == servers_.end()) {
        return;
    }
    for (std::string const& name : found->second.accounts) {
        if (account::Account* const account = parts_.accounts.find(name)) {
            account->count_elsewhere(id, 0);
        }
    }
    servers_.erase(found);
}

void Elsewhere::look_for_silent() {
    Instant const now = parts_.world.clock().now();
    std::vector<std::string> gone;
    for (auto const& [id, server] : servers_) {
        if (now - server.heard > kLongestSilence) {
            gone.push_back(id);
        }
    }
    for (std::string const& id : gone) {
        server_gone(id);
    }
    timer_ = parts_.world.timers().call_at(now + kLook, [this] { look_for_silent(); });
}

}  // namespace signalbox::system
