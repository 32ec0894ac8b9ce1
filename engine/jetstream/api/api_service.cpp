#include "engine/jetstream/api/api_service.h"

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/message/built_message.h"
#include "engine/protocol/headers.h"

#include <algorithm>
#include <utility>

namespace signalbox::jetstream {
namespace {

constexpr char kPrefix[] = "$JS.API.";
constexpr std::size_t kMostWaiting = 10'000;

bool has_level(std::string_view headers) {
    auto const level = protocol::find_header(headers, "Nats-Required-Api-Level");
    if (!level) {
        return true;
    }
    auto const number = base::parse_int(*level);
    return number && *number <= kApiLevel;
}

/// What stands in an answer of that type before anything was done: pages and counts of nothing.
void write_nothing_done(JsonWriter& json, std::string_view type) {
    bool const listed = type.ends_with("_list_response") || type.ends_with("_names_response");
    if (listed || type == "stream_info_response") {
        write_paging(json, 0, 0, 0);
    }
    if (type == "stream_names_response") {
        json.key("streams").null();
    } else if (listed) {
        json.key(type.starts_with("stream") ? "streams" : "consumers").begin_array().end_array();
    } else if (type == "stream_purge_response") {
        json.field("purged", 0);
    }
}

}  // namespace

ApiService::ApiService(JetStream& jetstream, account::Account& account)
    : jetstream_(jetstream), account_(account) {}

ApiService::~ApiService() {
    for (auto const& [id, route] : routes_) {
        if (message::Subscription* const subscription = account_.find(id)) {
            jetstream_.parts().dispatcher.unsubscribe(account_, *subscription);
        }
    }
}

void ApiService::listen(std::span<ApiRoute const> routes) {
    for (ApiRoute const& route : routes) {
        message::Subscription const& kept = jetstream_.parts().dispatcher.subscribe(
            account_, {.recipient = this, .filter = concat(kPrefix, route.pattern), .sid = "api"});
        routes_.emplace(kept.id, &route);
    }
}

message::Delivery ApiService::deliver(message::Subscription& subscription,
                                      message::MessageRun const& run) {
    auto const route = routes_.find(subscription.id);
    if (route == routes_.end()) {
        return {};
    }
    std::int64_t const said = jetstream_.options().request_queue_limit;
    std::size_t const most = said > 0 ? static_cast<std::size_t>(said) : kMostWaiting;
    for (message::MessageView const& message : run.messages) {
        if (waiting_ >= most) {
            continue;
        }
        ++waiting_;
        auto parts = std::make_shared<ApiCall::Parts>();
        parts->subject = std::string(run.subject.text());
        parts->reply = std::string(message.reply);
        parts->headers = std::string(message.headers);
        parts->payload = std::string(message.payload);
        parts->type = route->second->type;
        if (run.passage != nullptr && run.passage->requester != nullptr) {
            parts->client = *run.passage->requester;
        } else if (run.publisher != nullptr) {
            run.publisher->describe(parts->client);
        }
        jetstream_.parts().world.turn().defer([this, life = life(), route = route->second, parts] {
            if (!life.expired()) {
                --waiting_;
                take(*route, parts);
            }
        });
    }
    return {.taken = static_cast<std::uint32_t>(run.messages.size())};
}

void ApiService::take(ApiRoute const& route, std::shared_ptr<ApiCall::Parts> const& parts) {
    AccountStreams* const account = jetstream_.find(account_.name());
    if (account == nullptr) {
        refuse(*parts);
        return;
    }
    auto const call = std::make_shared<ApiCall>(jetstream_, *this, *account, std::move(*parts));
    if (!has_level(call->headers())) {
        call->refuse(api_error(ApiErrc::RequiredApiLevel),
                     [&](JsonWriter& json) { write_nothing_done(json, route.type); });
        return;
    }
    route.handle(call);
}

void ApiService::refuse(ApiCall::Parts const& parts) {
    JsonWriter json;
    json.begin_object().field("type", concat("io.nats.jetstream.api.v1.", parts.type));
    json.key("error");
    api_error(ApiErrc::NotEnabledForAccount).write(json);
    json.end_object();
    if (!parts.reply.empty()) {
        publish(parts.reply, json.text());
    }
}

void ApiService::send(ApiCall const& call, std::string const& text) {
    if (!call.reply().empty()) {
        publish(call.reply(), text);
    }
    if (!call.is_audited()) {
        return;
    }
    jetstream_.advisor().say(account_, "API", "api_audit", [&](JsonWriter& json) {
        json.field("server", jetstream_.parts().server_name).key("client");
        event::write(json, call.client());
        json.field("subject", call.subject()).field_unless_empty("request", call.payload());
        json.field("response", text);
        json.field_unless_empty("domain", jetstream_.options().domain);
    });
}

void ApiService::publish(std::string const& subject, Bytes payload) {
    message::BuiltMessage const built({}, {}, payload);
    jetstream_.parts().dispatcher.publish(
        account_, built.run(subject::PublishSubject::from_token(subject)), *this);
}

void ApiService::describe(event::ClientInfo& info) const {
    info.account = account_.name();
    info.kind = "JetStream";
    info.client_type.clear();
}

void Api::accounts_changed() {
    auto const& accounts = jetstream_.parts().accounts.all();
    std::erase_if(services_, [&](auto const& entry) {
        return std::ranges::none_of(
            accounts, [&](auto const& account) { return account.get() == entry.first; });
    });
    for (auto const& account : accounts) {
        if (account->is_system() || services_.count(account.get()) > 0) {
            continue;
        }
        auto service = std::make_unique<ApiService>(jetstream_, *account);
        for (auto const routes : routes_) {
            service->listen(routes);
        }
        services_.emplace(account.get(), std::move(service));
    }
}

}  // namespace signalbox::jetstream
