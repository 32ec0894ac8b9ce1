#include "engine/host/remote_asking.h"

#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/host/remote_documents.h"

#include <utility>

namespace signalbox::host {

namespace {

constexpr Duration kPatience = base::seconds(4);
/// Of one document.
constexpr std::uint64_t kMostBytes = std::uint64_t{32} << 20;

std::string system_subject(Document document, std::string const& id) {
    switch (document) {
        case Document::Varz:
            return concat("$SYS.REQ.SERVER.", id, ".VARZ");
        case Document::Connz:
        case Document::ClosedConnz:
            return concat("$SYS.REQ.SERVER.", id, ".CONNZ");
        case Document::Subsz:
            return concat("$SYS.REQ.SERVER.", id, ".SUBSZ");
        case Document::Accstatz:
            return "$SYS.REQ.ACCOUNT.PING.STATZ";
        case Document::Routez:
        case Document::Gatewayz:
        case Document::Leafz:
            return concat("$SYS.REQ.SERVER.", id, ".", name_of(document));
    }
    return {};
}

std::string system_body(Document document, std::size_t offset, std::string const& name) {
    JsonWriter json;
    json.begin_object();
    switch (document) {
        case Document::Varz:
        case Document::Routez:
        case Document::Gatewayz:
        case Document::Leafz:
            break;
        case Document::Connz:
            json.field("auth", true).field("limit", kMostListed).field("offset", offset);
            break;
        case Document::ClosedConnz:
            json.field("auth", true).field("limit", kMostListed / 2).field("state", 1);
            json.field("sort", "stop");
            break;
        case Document::Subsz:
            json.field("subscriptions", true).field("limit", kMostListed);
            break;
        case Document::Accstatz:
            // Asked of all servers; this one alone shall answer.
            json.field("include_unused", true).field("server_name", name);
            json.field("exact_match", true);
            break;
    }
    return json.end_object().take();
}

std::string monitoring_path(Document document, std::size_t offset) {
    switch (document) {
        case Document::Varz:
            return "/varz";
        case Document::Connz:
            return concat("/connz?auth=1&limit=", kMostListed, "&offset=", offset);
        case Document::ClosedConnz:
            return concat("/connz?auth=1&state=closed&sort=stop&limit=", kMostListed / 2);
        case Document::Subsz:
            return concat("/subsz?subs=1&limit=", kMostListed);
        case Document::Accstatz:
            return "/accstatz?unused=1";
        case Document::Routez:
            return "/routez";
        case Document::Gatewayz:
            return "/gatewayz";
        case Document::Leafz:
            return "/leafz";
    }
    return {};
}

Result<Answer> parsed(std::string_view text, bool enveloped, Duration after) {
    Json whole = TRY(Json::parse(text));
    return Answer{
        .whole = std::move(whole), .enveloped = enveloped, .bytes = text.size(), .after = after};
}

}  // namespace

std::string_view name_of(Document document) {
    switch (document) {
        case Document::Varz:
            return "VARZ";
        case Document::Connz:
            return "CONNZ";
        case Document::ClosedConnz:
            return "CONNZ (closed)";
        case Document::Subsz:
            return "SUBSZ";
        case Document::Accstatz:
            return "ACCSTATZ";
        case Document::Routez:
            return "ROUTEZ";
        case Document::Gatewayz:
            return "GATEWAYZ";
        case Document::Leafz:
            return "LEAFZ";
    }
    return {};
}

Result<Json const*> Answer::document() const {
    if (enveloped) {
        return data_of_answer(whole);
    }
    return &whole;
}

void ask_over(client::Client& client, std::string const& subject, std::string const& body,
              OnAnswer done) {
    auto const shared = std::make_shared<OnAnswer>(std::move(done));
    Result<void> const sent = client.request(
        {.subject = subject, .payload = body}, kPatience,
        [shared, subject](Result<client::Reply> const& reply) {
            if (!reply.ok()) {
                (*shared)(reply.error());
            } else if (reply.value().no_responders) {
                (*shared)(Error(Errc::NotFound, concat("nobody answers on ", subject)));
            } else {
                (*shared)(parsed(reply.value().payload, true, reply.value().after));
            }
        });
    if (!sent.ok()) {
        // Never from within this call; the flush is answered with the next PONG, or the loss.
        client.flush([shared, error = sent.error()](Result<void> const&) { (*shared)(error); });
    }
}

void SystemAsking::ask(Document document, std::size_t offset, OnAnswer done) {
    ask_over(client_, system_subject(document, id_), system_body(document, offset, name_),
             std::move(done));
}

void OwnAccountAsking::ask(Document document, std::size_t offset, OnAnswer done) {
    if (document != Document::Connz && document != Document::ClosedConnz) {
        client_.flush([done = std::move(done)](Result<void> const&) {
            done(Error(Errc::NotFound,
                       "an ordinary user is told of the connections of its own "
                       "account alone"));
        });
        return;
    }
    JsonWriter json;
    json.begin_object()
        .field("auth", true)
        .field("limit", kMostListed)
        .field("offset", offset)
        .field("state", document == Document::Connz ? 0 : 1)
        .field("server_name", name_)
        .field("exact_match", true)
        .end_object();
    ask_over(client_, "$SYS.REQ.SERVER.PING.CONNZ", json.text(), std::move(done));
}

void MonitoringAsking::ask(Document document, std::size_t offset, OnAnswer done) {
    std::uint64_t const number = ++last_;
    Instant const since = world_.clock().now();
    transport::HttpQuery query;
    query.url = url_of(url_, monitoring_path(document, offset));
    query.timeout = kPatience;
    query.body_limit = kMostBytes;
    query.tls = tls_;
    auto answer = [this, number, since, done](transport::HttpExchange::Outcome const& came) {
        // What is asked next may be asked from within.
        std::unique_ptr<transport::HttpExchange> const over = std::move(exchanges_[number]);
        exchanges_.erase(number);
        if (!came.ok()) {
            done(came.error());
        } else if (came.value().status != 200) {
            Errc const code = came.value().status == 404 ? Errc::NotFound : Errc::Unavailable;
            done(Error(code, concat("HTTP status ", came.value().status)));
        } else {
            done(parsed(came.value().body, false, world_.clock().now() - since));
        }
    };
    Result<std::unique_ptr<transport::HttpExchange>> exchange =
        transport::HttpExchange::start(world_, std::move(query), std::move(answer));
    if (exchange.ok()) {
        exchanges_[number] = std::move(exchange).value();
        return;
    }
    world_.turn().defer(
        [done = std::move(done), error = exchange.error(), alive = std::weak_ptr(alive_)] {
            if (!alive.expired()) {
                done(error);
            }
        });
}

}  // namespace signalbox::host
