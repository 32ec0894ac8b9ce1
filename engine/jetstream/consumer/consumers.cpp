#include "engine/jetstream/consumer/consumers.h"

#include "engine/base/json_reader.h"
#include "engine/base/number.h"
#include "engine/jetstream/consumer/consumer_rules.h"
#include "engine/protocol/headers.h"
#include "engine/world/world.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace signalbox::jetstream {
namespace {

/// What an entry of the stream's log is about: its first byte.
constexpr char kCreate = 'C';
constexpr char kUpdate = 'U';
constexpr char kRemove = 'D';
constexpr char kReset = 'R';
constexpr char kProgress = 'P';

/// Progress that nobody waits for is written so late, or once there is so much of it.
constexpr Duration kLateness = base::milliseconds(5);
constexpr std::size_t kMuchProgress = 16 * 1'024;

/// The level of the API that pull requests may ask for.
constexpr std::int64_t kSpokenLevel = 5;

/// There is no notice of who begins to listen, so it is looked after so often.
constexpr Duration kInterestEvery = base::milliseconds(100);

/// Whether a request asks for more than there is here.
bool needs_other_level(Bytes headers) {
    auto const level = protocol::find_header(headers, "Nats-Required-Api-Level");
    if (!level) {
        return false;
    }
    std::optional<std::int64_t> const number = base::parse_int(*level);
    return !number || *number > kSpokenLevel;
}

}  // namespace

Consumers::Consumers(ConsumerHost& host)
    : host_(host),
      outlet_(host),
      advisories_(host, outlet_),
      intake_(host, *this),
      releases_(host, *this),
      flush_alarm_(host.world(), [this] { flush(Urgency::Later); }),
      poll_alarm_(host.world(), [this] { poll_interest(); }) {}

Consumers::~Consumers() {
    *alive_ = false;
    leadership(false);
}

WallTime Consumers::now() const {
    return WallTime(host_.world().clock().now().since_origin() + calendar_offset_);
}

Consumer* Consumers::find(std::string_view name) {
    auto const found = hashed_.find(name);
    return found == hashed_.end() ? nullptr : found->second;
}

Consumer* Consumers::find(std::uint64_t id) {
    auto const found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second.consumer;
}

std::size_t Consumers::count() const {
    return static_cast<std::size_t>(std::ranges::count_if(by_name_, [](auto const& named) {
        return !named.second->config().direct && !named.second->config().sourcing;
    }));
}

void Consumers::propose_config(char kind, ConsumerConfig const& config, OnDone done) {
    JsonWriter json;
    write_consumer_config(json, config, {});
    std::string command(1, kind);
    append_varint(command, static_cast<std::uint64_t>(
                               host_.world().clock().wall_now().since_epoch().count()));
    append_text(command, json.text());
    host_.propose(std::move(command), Urgency::Soon, std::move(done));
}

void Consumers::create(ConsumerConfig const& config, OnDone done) {
    propose_config(kCreate, config, std::move(done));
}

void Consumers::update(std::string_view name, ConsumerConfig const& config, OnDone done) {
    ConsumerConfig named = config;
    named.name = name;
    propose_config(kUpdate, named, std::move(done));
}

void Consumers::remove(std::string_view name, OnDone done) {
    std::string command(1, kRemove);
    command.append(name);
    host_.propose(std::move(command), Urgency::Soon, std::move(done));
}

void Consumers::pause(std::string_view name, WallTime until, OnDone done) {
    Consumer const* const consumer = find(name);
    if (consumer == nullptr) {
        return;
    }
    ConsumerConfig config = consumer->config();
    config.pause_until = until;
    propose_config(kUpdate, with_defaults(std::move(config), host_.facts()), std::move(done));
}

void Consumers::reset(std::string_view name, std::uint64_t next, OnDone done) {
    std::string command(1, kReset);
    append_varint(command, next);
    command.append(name);
    // What was noted of it before is not to be applied to what it is after.
    flush(Urgency::Soon);
    host_.propose(std::move(command), Urgency::Soon, std::move(done));
}

bool Consumers::unpin(Consumer& consumer) {
    return consumer.service() != nullptr && consumer.service()->unpin();
}

