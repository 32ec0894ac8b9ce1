#pragma once

#include "engine/store/stream_store.h"
#include "engine/world/turn.h"

#include <map>
#include <set>
#include <string>

namespace signalbox::store {

/// The messages of one stream in ordinary maps: slow, and so plain that others are compared with
/// it.
class MemoryStore final : public StreamStore {
public:
    MemoryStore(world::Turn& turn, Medium medium) : turn_(turn), medium_(medium) {}

    using StreamStore::load_last;
    Result<void> append(StoredMessage const& message) override;
    void skip(Sequence last) override;
    Result<Load> load(Sequence sequence) override;
    Result<Load> load_next(Filters filters, Sequence from) override;
    Result<Load> load_previous(Filters filters, Sequence from) override;
    Result<Load> load_last(std::string_view subject, Sequence up_to) override;
    void when_fetched(FetchTicket ticket, std::function<void()> resume) override;
    Result<bool> erase(Sequence sequence, EraseMode mode) override;
    Result<void> compact(Sequence first) override;
    StoreState const& state() const override { return state_; }
    std::optional<SubjectState> subject_state(std::string_view subject) const override;
    void visit_subjects(subject::Filter filter,
                        std::function<bool(SubjectState const&)> const& visit) const override;
    FilterTotals totals(Filters filters) const override;
    std::uint64_t count_from(Filters filters, Sequence from) const override;
    Sequence first_not_before(WallTime time) const override;
    void visit_deleted(std::function<bool(Sequence, Sequence)> const& visit) const override;

private:
    struct Kept {
        WallTime time;
        std::string subject;
        std::string headers;
        std::string payload;
    };
    using Messages = std::map<Sequence, Kept>;

    static StoredMessage view(Messages::value_type const& kept);
    void forget(Messages::iterator at);
    void update_state();

    world::Turn& turn_;
    Medium medium_;
    Messages messages_;
    std::map<std::string, std::set<Sequence>, std::less<>> subjects_;
    StoreState state_;
};

}  // namespace signalbox::store
