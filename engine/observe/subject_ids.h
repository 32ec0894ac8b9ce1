#pragma once

#include "engine/base/counter.h"
#include "engine/observe/chunk_list.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::observe {

/// Names a subject of an account, or a filter that someone subscribed to. Given in the order of
/// appearing and never reused.
using SubjectId = std::uint32_t;

/// The id that all subjects past the budget share.
inline constexpr SubjectId kFolded = 0;

/// One subject with its counters, in one cache line, for a publish touches no other.
struct alignas(64) SubjectEntry {
    Counter msgs;
    Counter bytes;
    Counter last_seen;  ///< Milliseconds of the wall clock; 0: never.
    Counter last;       ///< The last message: its size above, its receivers in the lower half.
    Counter publisher;  ///< The stamp of the last publisher.
    Counter interest;   ///< Its set of publishers, from 1, above; its subscriptions below.
    /// Stands still once published.
    char const* text = nullptr;
    std::uint32_t size = 0;
    std::uint32_t account = 0;

    std::string_view subject() const { return {text, size}; }
    std::uint32_t last_size() const { return static_cast<std::uint32_t>(last.get() >> 32); }
    std::uint32_t receivers() const { return static_cast<std::uint32_t>(last.get()); }
    std::uint32_t subscribers() const { return static_cast<std::uint32_t>(interest.get()); }
};

/// What was published at once.
struct PublishedRun {
    std::uint64_t msgs = 1;
    std::uint64_t bytes = 0;      ///< Of headers and payloads of all.
    std::uint64_t last_size = 0;  ///< Of the last message.
    std::uint64_t cid = 0;
    std::uint32_t recipients = 0;  ///< Of each message.
};

/// Counts what is published on each subject.
///
/// The engine's thread gives ids and counts, without a lock and, but for new subjects, without
/// taking memory; one other thread reads. Subjects past the budget share the id `kFolded`, so do
/// inboxes past their part of it, which would else crowd out everything a person looks for.
class SubjectIds {
public:
    explicit SubjectIds(std::size_t budget = 1'000'000);

    /// The engine's side: the id of a subject, a new one when it has none yet, or `kFolded`.
    SubjectId id_for(std::string_view account, std::string_view subject);

    /// The engine's side: messages of one connection, one right after the other.
    void published(SubjectId id, PublishedRun const& run, std::int64_t now_ms) {
        SubjectEntry& entry = entries_[id];
        entry.msgs.add(run.msgs);
        entry.bytes.add(run.bytes);
        entry.last_seen.set(static_cast<std::uint64_t>(now_ms));
        entry.last.set(run.last_size << 32 | run.recipients);
        std::uint64_t const stamp = stamp_of(run.cid, now_ms);
        if (entry.publisher.get() != stamp) {
            record_publisher(entry, stamp);
        }
    }

    /// The engine's side: `change` subscriptions on exactly this filter came or, below zero, went.
    void subscribed(std::string_view account, std::string_view filter, int change);

    /// The reader's side: all ids below have an entry; the first is that of `kFolded`.
    std::size_t count() const { return entries_.published(); }
    SubjectEntry const& entry(SubjectId id) const { return entries_[id]; }

    /// The reader's side: calls `visit(id, entry)` for the ids from `first` to before `end`.
    template <class Visit>
    void for_each(SubjectId first, SubjectId end, Visit visit) const {
        while (first < end) {
            std::size_t const length =
                std::min<std::size_t>(Entries::run_length(first), end - first);
            SubjectEntry const* const run = entries_.run_at(first);
            for (std::size_t i = 0; i < length; ++i) {
                visit(first++, run[i]);
            }
        }
    }

    /// The reader's side: distinct connections that published on it in the minute before `now_ms`,
    /// at most `kPublisherCap`.
    std::uint32_t publishers(SubjectId id, std::int64_t now_ms) const;

    static constexpr std::size_t kPublisherCap = 16;
    /// Subjects that may have more than one publisher counted.
    static constexpr std::size_t kMaxSets = std::size_t{1} << 17;

private:
    using Entries = ChunkList<SubjectEntry, 1024>;

    /// Where an id is found; kept in many small tables, so that none takes long to grow.
    struct Slot {
        std::uint32_t hash = 0;
        SubjectId id = 0;  ///< 0: free.
    };
    struct Table {
        std::vector<Slot> places;  ///< `slots` would be a word of Qt where a test includes both.
        std::size_t used = 0;
    };
    struct PublisherSet {
        std::array<Counter, kPublisherCap> stamps;
    };

    /// A connection and when, in units of 1,024 ms, in one word. 0 is no publisher.
    static constexpr unsigned kTimeBits = 24;
    static constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << kTimeBits) - 1;
    static constexpr std::uint64_t kMinute = 60'000 >> 10;

    static std::uint64_t stamp_of(std::uint64_t cid, std::int64_t now_ms) {
        return cid << kTimeBits | (static_cast<std::uint64_t>(now_ms) >> 10 & kTimeMask);
    }
    static bool is_fresh(std::uint64_t stamp, std::uint64_t now) {
        return stamp >> kTimeBits != 0 && ((now - stamp) & kTimeMask) <= kMinute;
    }

    void record_publisher(SubjectEntry& entry, std::uint64_t stamp);
    std::uint32_t account_index(std::string_view account);
    SubjectId append(std::uint32_t account, std::string_view subject);
    char const* keep(std::string_view text);
    static void grow(Table& table);

    std::size_t budget_;
    std::size_t inbox_budget_;
    std::size_t inboxes_ = 0;
    std::vector<std::string> accounts_;
    std::array<Table, 256> tables_;

    std::vector<std::unique_ptr<char[]>> blocks_;  ///< Hold the names.
    char* block_at_ = nullptr;
    std::size_t block_left_ = 0;

    Entries entries_;
    ChunkList<PublisherSet, 256> sets_;
};

}  // namespace signalbox::observe
