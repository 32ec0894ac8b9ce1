#include "engine/cluster/gateway_connection.h"

#include "engine/base/text.h"
#include "engine/cluster/ack_reply.h"
#include "engine/cluster/gateway_name.h"
#include "engine/cluster/gateway_table.h"
#include "engine/event/client_info.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/info.h"
#include "engine/protocol/peer_writer.h"

#include <algorithm>
#include <utility>

namespace signalbox::cluster {

namespace error_text = protocol::error_text;
using connection::CloseReason;
using message::Arrival;
using message::MessageView;
using protocol::PeerInterest;
using protocol::PeerMessage;
using Step = protocol::PeerParser::Step;

namespace {

constexpr Duration kLongestPingInterval = base::seconds(15);
constexpr Duration kGreetingTimeout = base::seconds(5);
constexpr std::int64_t kLinesOfClients = 16;
constexpr std::size_t kLongestAccountName = 255;

// What INFO orders once it was said first.
constexpr std::int64_t kGossip = 1;
constexpr std::int64_t kAllBegins = 2;
constexpr std::int64_t kAllComplete = 3;

}  // namespace

GatewayConnection::GatewayConnection(GatewayContext& context, GatewayTable& table,
                                     std::unique_ptr<world::Link> link, std::uint64_t gid,
                                     std::optional<GatewayWay> way)
    : context_(context),
      table_(table),
      gid_(gid),
      way_(std::move(way)),
      peer_({.world = context.world(), .flush = context.clients.flush, .log = context.log()},
            std::move(link), *this, peer_settings()) {}

GatewayConnection::~GatewayConnection() {
    *alive_ = false;
}

PeerSettings GatewayConnection::peer_settings() const {
    config::Limits const& limits = context_.options().limits;
    PeerSettings settings{
        .form = {.kind = protocol::PeerKind::Gateway},
        .label = concat("gid:", gid_),
        .kind = "Gateway",
        .dialled = way_.has_value(),
        .longest_ping_interval = kLongestPingInterval,
        .max_pending = limits.max_pending,
        .ping_interval = limits.ping_interval,
        .ping_max = limits.ping_max,
        .write_deadline = limits.write_deadline,
        .limits = {.max_line =
                       static_cast<std::uint64_t>(limits.max_control_line * kLinesOfClients)},
    };
    settings.use(context_.gateway().times);
    return settings;
}

void GatewayConnection::settings_changed() {
    peer_.set_settings(peer_settings());
}

/// TLS comes before all else, both ways.
void GatewayConnection::start() {
    tls::ContextPtr const& tls = way_ ? context_.dial_tls : context_.listen_tls;
    if (!tls) {
        begin();
        peer_.start();
        return;
    }
    auto session = way_ ? tls::Session::connect(tls, way_->url.host) : tls::Session::accept(tls);
    peer_.secure(std::move(session), context_.gateway().tls->timeout,
                 [this](auto const&) { begin(); });
}

void GatewayConnection::begin() {
    if (way_) {
        peer_.wait_for_peer(kGreetingTimeout, CloseReason::StaleConnection, {});
        return;
    }
    peer_.wait_for_peer(context_.gateway().login.timeout, CloseReason::AuthenticationTimeout,
                        error_text::kAuthenticationTimeout);
    send_info();
}

void GatewayConnection::send_info() {
    PeerInfo info = table_.own_info();
    info.tls_required = way_ ? context_.dial_tls != nullptr : context_.listen_tls != nullptr;
    info.auth_required = !context_.gateway().login.user.empty();
    peer_.send(info_line(info));
}

void GatewayConnection::take(Step step) {
    bool const may_come = way_ || connected_ || step == Step::Connect;
    if (!may_come) {
        // Whoever comes in says who it is before anything else.
        peer_.close(CloseReason::AuthenticationViolation, error_text::kAuthorization);
        return;
    }
    if (step == Step::Message) {
        if (way_ || state_ != State::Open) {
            // Messages go the other way.
            peer_.close(CloseReason::ProtocolViolation);
        } else {
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
            peer_.note(LogLevel::Error,
                       concat("Gateway Error ", base::cut(peer_.parser().text(), 256)));
            return;
        case Step::Interest:
            take_interest(peer_.parser().interest(), true);
            return;
        case Step::NoInterest:
            take_interest(peer_.parser().interest(), false);
            return;
        default:
            // Servers that tell all that they want have nothing to say with A+ and A-.
            return;
    }
}

void GatewayConnection::connect(std::string_view json) {
    Result<PeerConnect> parsed = PeerConnect::parse(json);
    if (!parsed.ok() || way_ || connected_) {
        peer_.close(CloseReason::ProtocolViolation, error_text::kUnknownOperation);
        return;
    }
    connect_ = std::move(parsed).value();
    config::PeerLogin const& login = context_.gateway().login;
    if (login.user.empty()) {
        admitted(true);
        return;
    }
    auto const& identity = peer_.identity();
    bool const maps = context_.gateway().tls && context_.gateway().tls->verify_and_map && identity;
    if (maps || connect_.user != login.user) {
        admitted(maps &&
                 (identity->subject == login.user ||
                  std::ranges::find(identity->dns_names, login.user) != identity->dns_names.end() ||
                  std::ranges::find(identity->emails, login.user) != identity->emails.end()));
        return;
    }
    auto const answered = std::make_shared<bool>(false);
    auto const held = std::make_shared<bool>(false);
    context_.secrets.compare(connect_.password, login.password,
                             [this, alive = alive_, answered, held](bool same) {
                                 *answered = true;
                                 if (*alive && !peer_.is_closing()) {
                                     admitted(same);
                                     if (*held) {
                                         peer_.resume();
                                     }
                                 }
                             });
    if (!*answered) {
        *held = true;
        peer_.hold();
    }
}

void GatewayConnection::admitted(bool yes) {
    if (!yes) {
        context_.clients.observation.counters.auth_failures.add(1);
        peer_.note(LogLevel::Error, "authentication error");
        peer_.close(CloseReason::AuthenticationViolation, error_text::kAuthorization);
        return;
    }
    if (connect_.gateway.empty()) {
        peer_.note(LogLevel::Error, "attempted to connect to gateway port");
        peer_.close(CloseReason::WrongPort, "attempted to connect to gateway port");
        return;
    }
    if (connect_.gateway == context_.gateway().name || !table_.admits(connect_.gateway)) {
        std::string const text =
            concat("Connection to gateway ", base::quoted(context_.gateway().name), " rejected");
        peer_.note(LogLevel::Error,
                   concat("Rejecting connection from gateway ", base::quoted(connect_.gateway)));
        peer_.close(CloseReason::WrongGateway, text);
        return;
    }
    connected_ = true;
}

void GatewayConnection::info_came(std::string_view json) {
    Result<PeerInfo> parsed = PeerInfo::parse(json);
    if (!parsed.ok()) {
        peer_.note(LogLevel::Error, concat("bad INFO: ", parsed.error().detail()));
        peer_.close(CloseReason::ProtocolViolation, error_text::kUnknownOperation);
        return;
    }
    PeerInfo info = std::move(parsed).value();
    if (state_ == State::Greeting) {
        info_ = std::move(info);
        if (way_) {
            check_dialled();
        } else if (info_.gateway != connect_.gateway || info_.server_id.empty()) {
            peer_.close(CloseReason::WrongGateway);
        } else {
            open();
        }
        return;
    }
    if (info.gateway_command == kGossip) {
        table_.hear_of(info.gateway, info.gateway_urls);
    } else if (info.gateway_command == 0 && info.gateway == info_.gateway) {
        table_.hear_of(info.gateway, info.gateway_urls);
    }
    // That all of an account's interest begins or is complete changes nothing: nothing is sent that
    // was not asked for.
    static_assert(kAllBegins < kAllComplete);
}

/// Whether who answered is who was to be reached.
void GatewayConnection::check_dialled() {
    std::string const& ours = context_.gateway().name;
    if (info_.gateway.empty()) {
        std::string const text =
            concat("Attempt to connect to gateway ", base::quoted(way_->name), " using wrong port");
        peer_.note(LogLevel::Error, text);
        peer_.close(CloseReason::WrongPort, text);
        return;
    }
    if (info_.gateway != way_->name) {
        std::string const text =
            concat("Connection from ", base::quoted(ours), " rejected, wanted to connect to ",
                   base::quoted(way_->name), ", this is ", base::quoted(info_.gateway));
        peer_.note(LogLevel::Error, text);
        peer_.close(CloseReason::WrongGateway, text);
        return;
    }
    PeerConnect connect;
    connect.user = way_->url.user;
    connect.password = way_->url.password;
    connect.tls_required = context_.dial_tls != nullptr;
    connect.headers = false;
    connect.name = context_.server_id;
    connect.gateway = ours;
    peer_.send(connect_line(connect));
    send_info();
    open();
}

void GatewayConnection::open() {
    peer_.stop_waiting();
    state_ = State::Open;
    peer_.begin_pings();
    peer_.note(LogLevel::Notice,
               concat(way_ ? "Outbound" : "Inbound", " gateway connection ", way_ ? "to " : "from ",
                      base::quoted(info_.gateway), " (", info_.server_id, ") registered"));
    table_.opened(*this);
}

void GatewayConnection::tell(account::Account const& account, std::string_view filter,
                             std::string_view queue, bool there) {
    if (!is_open() || way_) {
        return;
    }
    PeerInterest interest;
    interest.account = account.name();
    interest.filter = filter;
    interest.queue = queue;
    interest.weight = 1;
    std::string line;
    if (there) {
        protocol::append_interest(line, peer_.parser().form(), interest);
    } else {
        protocol::append_no_interest(line, peer_.parser().form(), interest);
    }
    peer_.send(line);
    peer_.check_pending();
}

void GatewayConnection::tell_all(account::Account& account) {
    PeerInfo order;
    order.gateway = context_.gateway().name;
    order.gateway_command_payload = account.name();
    order.gateway_command = kAllBegins;
    peer_.send(info_line(order));
    table_.interest().for_each(account, [&](std::string_view filter, std::string_view queue) {
        tell(account, filter, queue, true);
    });
    order.gateway_command = kAllComplete;
    peer_.send(info_line(order));
}

GatewayRecipient* GatewayConnection::recipient_of(account::Account const& account) {
    auto const found = recipients_.find(account.index());
    return found == recipients_.end() ? nullptr : found->second.get();
}

GatewayRecipient& GatewayConnection::make_recipient(account::Account& account) {
    std::unique_ptr<GatewayRecipient>& recipient = recipients_[account.index()];
    if (!recipient) {
        recipient = std::make_unique<GatewayRecipient>(*this, account);
    }
    return *recipient;
}

void GatewayConnection::take_interest(PeerInterest const& interest, bool there) {
    if (!way_) {
        // Interest goes the other way.
        peer_.close(CloseReason::ProtocolViolation);
        return;
    }
    auto const filter = subject::Filter::parse(interest.filter);
    if (!filter.ok() || interest.account.size() > kLongestAccountName) {
        return;
    }
    if (there) {
        make_recipient(context_.clients.accounts.hear_of(interest.account))
            .add(interest.filter, interest.queue);
        return;
    }
    account::Account* const account = context_.clients.accounts.find(interest.account);
    if (GatewayRecipient* const known = account == nullptr ? nullptr : recipient_of(*account)) {
        known->remove(interest.filter, interest.queue);
    }
}

void GatewayConnection::take_message(PeerMessage const& message) {
    ++peer_.counts.in_msgs;
    std::size_t const bytes = message.headers.size() + message.payload.size();
    peer_.counts.in_bytes += bytes;
    context_.clients.observation.counters.in_msgs.add(1);
    context_.clients.observation.counters.in_bytes.add(bytes);
    if (gathered_.continues(message) && message.reply.empty()) {
        gathered_.add(message);
    } else {
        publish_gathered();
        account::Account* const account = context_.clients.accounts.find(message.account);
        if (account == nullptr) {
            return;
        }
        if (message.subject.text().starts_with(kGatewayReplies)) {
            publish_answer(message, *account);
            return;
        }
        if (!message.reply.empty()) {
            publish_alone(message, *account);
            return;
        }
        last_account_ = account;
        gathered_.begin(message);
        gathered_.add(message);
    }
    if (gathered_.is_full() || !peer_.parser().reads_from_input() || message.tail.empty()) {
        publish_gathered();
    }
}

void GatewayConnection::publish_gathered() {
    if (gathered_.empty()) {
        return;
    }
    Arrival const arrival{.by = Arrival::By::Gateway, .queues = gathered_.first().queues};
    dispatcher().publish(*last_account_, gathered_.run(arrival), *this);
    gathered_.clear();
}

/// A request: whoever answers it answers to a subject of this cluster, which leads to the other.
void GatewayConnection::publish_alone(PeerMessage const& message, account::Account& account) {
    AckReply const ack = split_ack_reply(GatewayReply::of(message.reply).reply.empty()
                                             ? message.reply
                                             : GatewayReply::of(message.reply).reply);
    bool const renamed = !ack.shown.empty();
    if (message.reply.starts_with(kGatewayReplies)) {
        table_.expect_answer(account, message.reply.substr(0, message.reply.find('@')),
                             info_.gateway);
    }
    Arrival const arrival{.by = Arrival::By::Gateway, .queues = message.queues};
    MessageView const view{.reply = ack.reply,
                           .sizes = message.sizes,
                           .headers = message.headers,
                           .payload = message.payload,
                           .tail = {}};
    dispatcher().publish(
        account,
        {.subject = renamed ? subject::PublishSubject::from_token(ack.shown) : message.subject,
         .messages = {&view, 1},
         .with_headers = !message.headers.empty(),
         .regular = false,
         .bytes = view.size(),
         .addressee = renamed ? message.subject : subject::PublishSubject(),
         .arrival = &arrival},
        *this);
}

/// An answer to somebody of this cluster.
void GatewayConnection::publish_answer(PeerMessage const& message, account::Account& account) {
    GatewayReply const to = GatewayReply::of(message.subject.text());
    if (to.reply.empty() || to.cluster != table_.own_hash()) {
        return;
    }
    Arrival const arrival{.by = Arrival::By::Gateway, .queues = message.queues};
    MessageView const view{.reply = message.reply,
                           .sizes = message.sizes,
                           .headers = message.headers,
                           .payload = message.payload,
                           .tail = message.tail};
    dispatcher().publish(account,
                         {.subject = subject::PublishSubject::from_token(to.reply),
                          .messages = {&view, 1},
                          .with_headers = !message.headers.empty(),
                          .regular = !view.tail.empty(),
                          .bytes = view.size(),
                          .arrival = &arrival},
                         *this);
}

void GatewayConnection::describe(event::ClientInfo& info) const {
    info.kind = "Gateway";
    info.client_type.clear();
    info.name = info_.server_name;
    info.id = gid_;
    info.host = peer_.remote().host;
}

/// The table destroys it.
void GatewayConnection::closed(CloseReason reason) {
    state_ = State::Closing;
    recipients_.clear();
    table_.closed(*this, reason);
}

}  // namespace signalbox::cluster