void Consumers::apply(Bytes command, WallTime now) {
    if (command.empty()) {
        return;
    }
    Bytes const rest = command.substr(1);
    VarintReader in(rest);
    switch (command.front()) {
        case kCreate:
            apply_create(in);
            return;
        case kUpdate:
            apply_update(in);
            return;
        case kRemove:
            apply_remove(rest);
            return;
        case kReset:
            apply_reset(in);
            return;
        case kProgress:
            apply_progress(rest, now);
            return;
        default:
            return;
    }
}

Consumer& Consumers::add(std::uint64_t id, ConsumerConfig config, WallTime created) {
    std::string const name = config.name;
    auto& kept = by_name_[name];
    kept = std::make_unique<Consumer>(static_cast<ConsumerHome&>(*this), id, std::move(config),
                                      created);
    hashed_[by_name_.find(name)->first] = kept.get();
    by_id_[id].consumer = kept.get();
    return *kept;
}

void Consumers::apply_create(VarintReader& in) {
    WallTime const created(Duration(static_cast<std::int64_t>(in.number())));
    Result<Json> const json = Json::parse(in.text());
    if (!json.ok()) {
        return;
    }
    Result<ConsumerConfig> config = read_consumer_config(json.value(), UnknownFields::Ignore);
    if (!config.ok() || find(config.value().name) != nullptr) {
        return;
    }
    Consumer& consumer = add(next_id_++, std::move(config).value(), created);
    consumer.start();
    if (leading_) {
        serve(consumer);
        advisories_.created(consumer);
    }
}

void Consumers::apply_update(VarintReader& in) {
    in.number();
    Result<Json> const json = Json::parse(in.text());
    Result<ConsumerConfig> config = json.ok()
                                        ? read_consumer_config(json.value(), UnknownFields::Ignore)
                                        : Result<ConsumerConfig>(json.error());
    Consumer* const consumer = config.ok() ? find(config.value().name) : nullptr;
    if (consumer == nullptr) {
        return;
    }
    ConsumerConfig const was = consumer->config();
    consumer->change(std::move(config).value());
    if (!leading_) {
        return;
    }
    if (was.pause_until != consumer->config().pause_until) {
        advisories_.paused(*consumer, consumer->service()->is_paused());
    }
    if (was.filters() != consumer->config().filters()) {
        releases_.consider_all(was.filters(), consumer->state().ack_floor().stream_sequence);
    }
}

void Consumers::apply_remove(std::string_view name) {
    auto const found = by_name_.find(name);
    if (found == by_name_.end()) {
        return;
    }
    Consumer& consumer = *found->second;
    auto const served = by_id_.find(consumer.id());
    if (leading_) {
        consumer.service()->end("409 Consumer Deleted");
        advisories_.deleted(consumer);
        intake_.forget(served->second.pulls);
    }
    std::vector<std::string> const filters = consumer.config().filters();
    std::uint64_t const floor = consumer.state().ack_floor().stream_sequence;
    by_id_.erase(served);
    hashed_.erase(found->first);
    by_name_.erase(found);
    if (leading_) {
        releases_.consider_all(filters, floor);
    }
}

void Consumers::apply_reset(VarintReader& in) {
    std::uint64_t const next = in.number();
    if (Consumer* const consumer = find(in.rest())) {
        consumer->reset(next);
    }
}

void Consumers::apply_progress(Bytes bytes, WallTime now) {
    ProgressReader reader(bytes);
    while (std::optional<Progress> const progress = reader.next()) {
        if (progress->kind == Progress::Kind::Release) {
            for (std::uint64_t i = 0; i < progress->count; ++i) {
                releases_.released(progress->sequence + i);
                host_.release(progress->sequence + i);
            }
            continue;
        }
        // The leader did it all before it noted it.
        Consumer* const consumer = leading_ ? nullptr : find(progress->consumer);
        if (consumer != nullptr) {
            consumer->apply(*progress, now);
        }
    }
}

void Consumers::stored(StoredNotice const& notice) {
    groups_.stored(notice.subject);
}

void Consumers::removing(std::uint64_t sequence, subject::PublishSubject subject) {
    groups_.removing(sequence, subject);
    if (sequence < lowest_pending_) {
        return;
    }
    lowest_pending_ = std::numeric_limits<std::uint64_t>::max();
    for (auto const& [name, consumer] : by_name_) {
        consumer->removing(sequence);
        if (PendingDelivery const* const first = consumer->state().pending().first()) {
            lowest_pending_ = std::min(lowest_pending_, first->stream_sequence);
        }
    }
}

