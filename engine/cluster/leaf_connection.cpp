#include "engine/cluster/leaf_connection.h"

#include "engine/base/text.h"
#include "engine/cluster/ack_reply.h"
#include "engine/cluster/leaf_table.h"
#include "engine/event/client_info.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/peer_writer.h"
#include "engine/protocol/server_writer.h"

#include <utility>

namespace signalbox::cluster {

using connection::CloseReason;
using message::Arrival;
using message::MessageRun;
using protocol::PeerInterest;
using protocol::PeerMessage;
using Step = protocol::PeerParser::Step;

namespace {

/// Answers pass whatever the rules say, for whoever asked is to hear them.
constexpr std::string_view kAnswers = "_R_.";
constexpr std::string_view kGatewayAnswers = "_GR_.";

bool is_answer(std::string_view subject) {
    return subject.starts_with(kAnswers) || subject.starts_with(kGatewayAnswers) ||
           subject.starts_with(kAckPrefix);
}

}  // namespace

LeafConnection::LeafConnection(LeafContext& context, LeafTable& table,
                               std::unique_ptr<world::Link> link, std::uint64_t cid,
                               std::optional<LeafWay> way)
    : context_(context),
      table_(table),
      cid_(cid),
      way_(std::move(way)),
      peer_({.world = context.world(), .flush = context.clients.flush, .log = context.log()},
            std::move(link), *this, peer_settings()) {}

LeafConnection::~LeafConnection() {
    *alive_ = false;
}

void LeafConnection::settings_changed() {
    peer_.set_settings(peer_settings());
    if (!way_) {
        say_info_again();
    }
}

std::string_view LeafConnection::compression() const {
    return config::name_of(compresses(compression_.mode) ? mode_of(compression_.level)
                                                         : compression_.mode);
}

void LeafConnection::describe(event::ClientInfo& info) const {
    info.kind = "Leafnode";
    info.client_type.clear();
    info.start = peer_.started_at();
    info.id = cid_;
    info.name = remote_.name;
    info.version = remote_.version;
    info.host = peer_.remote().host;
    info.account = account_ == nullptr ? std::string() : account_->name();
    info.user = who_.user.empty() ? connect_.user : who_.user;
    info.name_tag = info.account;
    info.rtt = peer_.rtt();
}

void LeafConnection::take(Step step) {
    if (step == Step::Message) {
        if (state_ == State::Open) {
            take_message(peer_.parser().message());
            return;
        }
    } else {
        publish_gathered();
    }
    switch (step) {
        case Step::Connect:
            connect(peer_.parser().text());
            return;
        case Step::Info:
            info_came(peer_.parser().text());
            return;
        case Step::PeerError:
            error_came(peer_.parser().text());
            return;
        default:
            break;
    }
    if (state_ != State::Open) {
        // Whoever comes in says who it is before anything else.
        peer_.note(LogLevel::Error, "authentication error");
        peer_.close(CloseReason::AuthenticationViolation, protocol::error_text::kAuthorization);
        return;
    }
    if (step == Step::Interest || step == Step::NoInterest) {
        take_interest(peer_.parser().interest(), step == Step::Interest);
    }
}

void LeafConnection::measured(Duration rtt) {
    if (compression_.mode == config::CompressionMode::Auto) {
        config::CompressionOptions const& ours =
            way_ ? way_->remote->options().compression : context_.leaf().compression;
        compression_.level = level_of(compression_.mode, ours, rtt);
        peer_.set_compression(compression_.level);
    }
}

/// Whether a message may come from there; a leaf node that sends what it may not is let go.
bool LeafConnection::check_message(std::string_view subject) {
    if (rules_.takes(subject) || is_answer(subject)) {
        return true;
    }
    if (role_.spoke || !who_.permissions) {
        return false;
    }
    std::string const name = base::quoted(subject);
    peer_.note(LogLevel::Error,
               concat("Publish Violation on ", name, " - Check other side configuration"));
    peer_.close(CloseReason::ProtocolViolation,
                concat("Permissions Violation for Publish to ", name));
    return false;
}

void LeafConnection::take_message(PeerMessage const& message) {
    ++peer_.counts.in_msgs;
    std::size_t const bytes = message.headers.size() + message.payload.size();
    peer_.counts.in_bytes += bytes;
    context_.clients.observation.counters.in_msgs.add(1);
    context_.clients.observation.counters.in_bytes.add(bytes);
    account_->usage().received.msgs += 1;
    account_->usage().received.bytes += bytes;
    if (gathered_.continues(message)) {
        gathered_.add(message);
    } else {
        publish_gathered();
        if (!check_message(message.subject.text())) {
            return;
        }
        if (message.reply.starts_with(kAckPrefix) || account_->mappings() != nullptr) {
            publish_alone(message);
            return;
        }
        gathered_.begin(message);
        gathered_.add(message);
    }
    if (gathered_.is_full() || !peer_.parser().reads_from_input() || message.tail.empty()) {
        publish_gathered();
    }
}

Arrival LeafConnection::arrival_of(PeerMessage const& message) const {
    return {.by = role_.spoke ? Arrival::By::Hub : Arrival::By::Leaf,
            .origin = remote_.cluster,
            .queues = message.queues};
}

void LeafConnection::publish(MessageRun const& run) {
    std::uint64_t const deliveries = dispatcher().publish(*account_, run, *this);
    observe::ServerCounters& counters = context_.clients.observation.counters;
    counters.out_msgs.add(deliveries);
    counters.out_bytes.add(deliveries * run.bytes / run.messages.size());
}

void LeafConnection::publish_gathered() {
    if (gathered_.empty()) {
        return;
    }
    Arrival const arrival = arrival_of(gathered_.first());
    publish(gathered_.run(arrival));
    gathered_.clear();
}

/// Of an account that renames subjects, and what a consumer delivers, which is shown under another
/// subject.
void LeafConnection::publish_alone(PeerMessage const& message) {
    account::Mapped const mapped = dispatcher().map_subject(*account_, message.subject);
    if (mapped.kind == account::Mapped::Kind::Lost) {
        return;
    }
    std::string const subject(mapped.subject);
    AckReply const ack = split_ack_reply(message.reply);
    bool const renamed = !ack.shown.empty();
    Arrival const arrival = arrival_of(message);
    message::MessageView const view{.reply = ack.reply,
                                    .sizes = message.sizes,
                                    .headers = message.headers,
                                    .payload = message.payload,
                                    .tail = renamed ? Bytes() : message.tail};
    subject::PublishSubject const matched = subject::PublishSubject::from_token(subject);
    publish({.subject = renamed ? subject::PublishSubject::from_token(ack.shown) : matched,
             .messages = {&view, 1},
             .with_headers = !message.headers.empty(),
             .regular = !view.tail.empty(),
             .bytes = view.size(),
             .addressee = renamed ? matched : subject::PublishSubject(),
             .arrival = &arrival});
}

void LeafConnection::take_interest(PeerInterest const& interest, bool there) {
    auto const filter = subject::Filter::parse(interest.filter);
    if (!filter.ok()) {
        peer_.send(protocol::error_line("Invalid Subscription"));
        return;
    }
    if (!there) {
        add_marks();
        recipient_->remove(interest);
        return;
    }
    if (interest.filter == table_.loop_subject(*account_)) {
        loop_found();
        return;
    }
    if (!rules_.admits(filter.value(), interest.queue)) {
        // A hub does not know what this side may not hear of.
        if (!role_.spoke) {
            std::string const name = base::quoted(interest.filter);
            peer_.note(LogLevel::Error, concat("Subscription Violation on ", name,
                                               " - Check other side configuration"));
            peer_.close(CloseReason::ProtocolViolation,
                        concat("Permissions Violation for Subscription to ", name));
        }
        return;
    }
    std::int64_t const most = account_->limits().max_subscriptions;
    if (most >= 0 && static_cast<std::int64_t>(recipient_->size() + marks_.size()) >= most) {
        peer_.send(protocol::error_line(protocol::error_text::kMaxSubscriptions));
        return;
    }
    if (interest.filter.starts_with(kLoopPrefix) && interest.queue.empty()) {
        marks_.emplace_back(interest.filter);
        return;
    }
    recipient_->add(interest);
}

void LeafConnection::loop_found() {
    std::string const text =
        concat("Loop detected for leafnode account=", base::quoted(account_->name()),
               ". Delaying attempt to reconnect for 30s");
    peer_.note(LogLevel::Error, text);
    if (way_) {
        way_->remote->hold_off(kLoopPause);
    }
    peer_.close(CloseReason::ProtocolViolation, text);
}

/// Not before it is known that our own is not among them: else they would go round the loop, and
/// all of it would close instead of the way that closed it.
void LeafConnection::add_marks() {
    for (std::string const& mark : std::exchange(marks_, {})) {
        PeerInterest interest;
        interest.filter = mark;
        interest.weight = 1;
        recipient_->add(interest);
    }
}

void LeafConnection::read_is_over() {
    publish_gathered();
    if (is_open() && !peer_.is_closing()) {
        add_marks();
    }
}

/// The marks of servers first, so that a loop is found before anything else is taken.
void LeafConnection::tell_all() {
    for (bool const marks : {true, false}) {
        interest_->for_each([&](auto filter, auto queue, auto count) {
            if (filter.starts_with(kLoopPrefix) == marks) {
                tell(filter, queue, count);
            }
        });
    }
}

void LeafConnection::tell(std::string_view filter, std::string_view queue, std::uint32_t count) {
    bool const allowed = rules_.tells(subject::Filter::from_checked(filter), queue);
    if (!is_open() || !allowed) {
        return;
    }
    PeerInterest interest;
    interest.by_leaf = true;
    interest.filter = filter;
    interest.queue = queue;
    interest.weight = count;
    std::string line;
    if (count == 0) {
        protocol::append_no_interest(line, peer_.parser().form(), interest);
    } else {
        protocol::append_interest(line, peer_.parser().form(), interest);
    }
    peer_.send(line);
    peer_.check_pending();
}

/// The table destroys it.
void LeafConnection::closed(CloseReason reason) {
    bool const was_open = state_ == State::Open;
    state_ = State::Closing;
    interest_.reset();
    recipient_.reset();
    if (was_open) {
        --account_->usage().leafnodes;
    }
    table_.closed(*this, reason, was_open);
}

}  // namespace signalbox::cluster
