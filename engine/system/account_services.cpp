#include "engine/system/account_services.h"

#include "engine/base/json_writer.h"
#include "engine/monitor/accstatz.h"
#include "engine/system/requests.h"
#include "engine/system/server_filter.h"

namespace signalbox::system {
namespace {

constexpr int kBadRequest = 400;
constexpr int kFailed = 500;

void write_texts(JsonWriter& json, std::string_view name, std::vector<std::string> const& texts) {
    if (texts.empty()) {
        return;
    }
    json.key(name).begin_array();
    for (std::string const& text : texts) {
        json.value(text);
    }
    json.end_array();
}

void write(JsonWriter& json, permission::SubjectRules const& rules) {
    json.begin_object();
    write_texts(json, "allow", rules.allow);
    write_texts(json, "deny", rules.deny);
    json.end_object();
}

std::string to_json(UserFacts const& user, WallTime now) {
    JsonWriter json;
    json.begin_object().field("user", user.user).field("account", user.account);
    json.field_unless_empty("account_name", user.account_name);
    json.field_unless_empty("user_name", user.user_name);
    if (user.permissions) {
        json.key("permissions").begin_object();
        write(json.key("publish"), user.permissions->publish);
        write(json.key("subscribe"), user.permissions->subscribe);
        if (auto const& responses = user.permissions->responses) {
            json.key("responses").begin_object().field("max", responses->max);
            json.field("ttl", responses->expires.count()).end_object();
        }
        json.end_object();
    }
    if (user.expires) {
        json.field("expires", (*user.expires - now).count());
    }
    json.end_object();
    return json.take();
}

}  // namespace

AccountServices::AccountServices(SystemParts const& parts, Answers& answers)
    : parts_(parts), answers_(answers) {}

void AccountServices::accounts_changed() {
    std::erase_if(clients_, [](auto const& each) { return each.second->account().is_retired(); });
    for (auto const& account : parts_.accounts.all()) {
        serve(*account);
    }
}

void AccountServices::serve(std::string_view account) {
    if (find(account) == nullptr) {
        accounts_changed();
    }
}

dispatch::InternalClient* AccountServices::find(std::string_view account) {
    auto const found = clients_.find(account);
    bool const usable = found != clients_.end() && !found->second->account().is_retired();
    return usable ? found->second.get() : nullptr;
}

void AccountServices::serve(account::Account& account) {
    if (clients_.contains(account.name())) {
        return;
    }
    auto& client = *(clients_[account.name()] = std::make_unique<dispatch::InternalClient>(
                         parts_.world.turn(), parts_.dispatcher, account));
    // In the system account all but the last are what they are for everyone there.
    if (!account.is_system()) {
        subscribe(client, "$SYS.REQ.ACCOUNT.PING.CONNZ", &AccountServices::answer_connections);
        subscribe(client, "$SYS.REQ.SERVER.PING.CONNZ", &AccountServices::answer_connections);
        subscribe(client, "$SYS.REQ.ACCOUNT.PING.STATZ", &AccountServices::answer_stats);
    }
    subscribe(client, "$SYS.REQ.USER.INFO", &AccountServices::answer_user);
}

void AccountServices::subscribe(dispatch::InternalClient& client, std::string_view subject,
                                Answer answer) {
    client.subscribe(subject, "", [this, &client, answer](Received const& request) {
        if (request.reply.empty()) {
            return;
        }
        std::string const& account = client.account().name();
        if (!rates_.take(account, request.connection, parts_.world.clock().now())) {
            ++refused_;
            return;
        }
        ++answered_;
        (this->*answer)(asker_of(account, request), request);
    });
}

void AccountServices::answer_connections(Asker const& to, Received const& request) {
    auto parsed = monitor::RequestFields::parse(request.payload);
    if (!parsed.ok()) {
        answers_.send_error(to, kBadRequest, parsed.error().detail());
        return;
    }
    monitor::RequestFields fields = std::move(parsed).value();
    ServerFilter const filter = ServerFilter::read(fields);
    if (!filter.matches(parts_.source)) {
        return;
    }
    auto document =
        connections_of(parts_.source, fields, to.account, parts_.world.clock().wall_now());
    if (document.ok()) {
        answers_.send(to, std::move(document).value());
        return;
    }
    bool const misread = !fields.check().ok();
    answers_.send_error(to, misread ? kBadRequest : kFailed, document.error().detail(),
                        misread ? BesideError::Nothing : BesideError::NullData);
}

void AccountServices::answer_stats(Asker const& to, Received const&) {
    answers_.send(
        to, monitor::accstatz(parts_.source, {.accounts = {to.account}, .include_unused = true},
                              parts_.world.clock().wall_now(), monitor::Layout::Compact));
}

void AccountServices::answer_user(Asker const& to, Received const& request) {
    auto const user = parts_.control.user_of(request.connection);
    if (user && user->account == to.account) {
        answers_.send(to, monitor::answer_whole(to_json(*user, parts_.world.clock().wall_now())));
    }
}

}  // namespace signalbox::system