void Consumers::purged(std::uint64_t first, std::string_view filter) {
    for (auto const& [name, consumer] : by_name_) {
        consumer->purged(first, filter);
    }
}

bool Consumers::is_wanted(subject::PublishSubject subject) const {
    return groups_.any_wants(subject);
}

bool Consumers::is_needed(std::uint64_t sequence, subject::PublishSubject subject) const {
    return needs(sequence, subject);
}

bool Consumers::needs(std::uint64_t sequence, subject::PublishSubject subject) const {
    return std::ranges::any_of(
        by_name_, [&](auto const& named) { return named.second->needs(sequence, subject); });
}

ReleaseJudge::Need Consumers::need_of(std::uint64_t sequence) const {
    Need need = Need::Nobody;
    for (auto const& [name, consumer] : by_name_) {
        if (!consumer->state().has_to_come(sequence)) {
            continue;
        }
        // One that has it already, or takes all there is, needs not be asked for its filters.
        if (consumer->filters().empty() || consumer->state().is_open(sequence)) {
            return Need::Somebody;
        }
        need = Need::BySubject;
    }
    return need;
}

void Consumers::release(std::uint64_t sequence) {
    noted_.progress.note({.kind = Progress::Kind::Release, .sequence = sequence});
    plan();
}

void Consumers::save(std::string& out) const {
    append_varint(out, next_id_);
    append_varint(out, by_name_.size());
    for (auto const& [name, consumer] : by_name_) {
        consumer->save(out);
    }
    releases_.save(out);
}

Result<void> Consumers::restore(Bytes saved) {
    VarintReader in(saved);
    next_id_ = in.number();
    for (std::uint64_t left = in.number(); left > 0 && in.sound(); --left) {
        std::uint64_t const id = in.number();
        WallTime const created(Duration(static_cast<std::int64_t>(in.number())));
        Json const json = TRY(Json::parse(in.text()));
        ConsumerConfig config = TRY(read_consumer_config(json, UnknownFields::Ignore));
        if (Result<void> const done = add(id, std::move(config), created).restore(in); !done.ok()) {
            return done;
        }
    }
    releases_.restore(in);
    if (!in.sound()) {
        return Error(Errc::Corrupt, "consumers of a stream");
    }
    return {};
}

void Consumers::serve(Consumer& consumer) {
    consumer.serve();
    by_id_[consumer.id()].pulls = intake_.listen(consumer.name());
    if (consumer.config().is_push()) {
        poll_alarm_.by(host_.world().clock().now() + kInterestEvery);
    }
}

void Consumers::leadership(bool leader) {
    if (leader == leading_) {
        return;
    }
    leading_ = leader;
    if (leader) {
        world::Clock& clock = host_.world().clock();
        calendar_offset_ = clock.wall_now().since_epoch() - clock.now().since_origin();
        intake_.open();
        for (auto const& [name, consumer] : by_name_) {
            serve(*consumer);
            // Its progress was in memory alone, of a server that stopped: clients make another.
            if (!is_logged(*consumer)) {
                remove(name, {});
            }
        }
        releases_.begin();
        return;
    }
    intake_.close();
    for (auto& [id, served] : by_id_) {
        intake_.forget(served.pulls);
        served.consumer->stop_serving();
        served.scheduled = false;
    }
    scheduled_.clear();
    noted_.progress.take();
    noted_.confirmations.clear();
    flush_alarm_.cancel();
    poll_alarm_.cancel();
}

void Consumers::facts_changed() {
    for (auto const& [name, consumer] : by_name_) {
        if (consumer->service() != nullptr) {
            schedule(*consumer);
        }
    }
}

void Consumers::close(Close why) {
    for (auto const& [name, consumer] : by_name_) {
        if (consumer->service() != nullptr) {
            consumer->service()->end(why == Close::Deleted ? "409 Consumer Deleted"
                                                           : "409 Server Shutdown");
        }
    }
    if (why == Close::Shutdown) {
        flush(Urgency::Soon);
    }
    leadership(false);
}

