#include "engine/host/jetstream/message_reader.h"

#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/host/jetstream/json_fields.h"

#include <algorithm>
#include <utility>

namespace signalbox::host {

namespace {

/// `err_code` of an API that finds no message there.
constexpr std::int64_t kNoMessage = 10'037;
/// How often it is looked further back or in between before what was found has to do.
constexpr int kMostSteps = 72;
/// Without batches each message is a round trip, so that is looked back less far.
constexpr int kMostStepsOneByOne = 3;

}  // namespace

MessageReader::MessageReader(JetStreamAsker& asker, MessageRange range, OnRead done)
    : asker_(asker), range_(std::move(range)), done_(std::move(done)) {}

MessageReader::~MessageReader() {
    end_waiting();
}

void MessageReader::start() {
    by_time_ = range_.from == MessageRange::From::Time;
    // First, for old servers leave a direct get unanswered where the stream allows none.
    asker_.ask(
        concat("STREAM.INFO.", range_.stream), {},
        [this, alive = std::weak_ptr(alive_)](ApiReply const& reply) {
            if (!alive.expired()) {
                begin(reply.json);
            }
        },
        [this, alive = std::weak_ptr(alive_)](ApiFailure const& failure) {
            if (!alive.expired()) {
                finish(failure.error);
            }
        });
}

void MessageReader::begin(Json const& info) {
    Json const* const state = info.find("state");
    std::uint64_t const last = fields::count(state, "last_seq");
    way_ = fields::flag(info.find("config"), "allow_direct") ? Way::Batches : Way::OneByOne;
    if (range_.from == MessageRange::From::Before) {
        begin_search(state, last);
    } else if (!by_time_ && range_.sequence > last) {
        finish(MessagesRead());
    } else {
        forward(std::max<std::uint64_t>(1, range_.sequence), range_.limit);
    }
}

void MessageReader::begin_search(Json const* state, std::uint64_t last) {
    bool const dense = range_.filter.empty() && fields::count(state, "num_deleted") == 0;
    search_.first = std::max<std::uint64_t>(1, fields::count(state, "first_seq"));
    search_.upper = range_.sequence == 0 ? last + 1 : std::min(range_.sequence, last + 1);
    if (fields::count(state, "messages") == 0 || search_.upper <= search_.first) {
        finish(MessagesRead());
        return;
    }
    search_.step = range_.limit;
    search_.too_late = search_.upper;
    search_.at = search_.upper - std::min<std::uint64_t>(range_.limit, search_.upper - 1);
    search_.at = std::max(search_.at, search_.first);
    if (dense) {
        forward(search_.at, static_cast<std::size_t>(search_.upper - search_.at));
        return;
    }
    if (search_.upper > last) {
        search();
        return;
    }
    probe(search_.upper, [this](std::uint64_t matching) {
        search_.matching_after = matching;
        search();
    });
}

void MessageReader::search() {
    if (way_ == Way::OneByOne) {
        // How many match is not told: they are read, and the last ones are kept.
        forward(search_.at, range_.limit * 24);
        return;
    }
    probe(search_.at, [this](std::uint64_t matching) {
        searched(matching - std::min(matching, search_.matching_after));
    });
}

void MessageReader::searched(std::uint64_t matching) {
    ++search_.steps;
    std::uint64_t const limit = range_.limit;
    bool const enough = matching >= limit || search_.at == search_.first;
    bool const close = matching <= limit * 2 || search_.steps >= kMostSteps;
    if (enough && (close || search_.too_late - search_.at <= 1)) {
        forward(search_.at, static_cast<std::size_t>(std::min(matching, limit * 4)));
        return;
    }
    if (enough) {
        search_.enough = search_.at;
    } else {
        search_.too_late = search_.at;
    }
    if (search_.enough != 0) {
        search_.at = search_.enough + (search_.too_late - search_.enough) / 2;
        if (search_.at == search_.enough) {
            forward(search_.at, static_cast<std::size_t>(limit * 2));
            return;
        }
    } else {
        search_.step *= 4;
        std::uint64_t const back = std::min(search_.step, search_.at - search_.first);
        search_.at -= back;
    }
    search();
}

void MessageReader::probe(std::uint64_t sequence, std::function<void(std::uint64_t)> done) {
    asker_.client().unsubscribe(inbox_);
    std::string const inbox = asker_.new_inbox();
    auto const answered = std::make_shared<bool>(false);
    Result<client::Sid> const sid = asker_.client().subscribe(
        inbox, {}, [this, answered, done = std::move(done)](client::Incoming const& message) {
            if (*answered) {
                return;  // the end of the batch
            }
            *answered = true;
            end_waiting();
            int const status = status_of(message.headers);
            std::optional<std::uint64_t> const pending = pending_after(message.headers);
            if (status == 404) {
                done(0);
            } else if (pending) {
                done(*pending + 1);
            } else {
                fall_back();
            }
        });
    if (!sid.ok()) {
        finish(sid.error());
        return;
    }
    inbox_ = sid.value();
    std::string const body = body_at(sequence, 1);
    std::string const subject = concat("$JS.API.DIRECT.GET.", range_.stream);
    Result<void> const sent =
        asker_.client().publish({.subject = subject, .reply = inbox, .payload = body});
    if (!sent.ok()) {
        finish(sent.error());
        return;
    }
    wait();
}

std::string MessageReader::body_at(std::uint64_t sequence, std::size_t batch) const {
    JsonWriter body;
    body.begin_object();
    if (by_time_ && next_ == 0) {
        body.field("start_time", range_.time);
    } else {
        body.field("seq", sequence);
    }
    bool const all = range_.filter.empty();
    if (!all || way_ == Way::OneByOne) {
        body.field("next_by_subj", all ? std::string_view(">") : std::string_view(range_.filter));
    }
    if (way_ == Way::Batches) {
        body.field("batch", batch).field("max_bytes", range_.max_bytes);
    }
    return body.end_object().take();
}

void MessageReader::forward(std::uint64_t sequence, std::size_t limit) {
    wanted_ = limit;
    read_ = {};
    bytes_ = 0;
    next_ = by_time_ ? 0 : sequence;
    if (limit == 0) {
        arrived(false);
    } else if (way_ == Way::Batches) {
        ask_batch(body_at(sequence, limit));
    } else {
        next_one();
    }
}

void MessageReader::ask_batch(std::string const& body) {
    asker_.client().unsubscribe(inbox_);
    std::string const inbox = asker_.new_inbox();
    Result<client::Sid> const sid = asker_.client().subscribe(
        inbox, {}, [this](client::Incoming const& message) { take_batch(message); });
    if (!sid.ok()) {
        finish(sid.error());
        return;
    }
    inbox_ = sid.value();
    std::string const subject = concat("$JS.API.DIRECT.GET.", range_.stream);
    Result<void> const sent =
        asker_.client().publish({.subject = subject, .reply = inbox, .payload = body});
    if (!sent.ok()) {
        finish(sent.error());
        return;
    }
    wait();
}

void MessageReader::take_batch(client::Incoming const& incoming) {
    wait();
    int const status = status_of(incoming.headers);
    std::optional<std::uint64_t> const pending = pending_after(incoming.headers);
    if (status == 204 || status == 404) {
        bool const more = pending.value_or(0) > 0;
        read_.cut = more && read_.messages.size() < wanted_;
        arrived(more);
        return;
    }
    if (status == 408 && by_time_) {
        finish(Error(Errc::InvalidArgument,
                     "this server cannot look by time: nats-server can since 2.11"));
        return;
    }
    Result<StoredMessagePtr> message = read_direct(incoming.headers, incoming.payload);
    if (status == 503 || (message.ok() && !pending)) {
        fall_back();
    } else if (message.ok()) {
        add(std::move(message).value());
    } else {
        finish(message.error());
    }
}

/// The stream or the server has no batches.
void MessageReader::fall_back() {
    end_waiting();
    way_ = Way::OneByOne;
    if (range_.from == MessageRange::From::Before) {
        search();
    } else {
        forward(std::max<std::uint64_t>(1, range_.sequence), range_.limit);
    }
}

void MessageReader::next_one() {
    asker_.ask(
        concat("STREAM.MSG.GET.", range_.stream), body_at(next_, 1),
        [this, alive = std::weak_ptr(alive_)](ApiReply const& reply) {
            if (alive.expired()) {
                return;
            }
            if (Result<StoredMessagePtr> message = read_got(reply.json); message.ok()) {
                took_one(std::move(message).value());
            } else {
                finish(message.error());
            }
        },
        [this, alive = std::weak_ptr(alive_)](ApiFailure const& failure) {
            if (alive.expired()) {
                return;
            }
            if (failure.code == kNoMessage) {
                arrived(false);
            } else {
                finish(failure.error);
            }
        });
}

void MessageReader::took_one(StoredMessagePtr message) {
    bool const past =
        range_.from == MessageRange::From::Before && message->sequence >= search_.upper;
    // Some old servers begin anew where nothing more matches.
    bool const again = message->sequence < next_;
    next_ = message->sequence + 1;
    if (past || again) {
        arrived(false);
        return;
    }
    add(std::move(message));
    if (full()) {
        read_.cut = read_.messages.size() < wanted_;
        arrived(true);
    } else {
        next_one();
    }
}

void MessageReader::add(StoredMessagePtr message) {
    bytes_ += message->payload.size() + message->headers.size() + message->subject.size();
    read_.messages.push_back(std::move(message));
}

bool MessageReader::full() const {
    return read_.messages.size() >= wanted_ || bytes_ >= range_.max_bytes;
}

void MessageReader::arrived(bool more) {
    end_waiting();
    if (range_.from != MessageRange::From::Before) {
        read_.more = more;
        finish(std::move(read_));
        return;
    }
    std::erase_if(read_.messages,
                  [&](StoredMessagePtr const& one) { return one->sequence >= search_.upper; });
    bool const few = way_ == Way::OneByOne && read_.messages.size() < range_.limit;
    if (few && search_.at > search_.first && ++search_.steps < kMostStepsOneByOne) {
        search_.step *= 4;
        search_.at -= std::min(search_.step, search_.at - search_.first);
        search();
        return;
    }
    if (read_.messages.size() > range_.limit) {
        auto const surplus = read_.messages.size() - range_.limit;
        read_.messages.erase(read_.messages.begin(),
                             read_.messages.begin() + static_cast<std::ptrdiff_t>(surplus));
    }
    finish(std::move(read_));
}

void MessageReader::wait() {
    world::Timers& timers = asker_.world().timers();
    timers.cancel(patience_);
    patience_ = timers.call_at(asker_.world().clock().now() + JetStreamAsker::kPatience, [this] {
        patience_ = {};
        finish(Error(Errc::TimedOut, "no answer in time"));
    });
}

void MessageReader::end_waiting() {
    asker_.world().timers().cancel(patience_);
    patience_ = {};
    if (inbox_ != 0) {
        asker_.client().unsubscribe(std::exchange(inbox_, 0));
    }
}

void MessageReader::finish(Result<MessagesRead> result) {
    end_waiting();
    if (!done_) {
        return;
    }
    asker_.world().turn().defer([alive = std::weak_ptr(alive_), result = std::move(result),
                                 done = std::exchange(done_, nullptr)] {
        if (!alive.expired()) {
            done(result);
        }
    });
}

LastReader::LastReader(JetStreamAsker& asker, ReadLast order, OnRead done)
    : asker_(asker), order_(std::move(order)), done_(std::move(done)) {}

void LastReader::start() {
    read_.messages.resize(order_.subjects.size());
    asker_.ask(
        concat("STREAM.INFO.", order_.stream), {},
        [this, alive = std::weak_ptr(alive_)](ApiReply const& reply) {
            if (!alive.expired()) {
                direct_ = fields::flag(reply.json.find("config"), "allow_direct");
                ask_more();
            }
        },
        [this, alive = std::weak_ptr(alive_)](ApiFailure const& failure) {
            if (!alive.expired()) {
                failed(failure.error);
            }
        });
}

void LastReader::ask_more() {
    while (under_way_ < kAtATime && next_ < order_.subjects.size()) {
        ++under_way_;
        if (direct_) {
            ask_direct(next_++);
        } else {
            ask_leader(next_++);
        }
    }
    if (under_way_ == 0 && done_) {
        asker_.world().turn().defer([alive = std::weak_ptr(alive_), read = std::move(read_),
                                     done = std::exchange(done_, nullptr)] {
            if (!alive.expired()) {
                done(read);
            }
        });
    }
}

void LastReader::ask_direct(std::size_t index) {
    JsonWriter body;
    body.begin_object().field("last_by_subj", order_.subjects[index]).end_object();
    asker_.fetch(concat("DIRECT.GET.", order_.stream), body.text(),
                 [this, index, alive = std::weak_ptr(alive_)](Result<StoredMessagePtr> message) {
                     if (alive.expired()) {
                         return;
                     }
                     if (message.ok()) {
                         took(index, std::move(message).value());
                     } else if (message.error().code() == Errc::NotFound) {
                         took(index, nullptr);
                     } else if (message.error().code() == Errc::Unavailable) {
                         direct_ = false;
                         ask_leader(index);
                     } else {
                         failed(message.error());
                     }
                 });
}

void LastReader::ask_leader(std::size_t index) {
    JsonWriter body;
    body.begin_object().field("last_by_subj", order_.subjects[index]).end_object();
    asker_.ask(
        concat("STREAM.MSG.GET.", order_.stream), body.text(),
        [this, index, alive = std::weak_ptr(alive_)](ApiReply const& reply) {
            if (!alive.expired()) {
                took(index, read_got(reply.json).value_or(nullptr));
            }
        },
        [this, index, alive = std::weak_ptr(alive_)](ApiFailure const& failure) {
            if (alive.expired()) {
                return;
            }
            if (failure.code == kNoMessage) {
                took(index, nullptr);
            } else {
                failed(failure.error);
            }
        });
}

void LastReader::took(std::size_t index, StoredMessagePtr message) {
    --under_way_;
    read_.messages[index] = std::move(message);
    ask_more();
}

void LastReader::failed(Error const& error) {
    if (done_) {
        asker_.world().turn().defer(
            [alive = std::weak_ptr(alive_), error, done = std::exchange(done_, nullptr)] {
                if (!alive.expired()) {
                    done(error);
                }
            });
    }
}

}  // namespace signalbox::host
