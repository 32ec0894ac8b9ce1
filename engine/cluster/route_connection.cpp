#include "engine/cluster/route_connection.h"

#include "engine/base/text.h"
#include "engine/cluster/route_table.h"
#include "engine/dispatch/message_trace.h"
#include "engine/event/client_info.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/headers.h"
#include "engine/protocol/peer_writer.h"

#include <utility>

namespace signalbox::cluster {

using connection::CloseReason;
using message::Arrival;
using protocol::PeerInterest;
using protocol::PeerMessage;
using Step = protocol::PeerParser::Step;

namespace {

constexpr Duration kLongestPingInterval = base::seconds(30);
constexpr std::int64_t kLinesOfClients = 16;
constexpr std::string_view kAckPrefix = "$JS.ACK.";
constexpr std::size_t kLongestAccountName = 255;

/// Of what a consumer delivers, the reply names behind an `@` the subject that clients are shown.
struct AckReply {
    std::string_view reply;
    std::string_view shown;  ///< Empty: it names none.
};

AckReply split_ack_reply(std::string_view reply) {
    if (!reply.starts_with(kAckPrefix)) {
        return {reply, {}};
    }
    int dots = 0;
    for (std::size_t i = 0; i < reply.size(); ++i) {
        if (reply[i] == '.') {
            ++dots;
        } else if (reply[i] == '@' && dots >= 8) {
            return {reply.substr(0, i), reply.substr(i + 1)};
        }
    }
    return {reply, {}};
}

}  // namespace

RouteConnection::RouteConnection(RouteContext& context, RouteTable& table,
                                 std::unique_ptr<world::Link> link, std::uint64_t rid,
                                 RouteOrigin origin)
    : context_(context),
      table_(table),
      rid_(rid),
      origin_(std::move(origin)),
      peer_({.world = context.world, .flush = context.flush, .log = context.log}, std::move(link),
            *this, peer_settings()),
      permissions_(context.cluster()) {}

RouteConnection::~RouteConnection() {
    *alive_ = false;
}

PeerSettings RouteConnection::peer_settings() const {
    config::Limits const& limits = context_.options->limits;
    PeerSettings settings{
        .form = {.kind = protocol::PeerKind::Route},
        .label = concat("rid:", rid_),
        .kind = "Router",
        .dialled = origin_.dialled,
        .longest_ping_interval = kLongestPingInterval,
        .max_pending = limits.max_pending,
        .ping_interval = limits.ping_interval,
        .ping_max = limits.ping_max,
        .write_deadline = limits.write_deadline,
        .limits = {.max_line =
                       static_cast<std::uint64_t>(limits.max_control_line * kLinesOfClients)},
    };
    settings.use(context_.cluster().times);
    return settings;
}

RoutePermissions RouteConnection::settings_changed() {
    peer_.set_settings(peer_settings());
    RoutePermissions before = std::exchange(permissions_, RoutePermissions(context_.cluster()));
    for (auto const& [index, recipient] : recipients_) {
        recipient->keep_only([this](message::Subscription const& subscription) {
            return permissions_.exports(subject::Filter::from_checked(subscription.filter));
        });
    }
    return before;
}

std::string_view RouteConnection::compression() const {
    return config::name_of(compresses(compression_) ? mode_of(level_) : compression_);
}

std::size_t RouteConnection::subscription_count() const {
    std::size_t count = 0;
    for_each_recipient([&](RouteRecipient const& recipient) { count += recipient.size(); });
    return count;
}

void RouteConnection::take(Step step) {
    bool const may_come = connected_ || origin_.dialled || step == Step::Connect;
    if (!may_come) {
        // Whoever comes in says who it is before anything else.
        peer_.close(CloseReason::AuthenticationViolation, protocol::error_text::kAuthorization);
        return;
    }
    if (step == Step::Message) {
        if (state_ == State::Open) {
            take_message(peer_.parser().message());
        }
        return;
    }
    publish_gathered();
    switch (step) {
        case Step::Connect:
            connect(peer_.parser().text());
            return;
        case Step::Info:
            info_came(peer_.parser().text());
            return;
        case Step::PeerError:
            take_error(peer_.parser().text());
            return;
        case Step::Interest:
            take_interest(peer_.parser().interest(), true);
            return;
        case Step::NoInterest:
            take_interest(peer_.parser().interest(), false);
            return;
        default:
            // A+ and A- say nothing between servers of one cluster.
            return;
    }
}

/// Whoever says so closes. Only where a connection for one account is not wanted does it matter
/// why, for then the account is told of over another one.
void RouteConnection::take_error(std::string_view text) {
    peer_.note(LogLevel::Error, concat("Route Error ", base::cut(text, 256)));
    if (text.find("No route for account") != std::string_view::npos && !origin_.account.empty()) {
        table_.refused(*this);
    }
}

void RouteConnection::read_is_over() {
    publish_gathered();
}

void RouteConnection::take_message(PeerMessage const& message) {
    confirmed_ = true;
    ++peer_.counts.in_msgs;
    std::size_t const bytes = message.headers.size() + message.payload.size();
    peer_.counts.in_bytes += bytes;
    context_.observation.counters.in_msgs.add(1);
    context_.observation.counters.in_bytes.add(bytes);
    if (gathered_.continues(message)) {
        gathered_.add(message);
    } else {
        publish_gathered();
        account::Account* const account = account_named(message.account);
        if (account == nullptr || !permissions_.imports_message(message.subject.text())) {
            return;
        }
        last_account_ = account;
        if (message.reply.starts_with(kAckPrefix) || protocol::has_trace_header(message.headers)) {
            publish_alone(message, *account);
            return;
        }
        gathered_.begin(message);
        gathered_.add(message);
    }
    if (gathered_.is_full() || !peer_.parser().reads_from_input() || message.tail.empty()) {
        publish_gathered();
    }
}

void RouteConnection::publish_gathered() {
    if (gathered_.empty()) {
        return;
    }
    PeerMessage const& first = gathered_.first();
    Arrival const arrival{.by = Arrival::By::Route, .origin = first.origin, .queues = first.queues};
    message::MessageRun const run = gathered_.run(arrival);
    std::uint64_t const deliveries = context_.dispatcher.publish(*last_account_, run, *this);
    context_.observation.counters.out_msgs.add(deliveries);
    context_.observation.counters.out_bytes.add(deliveries * run.bytes / run.messages.size());
    gathered_.clear();
}

/// What a consumer delivers is shown under another subject, and some messages are traced.
void RouteConnection::publish_alone(PeerMessage const& message, account::Account& account) {
    AckReply const ack = split_ack_reply(message.reply);
    Arrival const arrival{
        .by = Arrival::By::Route, .origin = message.origin, .queues = message.queues};
    message::MessageView const view{.reply = ack.reply,
                                    .sizes = message.sizes,
                                    .headers = message.headers,
                                    .payload = message.payload,
                                    .tail = ack.shown.empty() ? message.tail : Bytes()};
    bool const renamed = !ack.shown.empty();
    message::MessageRun run{
        .subject = renamed ? subject::PublishSubject::from_token(ack.shown) : message.subject,
        .messages = {&view, 1},
        .with_headers = !message.headers.empty(),
        .regular = !view.tail.empty(),
        .bytes = view.size(),
        .addressee = renamed ? message.subject : subject::PublishSubject(),
        .arrival = &arrival};
    auto wish = context_.dispatcher.trace_wish_of(message.headers, account);
    bool const traced = wish.kind == dispatch::TraceWish::Kind::Traced && !wish.by_context;
    dispatch::MessageTrace trace(context_.world.clock(), std::move(wish), account);
    if (traced) {
        event::ClientInfo from;
        describe(from);
        trace.came_by(protocol::find_header(message.headers, dispatch::kTraceHop).value_or(""));
        trace.ingress(from, run.matched().text());
        run.trace = &trace;
    }
    std::uint64_t const deliveries = context_.dispatcher.publish(account, run, *this);
    if (traced) {
        context_.traces.tell(trace, message.headers, view.size());
    }
    context_.observation.counters.out_msgs.add(deliveries);
    context_.observation.counters.out_bytes.add(deliveries * run.bytes);
}

account::Account* RouteConnection::account_named(std::string_view name) {
    std::string_view const wanted = account_.empty() ? name : std::string_view(account_);
    if (last_account_ != nullptr && last_account_->name() == wanted &&
        !last_account_->is_retired()) {
        return last_account_;
    }
    return context_.accounts.find(wanted);
}

void RouteConnection::take_interest(PeerInterest const& interest, bool there) {
    confirmed_ = true;
    auto const filter = subject::Filter::parse(interest.filter);
    std::string_view const name = account_.empty() ? interest.account : std::string_view(account_);
    if (state_ != State::Open || !filter.ok() || name.size() > kLongestAccountName) {
        return;
    }
    if (!there) {
        account::Account* const account = context_.accounts.find(name);
        auto const found =
            account == nullptr ? recipients_.end() : recipients_.find(account->index());
        if (found != recipients_.end()) {
            found->second->remove(interest);
        }
        return;
    }
    if (!permissions_.exports(filter.value())) {
        peer_.note(LogLevel::Debug, concat("Can not export ", base::quoted(interest.filter),
                                           ", ignoring remote subscription request"));
        return;
    }
    // An account that is not known here yet may come to be known: then it must hear of this.
    recipient_of(context_.accounts.hear_of(name)).add(interest);
}

RouteRecipient& RouteConnection::recipient_of(account::Account& account) {
    std::unique_ptr<RouteRecipient>& recipient = recipients_[account.index()];
    if (!recipient) {
        recipient = std::make_unique<RouteRecipient>(*this, context_.dispatcher, account);
    }
    return *recipient;
}

void RouteConnection::tell(PeerInterest const& interest) {
    if (permissions_.imports(subject::Filter::from_checked(interest.filter))) {
        write_interest(interest);
    }
}

void RouteConnection::withdraw(PeerInterest interest) {
    interest.weight = 0;
    write_interest(interest);
}

void RouteConnection::write_interest(PeerInterest const& interest) {
    PeerInterest said = interest;
    if (!understands_origins()) {
        said.by_leaf = false;
    }
    if (!is_open()) {
        return;
    }
    std::string line;
    if (interest.weight == 0) {
        protocol::append_no_interest(line, peer_.parser().form(), said);
    } else {
        protocol::append_interest(line, peer_.parser().form(), said);
    }
    peer_.send(line);
    peer_.check_pending();
}

void RouteConnection::measured(Duration rtt) {
    confirmed_ = true;
    if (compression_ == config::CompressionMode::Auto) {
        level_ = level_of(compression_, context_.cluster().compression, rtt);
        peer_.set_compression(level_);
    }
    if (state_ == State::Open) {
        table_.answered(*this);
    }
}

void RouteConnection::describe(event::ClientInfo& info) const {
    info.kind = "Router";
    info.client_type.clear();
    info.name = info_.server_name;
    info.id = rid_;
    info.host = peer_.remote().host;
}

/// The table destroys it.
void RouteConnection::closed(CloseReason reason) {
    state_ = State::Closing;
    recipients_.clear();
    table_.closed(*this, reason);
}

}  // namespace signalbox::cluster