bool Consumers::is_logged(Consumer const& consumer) const {
    StreamFacts const& facts = host_.facts();
    bool const in_memory = (consumer.config().memory || facts.memory) && facts.replicas == 1;
    return !in_memory || facts.retention != Retention::Limits;
}

void Consumers::note(Consumer& consumer, Progress const& progress) {
    if (is_logged(consumer)) {
        noted_.progress.note(progress);
    }
}

void Consumers::confirm(Consumer& consumer, std::string reply) {
    if (is_logged(consumer)) {
        noted_.confirmations.push_back(std::move(reply));
    } else {
        outlet_.nothing(reply);
    }
}

void Consumers::done_with(Consumer&, std::uint64_t sequence) {
    releases_.consider(sequence);
}

void Consumers::remove_inactive(Consumer& consumer) {
    LOG(host_.log(), Debug, "consumer ", consumer.name(), " of stream ", host_.facts().name,
        " is not used and goes");
    remove(consumer.name(), {});
}

void Consumers::schedule(Consumer& consumer) {
    Served& served = by_id_[consumer.id()];
    if (!served.scheduled && leading_) {
        served.scheduled = true;
        scheduled_.push_back(consumer.id());
        plan();
    }
}

void Consumers::plan() {
    if (planned_) {
        return;
    }
    planned_ = true;
    host_.world().turn().defer([this, alive = alive_] {
        if (*alive) {
            run();
        }
    });
}

void Consumers::run() {
    planned_ = false;
    if (!leading_) {
        return;
    }
    take_in();
    for (std::uint64_t const id : std::exchange(scheduled_, {})) {
        auto const found = by_id_.find(id);
        if (found == by_id_.end()) {
            continue;
        }
        found->second.scheduled = false;
        Consumer& consumer = *found->second.consumer;
        if (consumer.service()->work()) {
            schedule(consumer);
        }
    }
    if (releases_.sweep()) {
        plan();
    }
    // Messages that are kept by interest go with what is written here, and people look for that.
    bool const soon = !noted_.confirmations.empty() || noted_.progress.size() >= kMuchProgress ||
                      host_.facts().retention != Retention::Limits;
    if (soon) {
        flush(noted_.confirmations.empty() ? Urgency::Later : Urgency::Soon);
    } else if (!noted_.progress.empty()) {
        flush_alarm_.by(host_.world().clock().now() + kLateness);
    }
}

void Consumers::take_in() {
    Intake::Taken const taken = intake_.take();
    for (auto const& [id, ack] : taken.acks) {
        if (Consumer* const consumer = find(id)) {
            consumer->service()->ack(ack);
        }
    }
    for (ReceivedRequest const& request : taken.requests) {
        Consumer* const consumer = find(request.consumer);
        if (consumer == nullptr) {
            continue;
        }
        if (request.kind == ReceivedRequest::Kind::Pull) {
            if (needs_other_level(request.headers)) {
                outlet_.status(request.reply, "412 Required Api Level");
            } else {
                consumer->service()->pull(request.reply, request.payload);
            }
        } else {
            consumer->service()->answer_flow(request.reply, request.headers);
        }
    }
}

void Consumers::flush(Urgency urgency) {
    flush_alarm_.cancel();
    if (!leading_) {
        return;
    }
    if (noted_.progress.empty() && noted_.confirmations.empty()) {
        return;
    }
    std::string command(1, kProgress);
    command += noted_.progress.take();
    OnDone done;
    if (!noted_.confirmations.empty()) {
        done = [this, alive = alive_,
                replies = std::exchange(noted_.confirmations, {})](bool applied) {
            if (!*alive || !applied) {
                return;
            }
            for (std::string const& reply : replies) {
                outlet_.nothing(reply);
            }
        };
    }
    host_.propose(std::move(command), urgency, std::move(done));
}

void Consumers::poll_interest() {
    bool any = false;
    for (auto const& [name, consumer] : by_name_) {
        if (consumer->config().is_push() && consumer->service() != nullptr) {
            any = true;
            consumer->service()->look_for_interest();
        }
    }
    if (any) {
        poll_alarm_.by(host_.world().clock().now() + kInterestEvery);
    }
}

}  // namespace signalbox::jetstream
