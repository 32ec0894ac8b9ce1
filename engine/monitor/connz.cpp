#include "engine/monitor/connz.h"

#include "engine/base/duration_text.h"
#include "engine/base/json_writer.h"
#include "engine/monitor/subscription_json.h"
#include "engine/subject/tokens.h"

#include <algorithm>
#include <utility>

namespace signalbox::monitor {
namespace {

constexpr std::string_view kGlobalAccount = "$G";

/// Parts of the document end after so many bytes.
constexpr std::size_t kPartBytes = 65'536;

Result<ShowSubscriptions> read_subscriptions(Query const& query) {
    if (base::equal_ignoring_case(query.text("subs"), "detail")) {
        return ShowSubscriptions::Detail;
    }
    return TRY(query.boolean("subs")) ? ShowSubscriptions::Subjects : ShowSubscriptions::No;
}

Result<ConnectionState> read_state(Query const& query) {
    std::string const text = query.text("state");
    std::string const state = base::to_lower(text);
    if (state.empty() || state == "open") {
        return ConnectionState::Open;
    }
    if (state == "closed") {
        return ConnectionState::Closed;
    }
    if (state == "any" || state == "all") {
        return ConnectionState::Any;
    }
    return Error(Errc::InvalidArgument, concat("Error decoding state for ", text));
}

/// To the microsecond below a millisecond, as the reference writes it.
std::string rtt_text(Duration rtt) {
    if (rtt > base::microseconds(1) && rtt < base::milliseconds(1)) {
        rtt -= rtt % base::microseconds(1);
    }
    return base::duration_text(rtt);
}

/// Whether some subject is matched by both.
bool overlap(std::string_view one, std::string_view other) {
    subject::Tokens left(one);
    subject::Tokens right(other);
    while (!left.done() && !right.done()) {
        std::string_view const a = left.next();
        std::string_view const b = right.next();
        if (a == ">" || b == ">") {
            return true;
        }
        if (a != b && a != "*" && b != "*") {
            return false;
        }
    }
    return left.done() && right.done();
}

/// The subscriptions of a closed connection.
std::vector<SubscriptionFacts> remembered(ConnectionFacts const& c) {
    std::vector<SubscriptionFacts> list;
    if (!c.had) {
        return list;
    }
    for (auto const& had : *c.had) {
        list.push_back({
            .account = c.identity->account,
            .subject = had.filter,
            .queue_group = had.queue,
            .sid = had.sid,
            .msgs = had.delivered,
            .max = had.max,
            .cid = c.identity->cid,
        });
    }
    return list;
}

/// What the options leave of all connections, before the page is cut out of it.
struct Selection {
    std::vector<ConnectionFacts> connections;
    std::uint64_t total = 0;  ///< Of the states and account asked for, whatever else is asked.
};

class Selector {
public:
    Selector(MonitorSource const& source, ConnzOptions const& options)
        : source_(source), options_(options) {}

    Selection select() {
        if (options_.state != ConnectionState::Closed) {
            source_.visit_open([this](ConnectionFacts const& c) { consider(c); });
        }
        if (options_.state != ConnectionState::Open) {
            source_.visit_closed([this](ConnectionFacts const& c) { consider(c); });
        }
        return std::move(selection_);
    }

private:
    void consider(ConnectionFacts const& c) {
        observe::ConnectionIdentity const& who = *c.identity;
        if (!options_.account.empty()) {
            // The reference keeps no account with what it remembers of `$G`.
            bool const is_hidden = c.is_closed() && who.account == kGlobalAccount;
            if (who.account != options_.account || is_hidden) {
                return;
            }
        }
        ++selection_.total;
        bool const wanted = (options_.cid == 0 || who.cid == options_.cid) &&
                            (options_.user.empty() || who.user == options_.user) &&
                            options_.mqtt_client.empty() && listens(c);
        if (wanted) {
            selection_.connections.push_back(c);
        }
    }

    /// Whether messages of the subject that is asked for could reach it.
    bool listens(ConnectionFacts const& c) const {
        if (options_.filter_subject.empty()) {
            return true;
        }
        auto const list = c.is_closed() ? remembered(c) : source_.subscriptions_of(c.identity->cid);
        return std::ranges::any_of(list, [this](SubscriptionFacts const& s) {
            return overlap(s.subject, options_.filter_subject);
        });
    }

