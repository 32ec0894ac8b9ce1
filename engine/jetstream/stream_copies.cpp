#include "engine/jetstream/stream_copies.h"

#include "engine/base/text.h"
#include "engine/protocol/headers.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace signalbox::jetstream {
namespace {

constexpr std::string_view kSourceHeader = "Nats-Stream-Source";
/// Messages that are copied in one go; others have their turn in between.
constexpr int kAtOnce = 256;
/// What may be on its way into the target.
constexpr std::uint64_t kMostWaiting = 8 * 1024 * 1024;

std::string key_of(StreamSource const& source) {
    std::string key = concat(source.name, "\n", source.filter);
    for (SubjectTransform const& transform : source.transforms) {
        append(key, "\n", transform.source, " ", transform.destination);
    }
    return key;
}

/// What an origin's publisher asked of the origin means nothing here.
bool is_left_behind(std::string_view name) {
    return name == kSourceHeader || name.starts_with("Nats-Expected-") ||
           name.starts_with("Nats-Batch-");
}

std::string without_requests(Bytes block) {
    std::string out;
    std::size_t kept = 0;
    protocol::HeaderFields fields(block);
    while (auto const field = fields.next()) {
        if (is_left_behind(field->name)) {
            out.append(block.substr(kept, field->begin - kept));
            kept = field->end;
        }
    }
    out.append(block.substr(kept));
    return out;
}

}  // namespace

StreamCopies::StreamCopies(world::World& world, Stream& target, Find find)
    : world_(world), target_(target), find_(std::move(find)) {
    look_again();
}

StreamCopies::~StreamCopies() {
    let_go();
}

void StreamCopies::let_go() {
    for (auto const& feed : feeds_) {
        Stream* const origin = find_(feed->source.name);
        if (origin != nullptr && origin == feed->origin) {
            origin->unfollow(*this);
        }
        feed->origin = nullptr;
    }
}

void StreamCopies::look_again() {
    StreamConfig const& config = target_.config();
    if (mirror_ != config.mirror || sources_ != config.sources) {
        let_go();
        make_feeds();
    }
    for (auto const& feed : feeds_) {
        Stream* const origin = find_(feed->source.name);
        if (origin != feed->origin) {
            // One that was made anew begins anew.
            feed->next = 0;
            feed->origin = origin;
        }
        if (origin != nullptr) {
            origin->follow(*this);
        }
    }
    plan();
}

void StreamCopies::make_feeds() {
    StreamConfig const& config = target_.config();
    mirror_ = config.mirror;
    sources_ = config.sources;
    feeds_.clear();
    if (mirror_) {
        feeds_.push_back(make_feed(*mirror_));
    }
    for (StreamSource const& source : sources_) {
        feeds_.push_back(make_feed(source));
    }
}

std::unique_ptr<StreamCopies::Feed> StreamCopies::make_feed(StreamSource const& source) const {
    auto feed = std::make_unique<Feed>();
    feed->source = source;
    feed->key = key_of(source);
    for (SubjectTransform const& one : source.transforms) {
        Part part{.filter = one.source, .destination = one.destination, .transform = {}};
        auto made =
            subject::Transform::create(one.source, one.destination, subject::TransformUse::Stream);
        if (made.ok() && !one.destination.empty()) {
            part.transform = std::move(made).value();
        }
        feed->parts.push_back(std::move(part));
    }
    if (feed->parts.empty()) {
        feed->parts.push_back({.filter = source.filter, .destination = {}, .transform = {}});
    }
    for (Part const& part : feed->parts) {
        if (!part.filter.empty()) {
            feed->filters.push_back(subject::Filter::from_checked(part.filter));
        }
    }
    return feed;
}

void StreamCopies::plan() {
    if (std::exchange(planned_, true)) {
        return;
    }
    world_.turn().defer([this, life = std::weak_ptr<char const>(life_)] {
        if (!life.expired()) {
            planned_ = false;
            pump();
        }
    });
}

void StreamCopies::pump() {
    if (!target_.is_leader()) {
        return;
    }
    bool more = false;
    for (auto const& feed : feeds_) {
        Stream* const origin = find_(feed->source.name);
        if (origin != nullptr && origin == feed->origin && !feed->fetching) {
            feed->last_contact = world_.clock().wall_now();
            more = pump(*feed, *origin) || more;
        }
    }
    if (more) {
        plan();
    }
}

