#include "engine/host/remote_topology.h"

#include "engine/base/json_reader.h"
#include "engine/base/text.h"

#include <utility>

namespace signalbox::host {

namespace {

/// How often it is asked which servers there are.
constexpr Duration kDiscover = base::seconds(3);

std::string text_of(Json const& object, std::string_view name) {
    Json const* const member = object.find(name);
    std::string const* const text = member == nullptr ? nullptr : member->as_text();
    return text == nullptr ? std::string() : *text;
}

}  // namespace

RemoteTopology::~RemoteTopology() {
    world_.timers().cancel(timer_);
}

void RemoteTopology::want(bool wanted) {
    if (wanted_ == wanted) {
        return;
    }
    wanted_ = wanted;
    if (wanted) {
        begin();
    } else {
        end();
    }
}

void RemoteTopology::use(client::Client& client) {
    if (client_ == &client) {
        return;
    }
    use_nothing();
    client_ = &client;
    begin();
}

void RemoteTopology::use(MonitoringUrl const& url, tls::ContextPtr const& tls) {
    if (monitoring_ && client_ == nullptr) {
        return;
    }
    use_nothing();
    monitoring_ = Monitoring{url, tls};
    begin();
}

void RemoteTopology::use_nothing() {
    end();
    client_ = nullptr;
    monitoring_.reset();
}

void RemoteTopology::begin() {
    if (!wanted_) {
        return;
    }
    if (client_ != nullptr) {
        inbox_ = concat("_INBOX.topology.", world_.entropy().next());
        Result<client::Sid> const sid = client_->subscribe(
            inbox_, {}, [this](client::Incoming const& message) { found(message.payload); });
        sid_ = sid.ok() ? sid.value() : 0;
        discover();
    } else if (monitoring_) {
        watch_.add(++last_, concat(monitoring_->url.host, ":", monitoring_->url.port),
                   std::make_unique<MonitoringAsking>(world_, monitoring_->url, monitoring_->tls));
    }
}

void RemoteTopology::end() {
    world_.timers().cancel(timer_);
    if (client_ != nullptr && sid_ != 0) {
        client_->unsubscribe(sid_);
    }
    sid_ = 0;
    watch_.clear();
    numbers_.clear();
    ids_.clear();
}

void RemoteTopology::discover() {
    timer_ = world_.timers().call_at(world_.clock().now() + kDiscover, [this] { discover(); });
    // While there is no connection nobody is found; the next one will do.
    if (client_->state() == client::State::Connected) {
        static_cast<void>(
            client_->publish({.subject = "$SYS.REQ.SERVER.PING", .reply = inbox_}).ok());
    }
}

void RemoteTopology::found(std::string_view answer) {
    Result<Json> const json = Json::parse(answer);
    Json const* const server = json.ok() ? json.value().find("server") : nullptr;
    if (server == nullptr) {
        return;
    }
    std::string const id = text_of(*server, "id");
    std::string const name = text_of(*server, "name");
    auto const known = numbers_.find(name);
    if (id.empty() || name.empty() || (known != numbers_.end() && ids_[name] == id) ||
        (known == numbers_.end() && numbers_.size() >= kMostServers)) {
        return;
    }
    // One that was started anew has another id.
    std::uint32_t const number = known == numbers_.end() ? ++last_ : known->second;
    numbers_[name] = number;
    ids_[name] = id;
    watch_.add(number, name, std::make_unique<SystemAsking>(*client_, id, name));
}

observe::TopologyPtr RemoteTopology::make() {
    return wanted_ && watch_.size() > 0 ? watch_.make() : nullptr;
}

}  // namespace signalbox::host