    MonitorSource const& source_;
    ConnzOptions const& options_;
    Selection selection_;
};

/// The document, of which the connections shown are known and rendered as they are wanted.
class ConnzDocument : public Document {
public:
    ConnzDocument(MonitorSource const& source, ConnzOptions const& options, WallTime now,
                  Selection page, Layout layout)
        : source_(source),
          auth_(options.auth),
          subscriptions_(options.subscriptions),
          now_(now),
          page_(std::move(page)),
          json_(indent_of(layout)) {
        json_.begin_object();
        json_.field("server_id", source.server().id).field("now", now);
        json_.field("num_connections", page_.connections.size()).field("total", page_.total);
        json_.field("offset", options.cid > 0 ? 0 : options.paging.offset);
        json_.field("limit", options.cid > 0 ? 1 : options.paging.limit);
        json_.key("connections").begin_array();
    }

    bool append_part(std::string& out) override {
        while (next_ < page_.connections.size() && json_.text().size() < kPartBytes) {
            write(page_.connections[next_]);
            ++next_;
        }
        bool const more = next_ < page_.connections.size();
        if (!more) {
            json_.end_array().end_object();
        }
        out += json_.take();
        return more;
    }

private:
    void write(ConnectionFacts const& c) {
        observe::ConnectionIdentity const& who = *c.identity;
        WallTime const until = c.is_closed() ? c.stop : now_;
        json_.begin_object();
        json_.field("cid", who.cid).field_unless_empty("kind", who.kind).field("type", "nats");
        json_.field("ip", who.ip).field("port", who.port);
        json_.field("start", who.start).field("last_activity", c.last_activity);
        if (c.is_closed()) {
            json_.field("stop", c.stop).field_unless_empty("reason", c.reason);
        }
        json_.field("rtt", rtt_text(c.rtt));
        json_.field("uptime", base::uptime_text(until - who.start));
        json_.field("idle", base::uptime_text(until - c.last_activity));
        json_.field("pending_bytes", c.pending_bytes);
        json_.field("in_msgs", c.in_msgs).field("out_msgs", c.out_msgs);
        json_.field("in_bytes", c.in_bytes).field("out_bytes", c.out_bytes);
        json_.field_unless_empty("stalls", c.stalls).field("subscriptions", c.subscriptions);
        json_.field_unless_empty("name", who.name).field_unless_empty("lang", who.lang);
        json_.field_unless_empty("version", who.version);
        write_tls(who);
        if (auth_) {
            json_.field_unless_empty("authorized_user", who.user);
            if (who.account != kGlobalAccount) {
                json_.field_unless_empty("account", who.account);
            }
        }
        write_subscriptions(c);
        if (auth_) {
            write_token(c);
        }
        if (!c.proxy_key.empty()) {
            json_.key("proxy").begin_object().field("key", c.proxy_key).end_object();
        }
        json_.end_object();
    }

    void write_tls(observe::ConnectionIdentity const& who) {
        if (!who.tls) {
            return;
        }
        json_.field("tls_version", who.tls->version).field("tls_cipher_suite", who.tls->cipher);
        if (auth_ && !who.tls->certificates.empty()) {
            json_.key("tls_peer_certs").begin_array();
            for (tls::PeerCertificate const& certificate : who.tls->certificates) {
                json_.begin_object()
                    .field_unless_empty("subject", certificate.subject)
                    .field("spki_sha256", certificate.spki_sha256)
                    .field("cert_sha256", certificate.cert_sha256)
                    .end_object();
            }
            json_.end_array();
        }
        json_.field_unless_empty("tls_first", who.tls_first);
    }

    void write_token(ConnectionFacts const& c) {
        observe::ConnectionIdentity const& who = *c.identity;
        json_.field_unless_empty("jwt", c.token.jwt);
        json_.field_unless_empty("issuer_key", c.token.issuer_key);
        if (!c.token.name_tag.empty()) {
            json_.field("name_tag", c.token.name_tag);
        } else if (!(c.is_closed() && who.account == kGlobalAccount)) {
            json_.field_unless_empty("name_tag", who.account);
        }
        if (!c.token.tags.empty()) {
            json_.key("tags").begin_array();
            for (std::string const& tag : c.token.tags) {
                json_.value(tag);
            }
            json_.end_array();
        }
    }

