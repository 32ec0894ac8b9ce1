#pragma once

#include "engine/host/jetstream/jetstream_asker.h"

#include <functional>
#include <memory>
#include <string>

namespace signalbox::host {

/// Reads messages of one stream where they lie. Never makes a consumer, so nothing is consumed, and
/// nobody's position moves.
///
/// By batches of direct get (ADR-31); where the stream or the server has none, one after the other
/// by STREAM.MSG.GET. What lies before a sequence is found by asking how many match from a place
/// on, at places ever further back.
class MessageReader {
public:
    using OnRead = std::function<void(Result<MessagesRead>)>;

    /// `done` is called once, never from within a call, and may destroy the reader. Errors:
    /// NotFound (no such stream), Unavailable, TimedOut, Closed, Malformed, InvalidArgument (this
    /// server cannot look by time).
    MessageReader(JetStreamAsker& asker, MessageRange range, OnRead done);
    ~MessageReader();

    MessageReader(MessageReader const&) = delete;
    MessageReader& operator=(MessageReader const&) = delete;

    void start();

private:
    enum class Way {
        Batches,
        OneByOne,
    };
    /// The search for where the last ones begin: fewer than wanted match from `too_late` on.
    struct Search {
        std::uint64_t first = 0;
        std::uint64_t upper = 0;  ///< Exclusive.
        std::uint64_t matching_after = 0;
        std::uint64_t enough = 0;  ///< A place from which enough match; 0: none known.
        std::uint64_t too_late = 0;
        std::uint64_t at = 0;
        std::uint64_t step = 0;
        int steps = 0;
    };

    void begin(Json const& info);
    void begin_search(Json const* state, std::uint64_t last);
    void search();
    void searched(std::uint64_t matching);
    void probe(std::uint64_t sequence, std::function<void(std::uint64_t)> done);

    void forward(std::uint64_t sequence, std::size_t limit);
    void ask_batch(std::string const& body);
    void take_batch(client::Incoming const& message);
    void next_one();
    void took_one(StoredMessagePtr message);
    void fall_back();
    void arrived(bool more);

    std::string body_at(std::uint64_t sequence, std::size_t batch) const;
    void add(StoredMessagePtr message);
    bool full() const;
    void wait();
    void end_waiting();
    void finish(Result<MessagesRead> result);

    JetStreamAsker& asker_;
    MessageRange const range_;
    OnRead done_;
    Way way_ = Way::Batches;
    Search search_;
    MessagesRead read_;
    std::uint64_t bytes_ = 0;
    std::size_t wanted_ = 0;
    std::uint64_t next_ = 0;  ///< Sequence to go on from.
    bool by_time_ = false;
    client::Sid inbox_ = 0;
    world::TimerId patience_;
    std::shared_ptr<bool> const alive_ = std::make_shared<bool>(true);
};

/// The newest message on each subject, several under way at a time.
class LastReader {
public:
    using OnRead = std::function<void(Result<LastRead>)>;

    /// As the other reader's.
    LastReader(JetStreamAsker& asker, ReadLast order, OnRead done);

    void start();

private:
    static constexpr std::size_t kAtATime = 32;

    void ask_more();
    void ask_direct(std::size_t index);
    void ask_leader(std::size_t index);
    void took(std::size_t index, StoredMessagePtr message);
    void failed(Error const& error);

    JetStreamAsker& asker_;
    ReadLast const order_;
    OnRead done_;
    LastRead read_;
    std::size_t next_ = 0;
    std::size_t under_way_ = 0;
    bool direct_ = true;
    std::shared_ptr<bool> const alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::host
