#include "tests/monitor/inventory.h"

#include "engine/base/text.h"

#include <algorithm>

namespace signalbox::monitor {

Inventory::Inventory() {
    facts.id = "NTEST";
    facts.name = "tested";
    facts.version = "2.15.0";
    facts.own_version = "0.1.0";
    facts.runtime = "signalbox";
    facts.host = "127.0.0.1";
    facts.port = 4222;
    facts.http_host = "127.0.0.1";
    facts.http_port = 8222;
    facts.system_account = "$SYS";
    facts.start = kStart;
    facts.config_load_time = kStart;
    facts.options = &options;
    of_process = {.now = after(base::hours(25)),
                  .usage = {.resident_bytes = 1'000'000, .cpu_time = base::seconds(3), .cores = 4},
                  .cpu_percent = 12.5};
}

ConnectionFacts& Inventory::add(std::uint64_t cid, std::string name, std::string user,
                                std::string account) {
    ConnectionFacts c;
    c.identity = std::make_shared<observe::ConnectionIdentity>(observe::ConnectionIdentity{
        .cid = cid,
        .kind = "Client",
        .ip = "127.0.0.1",
        .port = static_cast<std::uint16_t>(40'000 + cid),
        .name = std::move(name),
        .lang = "test",
        .version = "1.0",
        .account = std::move(account),
        .user = std::move(user),
        .start = after(base::seconds(cid)),
    });
    c.last_activity = after(base::seconds(cid));
    c.rtt = base::microseconds(300);
    open.push_back(std::move(c));
    return open.back();
}

void Inventory::subscribe(std::uint64_t cid, std::string subject, std::string queue_group) {
    auto const c = std::ranges::find_if(
        open, [&](ConnectionFacts const& each) { return each.identity->cid == cid; });
    ++c->subscriptions;
    subscriptions.push_back({
        .account = c->identity->account,
        .subject = std::move(subject),
        .queue_group = std::move(queue_group),
        .sid = std::to_string(c->subscriptions),
        .cid = cid,
    });
}

void Inventory::close(std::uint64_t cid, std::string reason, WallTime stop) {
    auto const c = std::ranges::find_if(
        open, [&](ConnectionFacts const& each) { return each.identity->cid == cid; });
    std::vector<connection::ClosedConnection::Filter> had;
    for (SubscriptionFacts const& s : subscriptions_of(cid)) {
        had.push_back({.filter = s.subject, .queue = s.queue_group, .sid = s.sid});
    }
    c->had = std::make_shared<std::vector<connection::ClosedConnection::Filter> const>(had);
    c->stop = stop;
    c->reason = std::move(reason);
    std::erase_if(subscriptions, [&](SubscriptionFacts const& s) { return s.cid == cid; });
    closed.push_back(*c);
    open.erase(c);
}

void Inventory::visit_accounts(VisitAccount const& visit) const {
    std::ranges::for_each(accounts, visit);
}

std::optional<AccountFacts> Inventory::find_account(std::string_view name) const {
    auto const found = std::ranges::find_if(
        accounts, [&](AccountFacts const& each) { return each.stat.account == name; });
    return found == accounts.end() ? std::nullopt : std::optional(*found);
}

void Inventory::visit_open(VisitConnection const& visit) const {
    std::ranges::for_each(open, visit);
}

void Inventory::visit_closed(VisitConnection const& visit) const {
    std::ranges::for_each(closed, visit);
}

std::vector<SubscriptionFacts> Inventory::subscriptions_of(std::uint64_t cid) const {
    std::vector<SubscriptionFacts> found;
    std::ranges::copy_if(subscriptions, std::back_inserter(found),
                         [&](SubscriptionFacts const& s) { return s.cid == cid; });
    return found;
}

void Inventory::visit_subscriptions(std::string_view account,
                                    VisitSubscription const& visit) const {
    for (SubscriptionFacts const& s : subscriptions) {
        if ((account.empty() || s.account == account) && !visit(s)) {
            return;
        }
    }
}

InterestFacts Inventory::interest(std::string_view account) const {
    InterestFacts facts_of;
    visit_subscriptions(account, [&](SubscriptionFacts const&) {
        ++facts_of.subscriptions;
        return true;
    });
    facts_of.inserts = facts_of.subscriptions;
    return facts_of;
}

WallTime after(Duration since_start) {
    return kStart + since_start;
}

protocol::HttpRequest request_for(std::string_view target) {
    protocol::HttpRequestParser parser;
    parser.feed(concat("GET ", target, " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    return *parser.next().value();
}

std::string whole_text(Answer answer) {
    while (answer.rest) {
        if (!answer.rest->append_part(answer.text)) {
            answer.rest.reset();
        }
    }
    return answer.text;
}

Json whole_json(Answer answer) {
    return Json::parse(whole_text(std::move(answer))).value();
}

std::vector<std::string> keys_of(Json const& object) {
    std::vector<std::string> keys;
    for (auto const& [key, value] : *object.as_object()) {
        keys.push_back(key);
    }
    return keys;
}

std::int64_t number_at(Json const& object, std::string_view name) {
    Json const* const member = object.find(name);
    return member == nullptr ? -1 : member->as_int().value_or(-1);
}

std::string text_at(Json const& object, std::string_view name) {
    Json const* const member = object.find(name);
    return member == nullptr || member->as_text() == nullptr ? "(none)" : *member->as_text();
}

}  // namespace signalbox::monitor
