#include "engine/jetstream/consumer/consumer.h"

#include "engine/jetstream/consumer/consumer_service.h"

#include <algorithm>
#include <utility>

namespace signalbox::jetstream {

Consumer::Consumer(ConsumerHome& home, std::uint64_t id, ConsumerConfig config, WallTime created)
    : home_(home), id_(id), config_(std::move(config)), created_(created) {
    take_filters();
}

Consumer::~Consumer() {
    service_.reset();
    home_.groups().leave(*this);
}

void Consumer::take_filters() {
    filter_texts_ = config_.filters();
    filters_.clear();
    for (std::string const& text : filter_texts_) {
        filters_.push_back(subject::Filter::from_checked(text));
    }
}

bool Consumer::matches(subject::PublishSubject subject) const {
    return filters_.empty() || std::ranges::any_of(filters_, [&](subject::Filter const& filter) {
               return filter.matches(subject);
           });
}

void Consumer::start() {
    store::StreamStore& store = home_.host().store();
    set_next(start_sequence(store));
    if (config_.start.policy == DeliverPolicy::LastPerSubject) {
        list_last_per_subject(store);
    }
    state_ = ConsumerState(config_.acks.policy, next());
    home_.groups().join(*this, filter_texts_);
    recount();
}

std::uint64_t Consumer::start_sequence(store::StreamStore& store) const {
    store::StoreState const& held = store.state();
    switch (config_.start.policy) {
        case DeliverPolicy::All:
        case DeliverPolicy::LastPerSubject:
            return std::max<std::uint64_t>(held.first, 1);
        case DeliverPolicy::Last: {
            std::uint64_t const last = filters_.empty() ? held.last : store.totals(filters_).last;
            return last == 0 ? held.last + 1 : last;
        }
        case DeliverPolicy::New:
            return held.last + 1;
        case DeliverPolicy::ByStartSequence:
            return std::max(config_.start.sequence, std::max<std::uint64_t>(held.first, 1));
        case DeliverPolicy::ByStartTime:
            return store.first_not_before(config_.start.time.value_or(WallTime()));
    }
    return 1;
}

void Consumer::list_last_per_subject(store::StreamStore& store) {
    if (home_.host().facts().max_messages_per_subject == 1) {
        return;  // There is no other message on any subject.
    }
    std::vector<std::uint64_t> lasts;
    for (subject::Filter const& filter : filters_) {
        store.visit_subjects(filter, [&](store::SubjectState const& state) {
            lasts.push_back(state.last);
            return true;
        });
    }
    std::ranges::sort(lasts);
    firsts_.assign(lasts.begin(), lasts.end());
    set_next(firsts_.empty() ? store.state().last + 1 : firsts_.front());
}

void Consumer::recount() {
    store::StreamStore& store = home_.host().store();
    if (firsts_.empty()) {
        set_left(store.count_from(filters_, next()));
    } else {
        set_left(firsts_.size() + store.count_from(filters_, firsts_.back() + 1));
    }
}

bool Consumer::counts(std::uint64_t sequence) const {
    return firsts_.empty() || sequence > firsts_.back() ||
           std::ranges::binary_search(firsts_, sequence);
}

void Consumer::wake() {
    if (service_) {
        service_->wake();
    }
}

Result<store::Load> Consumer::next_message() {
    store::StreamStore& store = home_.host().store();
    while (!firsts_.empty()) {
        store::Load load = TRY(store.load(firsts_.front()));
        if (!std::holds_alternative<store::NotFound>(load)) {
            return load;
        }
        firsts_.pop_front();
    }
    if (next() > store.state().last) {
        return store::Load(store::NotFound{});
    }
    store::Load load = TRY(store.load_next(filters_, next()));
    if (std::holds_alternative<store::NotFound>(load)) {
        set_next(store.state().last + 1);
    } else if (auto const* const found = std::get_if<store::Found>(&load)) {
        set_next(found->message.sequence);
    }
    return load;
}

void Consumer::advance(std::uint64_t sequence, WallTime now) {
    state_.deliver(sequence, now);
    home_.note_pending(sequence);
    if (!firsts_.empty() && firsts_.front() == sequence) {
        firsts_.pop_front();
        took();
        set_next(firsts_.empty() ? sequence + 1 : firsts_.front());
        return;
    }
    took();
    set_next(sequence + 1);
}

void Consumer::apply(Progress const& progress, WallTime now) {
    switch (progress.kind) {
        case Progress::Kind::Delivered:
            for (std::uint64_t i = 0; i < progress.count; ++i) {
                // What the saved state knew already comes once more from the log.
                if (progress.consumer_sequence + i > state_.delivered().consumer_sequence) {
                    advance(progress.sequence + i, now);
                }
            }
            return;
        case Progress::Kind::Redelivered:
            if (progress.consumer_sequence > state_.delivered().consumer_sequence) {
                state_.redeliver(progress.sequence, now);
            }
            return;
        case Progress::Kind::Acked:
            for (std::uint64_t i = 0; i < progress.count; ++i) {
                state_.ack(progress.sequence + i);
            }
            return;
        case Progress::Kind::AckedAll:
            state_.ack_all(progress.sequence, [](PendingDelivery const&) {});
            return;
        case Progress::Kind::Exceeded:
            state_.exceed(progress.sequence);
            return;
        case Progress::Kind::Delayed:
            if (PendingDelivery* const delivery = state_.find(progress.sequence)) {
                delivery->due = progress.due;
            }
            return;
        case Progress::Kind::Release:
            return;
    }
}

void Consumer::change(ConsumerConfig config) {
    bool const filters_differ = config.filters() != config_.filters();
    config_ = std::move(config);
    if (filters_differ) {
        home_.groups().leave(*this);
        take_filters();
        home_.groups().join(*this, filter_texts_);
        recount();
    }
    if (service_) {
        service_->config_changed();
    }
}

void Consumer::reset(std::uint64_t next) {
    state_.reset(next);
    firsts_.clear();
    set_next_back(next);
    recount();
    if (service_) {
        service_->restart();
    }
}

void Consumer::purged(std::uint64_t first, std::string_view filter) {
    if (filter.empty() && first > next()) {
        state_.skip_to(first);
        set_next(first);
    }
    std::erase_if(firsts_, [&](std::uint64_t one) { return filter.empty() && one < first; });
    std::vector<std::uint64_t> gone;
    store::StreamStore& store = home_.host().store();
    state_.for_each_pending([&](PendingDelivery const& delivery) {
        if (filter.empty()) {
            if (delivery.stream_sequence < first) {
                gone.push_back(delivery.stream_sequence);
            }
            return;
        }
        Result<store::Load> const load = store.load(delivery.stream_sequence);
        if (load.ok() && std::holds_alternative<store::NotFound>(load.value())) {
            gone.push_back(delivery.stream_sequence);
        }
    });
    for (std::uint64_t const sequence : gone) {
        state_.forget(sequence);
    }
    recount();
}

void Consumer::removing(std::uint64_t sequence) {
    if (service_ && state_.find(sequence) != nullptr) {
        service_->message_removed(sequence);
    }
    state_.forget(sequence);
}

void Consumer::save(std::string& out) const {
    append_varint(out, id_);
    append_varint(out, static_cast<std::uint64_t>(created_.since_epoch().count()));
    JsonWriter json;
    write_consumer_config(json, config_, {});
    append_text(out, json.text());
    state_.save(out);
    append_varint(out, next());
    append_varint(out, firsts_.size());
    for (std::uint64_t const sequence : firsts_) {
        append_varint(out, sequence);
    }
}

Result<void> Consumer::restore(VarintReader& in) {
    state_ = TRY(ConsumerState::restore(in));
    set_next(in.number());
    for (std::uint64_t left = in.number(); left > 0 && in.sound(); --left) {
        firsts_.push_back(in.number());
    }
    if (!in.sound()) {
        return Error(Errc::Corrupt, "a consumer");
    }
    home_.groups().join(*this, filter_texts_);
    recount();
    return {};
}

void Consumer::serve() {
    if (service_ == nullptr) {
        service_ = std::make_unique<ConsumerService>(home_, *this);
    }
}

void Consumer::stop_serving() {
    service_.reset();
}

}  // namespace signalbox::jetstream
