#pragma once

#include "engine/subject/interest_index.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::jetstream {

class FilterGroup;

/// Someone who reads a stream from some sequence on, and wants to know how much is left.
class Reader {
public:
    Reader() = default;
    Reader(Reader const&) = delete;
    Reader& operator=(Reader const&) = delete;
    virtual ~Reader() = default;

    /// Messages that it has yet to take.
    std::uint64_t left() const;
    /// One of them was taken.
    void took() { ++taken_; }
    /// From now on it is so many.
    void set_left(std::uint64_t count);
    /// The first sequence that it has not looked at.
    std::uint64_t next() const { return next_; }

    FilterGroup& group() const { return *group_; }

protected:
    /// Something was stored for it, and it waits for that.
    virtual void wake() = 0;
    /// Whether the message is among those left, when it is one that the filters let through and
    /// that is at or after `next`.
    virtual bool counts(std::uint64_t) const { return true; }
    void set_next(std::uint64_t next) { next_ = next; }
    void set_next_back(std::uint64_t next);
    /// `wake` is called once, with the next message.
    void wait_for_more();

private:
    friend class FilterGroup;
    friend class FilterGroups;

    FilterGroup* group_ = nullptr;
    std::uint64_t taken_ = 0;  ///< Counted as the group counts what was stored.
    std::uint64_t next_ = 1;
    bool waits_ = false;
};

/// All readers with the same filters: what is stored is counted for them together, so that ten
/// thousand readers cost a message no more than one, but for those that wait for it.
class FilterGroup {
public:
    std::vector<std::string> const& filters() const { return filters_; }
    bool empty() const { return readers_.empty(); }

private:
    friend class Reader;
    friend class FilterGroups;

    void stored();
    void removing(std::uint64_t sequence);

    std::vector<std::string> filters_;
    std::uint64_t stored_ = 0;
    std::vector<Reader*> readers_;
    std::vector<Reader*> waiting_;
    /// No reader's `next` is below; where all are is only looked up when it matters.
    std::uint64_t lowest_next_ = 0;
    subject::SubscriptionId id_;
};

/// The groups of one stream, found by subject.
class FilterGroups {
public:
    /// `reader` is in no group yet; it leaves before it goes.
    void join(Reader& reader, std::vector<std::string> filters);
    void leave(Reader& reader);

    void stored(subject::PublishSubject subject);
    void removing(std::uint64_t sequence, subject::PublishSubject subject);

    /// Whether any reader's filters let it through.
    bool any_wants(subject::PublishSubject subject) const;

private:
    template <class Visit>
    void for_each_group(subject::PublishSubject subject, Visit visit);

    std::map<std::vector<std::string>, std::unique_ptr<FilterGroup>> groups_;
    std::vector<FilterGroup*> by_id_;  ///< By index of the id; null: free.
    FilterGroup* all_ = nullptr;       ///< Of readers without filters; null: there are none.
    subject::InterestIndex index_;
    mutable subject::Interest interest_;  ///< Reused.
};

}  // namespace signalbox::jetstream