    void write_subscriptions(ConnectionFacts const& c) {
        if (subscriptions_ == ShowSubscriptions::No) {
            return;
        }
        auto const list = c.is_closed() ? remembered(c) : source_.subscriptions_of(c.identity->cid);
        if (list.empty()) {
            return;
        }
        bool const detail = subscriptions_ == ShowSubscriptions::Detail;
        json_.key(detail ? "subscriptions_list_detail" : "subscriptions_list").begin_array();
        for (SubscriptionFacts const& subscription : list) {
            if (detail) {
                // What is remembered names the account; for what is open it is the connection's.
                write_subscription(json_, subscription,
                                   c.is_closed() ? ShowAccount::Yes : ShowAccount::No);
            } else {
                json_.value(subscription.subject);
            }
        }
        json_.end_array();
    }

    MonitorSource const& source_;
    bool auth_;
    ShowSubscriptions subscriptions_;
    WallTime now_;
    Selection page_;
    std::size_t next_ = 0;
    JsonWriter json_;
};

}  // namespace

Result<ConnzOptions> ConnzOptions::read(Query const& query) {
    ConnzOptions options;
    options.auth = TRY(query.boolean("auth"));
    options.subscriptions = TRY(read_subscriptions(query));
    options.paging = TRY(Paging::read(query));
    options.cid = TRY(query.natural("cid"));
    options.state = TRY(read_state(query));
    options.user = query.text("user");
    options.account = query.text("acc");
    options.mqtt_client = query.text("mqtt_client");
    options.sort = TRY(parse_connection_sort(query.text("sort")));
    TRY(options.check());
    return options;
}

Result<ConnzOptions> ConnzOptions::read(RequestFields& fields) {
    ConnzOptions options;
    options.auth = fields.boolean("auth");
    bool const list = fields.boolean("subscriptions");
    bool const detail = fields.boolean("subscriptions_detail");
    if (detail || list) {
        options.subscriptions = detail ? ShowSubscriptions::Detail : ShowSubscriptions::Subjects;
    }
    options.paging = Paging::read(fields);
    options.cid = fields.natural("cid");
    switch (fields.integer("state")) {
        case 1:
            options.state = ConnectionState::Closed;
            break;
        case 2:
            options.state = ConnectionState::Any;
            break;
        default:
            break;
    }
    options.user = fields.text("user");
    options.account = fields.text("acc");
    options.mqtt_client = fields.text("mqtt_client");
    options.filter_subject = fields.text("filter_subject");
    options.sort = TRY(parse_connection_sort(fields.text("sort")));
    return options;
}

Result<void> ConnzOptions::check() const {
    if (state != ConnectionState::Closed && sort == ConnectionSort::Stop) {
        return Error(Errc::InvalidArgument, "sort by stop only valid on closed connections");
    }
    if (state != ConnectionState::Closed && sort == ConnectionSort::Reason) {
        return Error(Errc::InvalidArgument, "sort by reason only valid on closed connections");
    }
    if (!filter_subject.empty() && account.empty()) {
        return Error(Errc::InvalidArgument, "filter by subject only valid with account filtering");
    }
    return {};
}

Answer connz(MonitorSource& source, ConnzOptions const& options, WallTime now, Layout layout) {
    Selection selection = Selector(source, options).select();
    auto& connections = selection.connections;
    std::size_t const begin = options.cid > 0 ? 0 : options.paging.begin_in(connections.size());
    std::size_t const end =
        options.cid > 0 ? connections.size() : options.paging.end_in(connections.size());
    connections = take_page(std::move(connections), options.sort, begin, end, now);
    for (ConnectionFacts const& c : connections) {
        if (!c.is_closed() && c.rtt == Duration{0} && !c.identity->lang.empty()) {
            source.measure_rtt(c.identity->cid);
        }
    }
    return answer_in_parts(
        std::make_unique<ConnzDocument>(source, options, now, std::move(selection), layout));
}

}  // namespace signalbox::monitor