std::uint64_t StreamCopies::first_of(Feed const& feed, Stream const& origin) const {
    std::uint64_t const known =
        target_.config().mirror ? target_.store_state().last : target_.source_position(feed.key);
    if (known > 0) {
        return known + 1;
    }
    if (feed.source.start_time) {
        return origin.store().first_not_before(*feed.source.start_time);
    }
    return std::max<std::uint64_t>(feed.source.start_sequence, 1);
}

/// True: there is more to do.
bool StreamCopies::pump(Feed& feed, Stream& origin) {
    if (feed.next == 0) {
        feed.next = first_of(feed, origin);
    }
    for (int count = 0; count < kAtOnce; ++count) {
        if (target_.bytes_waiting() > kMostWaiting) {
            return true;
        }
        Result<store::Load> const load = origin.read_next(feed.filters, feed.next);
        if (!load.ok()) {
            return false;
        }
        if (auto const* fetching = std::get_if<store::Fetching>(&load.value())) {
            feed.fetching = true;
            origin.store().when_fetched(
                fetching->ticket, [this, life = std::weak_ptr<char const>(life_), key = feed.key] {
                    if (!life.expired()) {
                        fetched(key);
                    }
                });
            return false;
        }
        auto const* found = std::get_if<store::Found>(&load.value());
        if (found == nullptr) {
            return false;
        }
        std::uint64_t const sequence = found->message.sequence;
        bool const taken =
            target_.config().mirror ? copy(feed, found->message) : gather(feed, found->message);
        if (!taken) {
            return false;
        }
        feed.next = sequence + 1;
    }
    return true;
}

void StreamCopies::fetched(std::string const& key) {
    for (auto const& feed : feeds_) {
        feed->fetching = feed->fetching && feed->key != key;
    }
    plan();
}

std::optional<StreamCopies::Fitting> StreamCopies::fit(Feed const& feed,
                                                       std::string_view text) const {
    auto const subject = subject::PublishSubject::from_token(text);
    for (Part const& part : feed.parts) {
        if (!part.filter.empty() && !subject::Filter::from_checked(part.filter).matches(subject)) {
            continue;
        }
        auto renamed =
            part.transform ? part.transform->apply(subject, world_.entropy()) : std::nullopt;
        return Fitting{&part, std::move(renamed).value_or(std::string(text))};
    }
    return std::nullopt;
}

bool StreamCopies::copy(Feed const& feed, store::StoredMessage const& message) {
    auto const fitting = fit(feed, message.subject);
    return !fitting ||
           target_.copy({.sequence = message.sequence,
                         .time = message.time,
                         .message = {fitting->subject, message.headers, message.payload}});
}

bool StreamCopies::gather(Feed const& feed, store::StoredMessage const& message) {
    auto const fitting = fit(feed, message.subject);
    if (!fitting) {
        return true;
    }
    auto const or_all = [](std::string const& text) {
        return text.empty() ? std::string_view(">") : std::string_view(text);
    };
    std::string const origin =
        concat(feed.source.name, " ", message.sequence, " ", or_all(fitting->part->filter), " ",
               or_all(fitting->part->destination), " ", message.subject);
    std::string const headers =
        protocol::with_header(without_requests(message.headers), kSourceHeader, origin);
    return target_.gather({.key = feed.key,
                           .sequence = message.sequence,
                           .message = {fitting->subject, headers, message.payload}});
}

std::uint64_t StreamCopies::lag_of(Feed const& feed, Stream const& origin) const {
    std::uint64_t const next = feed.next > 0 ? feed.next : first_of(feed, origin);
    return origin.store().count_from(feed.filters, next);
}

std::vector<CopyProgress> StreamCopies::progress() const {
    std::vector<CopyProgress> all;
    for (auto const& feed : feeds_) {
        Stream const* const origin = find_(feed->source.name);
        all.push_back({.source = &feed->source,
                       .lag = origin == nullptr ? 0 : lag_of(*feed, *origin),
                       .last_contact = feed->last_contact});
    }
    return all;
}

}  // namespace signalbox::jetstream
