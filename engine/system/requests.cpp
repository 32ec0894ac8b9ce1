#include "engine/system/requests.h"

#include "engine/base/encoding.h"
#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/monitor/absent_parts.h"
#include "engine/monitor/accountz.h"
#include "engine/monitor/accstatz.h"
#include "engine/monitor/gatewayz.h"
#include "engine/monitor/healthz.h"
#include "engine/monitor/jsz.h"
#include "engine/monitor/leafz.h"
#include "engine/monitor/routez.h"
#include "engine/monitor/subsz.h"
#include "engine/monitor/varz.h"
#include "engine/subject/tokens.h"
#include "engine/system/server_filter.h"

#include <array>
#include <utility>

namespace signalbox::system {
namespace {

/// Profiles and variables are those of the reference's own language.
constexpr char kNoRuntime[] = "not there: they show the runtime of Go, which this server has not";

/// As the reference says that a profile was not made: beside the data.
monitor::Answer no_profile() {
    JsonWriter json;
    json.begin_object().key("profile").null().field("error", kNoRuntime).end_object();
    return monitor::answer_whole(json.take());
}

using monitor::Layout;
using monitor::RequestFields;

constexpr std::array<std::pair<Service, std::string_view>, 15> kServices{{
    {Service::Statsz, "STATSZ"},
    {Service::Idz, "IDZ"},
    {Service::Varz, "VARZ"},
    {Service::Subsz, "SUBSZ"},
    {Service::Connz, "CONNZ"},
    {Service::Routez, "ROUTEZ"},
    {Service::Gatewayz, "GATEWAYZ"},
    {Service::Leafz, "LEAFZ"},
    {Service::Accountz, "ACCOUNTZ"},
    {Service::Jsz, "JSZ"},
    {Service::Healthz, "HEALTHZ"},
    {Service::Ipqueuesz, "IPQUEUESZ"},
    {Service::Raftz, "RAFTZ"},
    {Service::Profilez, "PROFILEZ"},
    {Service::Expvarz, "EXPVARZ"},
}};
/// These are for one server alone.
constexpr std::array<std::pair<Service, std::string_view>, 3> kCommands{
    {{Service::Reload, "RELOAD"}, {Service::Kick, "KICK"}, {Service::Ldm, "LDM"}}};
constexpr std::array<std::pair<AccountService, std::string_view>, 7> kAccountServices{{
    {AccountService::Subsz, "SUBSZ"},
    {AccountService::Connz, "CONNZ"},
    {AccountService::Leafz, "LEAFZ"},
    {AccountService::Jsz, "JSZ"},
    {AccountService::Info, "INFO"},
    {AccountService::Statz, "STATZ"},
    {AccountService::Conns, "CONNS"},
}};

constexpr int kBadRequest = 400;
constexpr int kFailed = 500;
/// In place of an account: all of them.
constexpr std::string_view kAll = "PING";

/// The system account is asked by tools that ask for every account at once.
constexpr RequestRates::Limits kRates{.of_connection = 10'000, .of_account = 10'000};

/// The account in `$SYS.REQ.ACCOUNT.<account>.<service>`.
std::string_view account_in(std::string_view subject) {
    constexpr std::string_view kBefore = "$SYS.REQ.ACCOUNT.";
    std::string_view const rest = subject.substr(kBefore.size());
    return rest.substr(0, rest.rfind('.'));
}

bool is_stats(Service service) {
    return service == Service::Statsz;
}

bool is_command(Service service) {
    return service == Service::Reload || service == Service::Kick || service == Service::Ldm;
}

}  // namespace

Requests::Requests(SystemParts const& parts, Publisher& publisher, Reports& reports,
                   Answers& answers)
    : parts_(parts), publisher_(publisher), reports_(reports), answers_(answers), rates_(kRates) {}

void Requests::start() {
    std::string const id = parts_.source.server().id;
    subscribe("$SYS.REQ.SERVER.PING", [this](Received const& r) { answer(Service::Statsz, r); });
    for (auto const& [service, name] : kServices) {
        for (std::string_view const server : {kAll, std::string_view(id)}) {
            subscribe(concat("$SYS.REQ.SERVER.", server, ".", name),
                      [this, which = service](Received const& r) { answer(which, r); });
        }
    }
    for (auto const& [service, name] : kCommands) {
        subscribe(concat("$SYS.REQ.SERVER.", id, ".", name),
                  [this, which = service](Received const& r) { answer(which, r); });
    }
    for (auto const& [service, name] : kAccountServices) {
        subscribe(concat("$SYS.REQ.ACCOUNT.*.", name),
                  [this, which = service](Received const& r) { answer(which, r); });
    }
    subscribe("$SYS.REQ.ACCOUNT.NSUBS", [this](Received const& r) { answer_subscribers_of(r); });
    subscribe("$SYS.DEBUG.SUBSCRIBERS", [this](Received const& r) { answer_subscribers(r); });
}

void Requests::subscribe(std::string const& subject, std::function<void(Received const&)> answer) {
    publisher_.client().subscribe(
        subject, "", [this, answer = std::move(answer)](Received const& request) {
            if (!rates_.take("", request.connection, parts_.world.clock().now())) {
                ++refused_;
                return;
            }
            ++answered_;
            answer(request);
        });
}

std::optional<RequestFields> Requests::read(Asker const& to, Received const& request) {
    auto parsed = RequestFields::parse(request.payload);
    if (!parsed.ok()) {
        answers_.send_error(to, kBadRequest, parsed.error().detail());
        return std::nullopt;
    }
    ServerFilter const filter = ServerFilter::read(parsed.value());
    if (parsed.value().check().ok() && !filter.matches(parts_.source)) {
        return std::nullopt;
    }
    return std::move(parsed).value();
}

void Requests::answer(Service service, Received const& request) {
    if (request.reply.empty()) {
        if (is_stats(service)) {
            reports_.say_stats();
        }
        return;
    }
    Asker const to = asker_of(account(), request);
    std::optional<RequestFields> read = this->read(to, request);
    if (!read) {
        return;
    }
    RequestFields& fields = *read;
    if (is_command(service)) {
        answer_command(service, to, fields);
    } else if (is_stats(service)) {
        answer_stats(to);
    } else if (service == Service::Idz) {
        monitor::ServerFacts const server = parts_.source.server();
        JsonWriter json;
        json.begin_object().field("name", server.name).field("host", server.host);
        json.field("id", server.id).end_object();
        answers_.send_plain(to, json.text());
    } else {
        answer_document(to, fields, document(service, fields));
    }
}

void Requests::answer_stats(Asker const& to) {
    answers_.send_plain(to, event::to_json(publisher_.next_word(), reports_.stats()));
}

void Requests::answer_document(Asker const& to, RequestFields const& fields,
                               Result<monitor::Answer> document) {
    if (document.ok()) {
        answers_.send(to, std::move(document).value());
        return;
    }
    bool const misread = !fields.check().ok();
    answers_.send_error(to, misread ? kBadRequest : kFailed, document.error().detail(),
                        misread ? BesideError::Nothing : BesideError::NullData);
}

Result<monitor::Answer> Requests::document(Service service, RequestFields& fields) {
    monitor::MonitorSource& source = parts_.source;
    if (service == Service::Connz) {
        return connections_of(source, fields, "", now());
    }
    if (service == Service::Subsz) {
        auto const options = monitor::SubszOptions::read(fields);
        TRY(fields.check());
        TRY(options.check());
        return monitor::subsz(source, options, now(), Layout::Compact);
    }
    if (service == Service::Healthz) {
        return monitor::healthz(source, fields);
    }
    if (service == Service::Accountz) {
        std::string const account = fields.text("account");
        TRY(fields.check());
        return monitor::accountz(source, account, now(), Layout::Compact);
    }
    if (service == Service::Routez) {
        auto const show = monitor::read_show_subscriptions(fields);
        TRY(fields.check());
        return monitor::routez(source, show, now(), Layout::Compact);
    }
    if (service == Service::Gatewayz) {
        monitor::GatewayzQuery const query = monitor::read_gatewayz_query(fields);
        TRY(fields.check());
        return monitor::gatewayz(source, query, now(), Layout::Compact);
    }
    if (service == Service::Leafz) {
        monitor::LeafzQuery const query = monitor::read_leafz_query(fields);
        TRY(fields.check());
        return monitor::leafz(source, query, now(), Layout::Compact);
    }
    if (service == Service::Jsz) {
        auto const options = monitor::JszOptions::read(fields);
        TRY(fields.check());
        return monitor::jsz(source, options, now(), Layout::Compact);
    }
    TRY(fields.check());
    switch (service) {
        case Service::Varz:
            return monitor::varz(source, Layout::Compact);
        case Service::Profilez:
            return no_profile();
        case Service::Expvarz:
            return Error(Errc::Unavailable, kNoRuntime);
        default:
            // It has no queues and no Raft groups to tell of.
            return monitor::answer_whole("{}");
    }
}

void Requests::answer_command(Service service, Asker const& to, RequestFields& fields) {
    auto const tell = [this, to](Result<void> const& result) {
        if (result.ok()) {
            answers_.send_done(to);
        } else {
            answers_.send_error(to, kFailed, result.error().detail());
        }
    };
    std::uint64_t const cid = fields.natural("cid");
    if (Result<void> const read = fields.check(); !read.ok()) {
        answers_.send_error(to, kBadRequest, read.error().detail());
        return;
    }
    if (service == Service::Reload) {
        parts_.control.reload(tell);
    } else if (service == Service::Kick) {
        tell(parts_.control.kick(cid));
    } else {
        tell(parts_.control.warn_of_shutdown(cid));
    }
}

void Requests::answer(AccountService service, Received const& request) {
    if (request.reply.empty()) {
        return;
    }
    Asker const to = asker_of(account(), request);
    std::optional<RequestFields> read = this->read(to, request);
    if (!read) {
        return;
    }
    RequestFields& fields = *read;
    std::string_view const account = account_in(request.subject);
    if (service == AccountService::Statz) {
        answer_account_stats(to, account, fields);
    } else if (service == AccountService::Conns) {
        if (std::string const event = reports_.connections_of(account); !event.empty()) {
            answers_.send_plain(to, event);
        }
    } else {
        answer_document(to, fields, document(service, account, fields));
    }
}

/// Silent about an account without connections, unless asked for those as well.
void Requests::answer_account_stats(Asker const& to, std::string_view account,
                                    RequestFields& fields) {
    monitor::AccstatzOptions options{.accounts = {std::string(account)},
                                     .include_unused = fields.boolean("include_unused")};
    if (account == kAll) {
        options.accounts = fields.texts("accounts");
    } else {
        auto const facts = parts_.source.find_account(account);
        bool const used = facts && facts->stat.connections + facts->stat.leafnodes > 0;
        if (fields.check().ok() && (!facts || (!used && !options.include_unused))) {
            return;
        }
    }
    if (Result<void> const read = fields.check(); !read.ok()) {
        answers_.send_error(to, kBadRequest, read.error().detail());
        return;
    }
    answers_.send(to, monitor::accstatz(parts_.source, options, now(), Layout::Compact));
}

Result<monitor::Answer> Requests::document(AccountService service, std::string_view account,
                                           RequestFields& fields) {
    monitor::MonitorSource& source = parts_.source;
    switch (service) {
        case AccountService::Connz:
            return connections_of(source, fields, account == kAll ? "" : account, now());
        case AccountService::Subsz: {
            auto options = monitor::SubszOptions::read(fields);
            TRY(fields.check());
            TRY(options.check());
            options.list = true;
            options.account = account;
            return monitor::subsz(source, options, now(), Layout::Compact);
        }
        case AccountService::Leafz: {
            monitor::LeafzQuery query = monitor::read_leafz_query(fields);
            TRY(fields.check());
            query.account = account;
            return monitor::leafz(source, query, now(), Layout::Compact);
        }
        case AccountService::Info:
            return monitor::account_info(source, account, now());
        case AccountService::Jsz: {
            auto options = monitor::JszOptions::read(fields);
            TRY(fields.check());
            options.account = account;
            options.accounts = true;
            if (source.streams() != nullptr) {
                return monitor::jsz(source, options, now(), Layout::Compact);
            }
            break;
        }
        case AccountService::Statz:
        case AccountService::Conns:
            break;
    }
    return Error(Errc::Unavailable, "jetstream not enabled");
}

std::uint64_t Requests::subscribers(std::string_view account, std::string_view subject,
                                    std::string_view queue) const {
    auto const filter = subject::Filter::parse(subject);
    if (!filter.ok()) {
        return 0;
    }
    std::uint64_t count = 0;
    parts_.source.visit_subscriptions(account, [&](monitor::SubscriptionFacts const& s) {
        auto const own = subject::Filter::parse(s.subject);
        bool const wanted =
            own.ok() && (queue.empty() || queue == s.queue_group) &&
            (filter.value().has_wildcard()
                 ? filter.value().covers(own.value())
                 : own.value().matches(subject::PublishSubject::from_token(subject)));
        // The server's own are nobody's.
        count += wanted && parts_.control.user_of(s.cid) ? 1 : 0;
        return true;
    });
    return count;
}

/// How many subscriptions of the system account messages of a subject would reach; the payload is
/// the subject, and may name one queue group after a blank.
void Requests::answer_subscribers(Received const& request) {
    if (request.reply.empty()) {
        return;
    }
    std::string_view const asked = base::trim(request.payload);
    std::size_t const blank = asked.find_first_of(" \t");
    std::string_view const queue =
        blank == std::string_view::npos ? std::string_view() : base::trim(asked.substr(blank));
    answers_.send_plain(asker_of(account(), request),
                        concat(subscribers(account(), asked.substr(0, blank), queue)));
}

/// The same of any account, as servers ask each other: `acc`, `subject`, and `queue` in base64. As
/// there, who asks for none there is hears nothing.
void Requests::answer_subscribers_of(Received const& request) {
    auto parsed = RequestFields::parse(request.payload);
    if (request.reply.empty() || !parsed.ok()) {
        return;
    }
    RequestFields& fields = parsed.value();
    std::string const of = fields.text("acc");
    std::string const subject = fields.text("subject");
    auto const queue = base::from_base64(fields.text("queue"));
    if (!fields.check().ok() || !queue.ok() || !parts_.source.find_account(of)) {
        return;
    }
    answers_.send_plain(asker_of(account(), request),
                        concat(subscribers(of, subject, queue.value())));
}

Result<monitor::Answer> connections_of(monitor::MonitorSource& source, RequestFields& fields,
                                       std::string_view account, WallTime now) {
    auto read = monitor::ConnzOptions::read(fields);
    TRY(fields.check());
    monitor::ConnzOptions options = TRY(std::move(read));
    if (!account.empty()) {
        options.account = account;
    }
    TRY(options.check());
    return monitor::connz(source, options, now, Layout::Compact);
}

}  // namespace signalbox::system
